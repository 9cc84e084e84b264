# What the registry says of the agent's version, as npm tells it: a fact to be read with care.
exec </dev/null
lock npm
npm_ground
answer=$(as_npm "$NPM_WORK/home" npm view "openclaw@$VERSION" version engines.node dist.integrity --json --loglevel=silent |
  told 60000) || true
npm_quiet
fact registry_answer "$answer"
