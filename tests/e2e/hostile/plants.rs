//! What a hostile user lays wherever it may write: names that shells, npm, Node, git, curl and our own
//! scripts look for, as programs that would tell, as pipes that would hold a reader, and as links.

/// Shell that makes the folder for traces, as root.
pub const PREPARE: &str = "install -d -m 1777 /var/tmp/ran";

/// Shell that prints what ran, as root.
pub const RAN: &str = "cat /var/tmp/ran/* /var/tmp/systemd-private-*/tmp/ran/* /tmp/systemd-private-*/tmp/ran/* \
    /var/lib/clawdwako/*/ran/* /home/local/ran/* 2>/dev/null | sort -u || true";

/// Shell that lays everything, as a user who passes its name as $1, and its own folder as $2 if that is
/// meant too; prints the folders. What is there already is left as it is.
pub const LAY: &str = r##"
who=$1 own=${2:-}
umask 022
mkdir -p ~/ran
note="for d in /var/tmp/ran /tmp/ran /run/ran $HOME/ran; do echo \"\$0 of $who, as \$(id -u)\" >>\$d/$who.\$(id -u); done 2>/dev/null"
js="try{const f=require('fs');for(const d of ['/var/tmp/ran','/tmp/ran','$HOME/ran'])try{f.appendFileSync(d+'/$who.'+process.getuid(),__filename+' of $who, as '+process.getuid()+'\n')}catch{}}catch{}"

program() { [ -e "$1" ] || [ -L "$1" ] || { printf '#!/bin/sh\n%s\n' "$note" >"$1" && chmod 755 "$1"; }; }
module() { [ -e "$1" ] || [ -L "$1" ] || printf '%s\n' "$js" >"$1"; }
text() { [ -e "$1" ] || [ -L "$1" ] || printf '%b\n' "$2" >"$1"; }
linked() { [ -e "$1" ] || [ -L "$1" ] || ln -s "$2" "$1"; }
piped() { [ -e "$1" ] || [ -L "$1" ] || mkfifo "$1"; }

lay() (
  cd "$1" || exit
  program canary
  # What shells, and what is begun by name where a script happens to be.
  for n in .bashrc .profile .bash_profile .bash_login .bash_logout .bash_aliases .zshenv .kshrc .env; do
    text $n "$note"; done
  # An agent keeps things of its own under some names.
  for n in bash sh curl nft systemctl node npm npx git tar xz id install setpriv openclaw jq python3 stat tmp work port; do
    [ -n "$own" ] && [ "${1#"$own"}" != "$1" ] || program $n; done
  # npm and Node.
  text .npmrc "script-shell=$1/canary\nignore-scripts=false\nnode-options=--require=$1/canary.js\ncache=$1/npm-cache\nprefix=$1/npm-prefix\ngit=$1/canary"
  text npmrc "script-shell=$1/canary\nnode-options=--require=$1/canary.js"
  text package.json "{\"name\":\"canary\",\"type\":\"commonjs\",\"scripts\":{\"preinstall\":\"$1/canary\",\"install\":\"$1/canary\",\"prepare\":\"$1/canary\"}}"
  module canary.js; module index.js; module .pnp.cjs; module openclaw.mjs
  for n in node_modules .node_modules .node_libraries; do
    mkdir -p $n/openclaw $n/npm $n/.bin 2>/dev/null
    for m in openclaw npm; do module $n/$m/index.js; text $n/$m/package.json '{"main":"index.js"}'; done
    program $n/.bin/openclaw; program $n/.bin/npm; done
  mkdir -p .config/npm .npm/_logs .node-gyp .cache .config/systemd/user/default.target.wants .config/git .ssh .gnupg .local/bin 2>/dev/null
  for p in openclaw npm node; do program .local/bin/$p; done
  text .node_repl_history canary; text .bash_history canary; text .lesshst canary
  # git, curl and others that read a file of their user's.
  text .gitconfig "[core]\n\tfsmonitor = $1/canary\n\thooksPath = $1\n\tsshCommand = $1/canary"
  text .curlrc "output = /var/tmp/ran/curlrc-of-$who"; text .wgetrc "output_document = /var/tmp/ran/wgetrc-of-$who"
  text .netrc 'machine localhost login canary password canary'
  text .config/systemd/user/canary.service "[Service]\nExecStart=$1/canary\n[Install]\nWantedBy=default.target"
  linked .config/systemd/user/default.target.wants/canary.service ../canary.service
  program .ssh/rc; text .ssh/config "ProxyCommand $1/canary"; text .ssh/environment "LD_PRELOAD=$1/canary.so"; text .ssh/authorized_keys canary
  text ld.so.preload "$1/canary.so"; text canary.so canary; linked libc.so.6 canary.so; text openssl.cnf "openssl_conf = canary"
  text apt.conf "APT::Update::Pre-Invoke {\"$1/canary\";};"; text crontab "* * * * * $1/canary"; text at.allow root
  # Names of our own.
  for n in clawdwako .clawdwako.AAAAAA bots.lock npm.lock current result .integrity .updated; do
    program $n; done
  linked secrets.json /etc/shadow; linked firewall.nft canary; linked passwd /etc/passwd; linked up .. ; linked round round
  piped pipe; piped readyz; piped gateway.sock
  linked node-compile-cache node-cache-of-$who; mkdir -p node-cache-of-$who v8-compile-cache-0 npm-0 2>/dev/null
  linked npm-cache /root/.npm
  for n in 0 1 2 3; do piped "sh-thd.$n"; linked "tmp.$n" /etc/shadow; done
  # What a hard link may be made to, if the kernel lets it.
  ln /etc/shadow shadow 2>/dev/null; ln /etc/passwd users 2>/dev/null
  # Names that a careless script would split, take for options, or print to a terminal.
  text ' -rf' canary; text '--help' canary; text "$(printf 'a\nb')" canary; text "$(printf '\033[2Jx')" canary; text '$(canary)' canary
  true
)
# Folders of others where it may write, and of its own those where a script of ours was or may be.
places=$(find / /run /tmp /dev/shm -xdev -type d -writable ! -user "$(id -un)" ! -path '/proc/*' ! -path '*/ran' \
  ! -path '/var/tmp/notes' 2>/dev/null
  [ -z "$own" ] || [ -e "$own/canary" ] || ls -d "$own" "$own/secrets" "$own/logs" 2>/dev/null)
printf '%s\n' "$places" | sort -u | while IFS= read -r place; do [ -z "$place" ] || { lay "$place" && echo "laid in $place"; }; done
"##;

/// Shell of the agent that breaks what is its own: links and pipes in the place of the files that it
/// was given. $1: the folder of another bot.
pub const BREAK: &str = r##"
other=$1
for f in openclaw.json .validated-by; do mv "$f" "kept$f" 2>/dev/null; done
mkfifo openclaw.json .validated-by 2>/dev/null
mv secrets kept-secrets; ln -s "$other/secrets" secrets
rm -rf .new logs; ln -s /etc .new; ln -s "$other" logs
ln -sfn /root .cache; ln -sfn "$other" workspace.new
ls -la
"##;
