# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_clawdwako_global_optspecs
    string join \n json q/quiet y/yes no-input config= profile= sandbox remote color= h/help V/version
end

function __fish_clawdwako_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_clawdwako_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_clawdwako_using_subcommand
    set -l cmd (__fish_clawdwako_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c clawdwako -n "__fish_clawdwako_needs_command" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_needs_command" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_needs_command" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_needs_command" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -s V -l version -d 'Print version'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "deploy" -d 'Deploy a bot: from a Telegram token to an agent that answers'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "resume" -d 'Go on with deployments that were interrupted or failed'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "status" -d 'Show a bot, its server and how far its deployment is'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "list" -d 'List the bots'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "logs" -d 'Show the agent\'s log, or the deployment\'s own story'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "stop" -d 'Stop a bot\'s agent; its server is kept and still billed'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "start" -d 'Start a stopped bot\'s agent and prove that it answers'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "restart" -d 'Restart a bot\'s agent and prove that it answers'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "set" -d 'Change a bot\'s model or owner'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "destroy" -d 'Take a bot down with its server and all that belongs to it'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "ssh" -d 'Open a shell on a bot\'s server, or run a command there'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "open" -d 'Open the agent\'s own dashboard through a tunnel'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "servers" -d 'List what is ours at the cloud providers'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "regions" -d 'List a provider\'s regions, live'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "sizes" -d 'List server sizes with price, memory and availability, live'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "secrets" -d 'Keep tokens and keys'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "login" -d 'Sign in with Google'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "logout" -d 'Sign out'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "whoami" -d 'Show who is signed in'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "subscription" -d 'Show the plan at the control server: its limits and their use'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "sync" -d 'Tell the control server of this machine\'s bots; takes the plan back'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "doctor" -d 'Look for what is wrong, and say what to do'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "server" -d 'Run a control server: the same for many users'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "sandbox" -d 'A local world without accounts, to try everything in'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "version" -d 'Print the versions of this program and of what it installs'
complete -c clawdwako -n "__fish_clawdwako_needs_command" -f -a "generate" -d 'Write man pages and completions into a folder'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l model -d 'claude-opus, claude-sonnet, claude-haiku, gpt-5, gemini, gemini-flash or PROVIDER/MODEL' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l owner -d 'Telegram id of the one person that the bot answers' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l token-file -d 'File with the bot\'s Telegram token; - is standard input' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l provider -d 'Where the server comes from: hetzner, digitalocean or existing' -r -f -a "hetzner\t'Hetzner Cloud'
digitalocean\t'DigitalOcean'
existing\t'A server that you have (--host)'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l region -d 'The provider\'s name of a region (`clawdwako regions`)' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l size -d 'The provider\'s name of a server type (`clawdwako sizes`); the cheapest that fits, if left out' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l image -d 'What the server runs: debian-12, ubuntu-24.04, ubuntu-22.04, or an image\'s id' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l host -d 'A server that you have: root, or a user who may sudo without a password' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l ssh-key -d 'Private key for --host' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l host-key -d 'Host key of --host, as `ssh-ed25519 AAAA…`; else your known_hosts is asked' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l agent-version -d 'The agent\'s version; the one that clawdwako was tested with, if left out' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l open-to-everyone -d 'Let the bot answer everybody, at your cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l dry-run -d 'Show the steps, what will be made and its price; make nothing'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l detach -d 'Return at once; `clawdwako status --watch` shows how it goes'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand deploy" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -l detach -d 'Run in the background'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand resume" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -s w -l watch -d 'Look again until its work is over'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -l quick -d 'Do not ask the agent itself; only what the store knows'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -l packages -d 'List what npm installed with the agent: name, version and the registry\'s hash'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand status" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -l all -d 'Also those that are destroyed'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand list" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -l since -d 'Only what is younger: 90s, 10m, 2h, 3d' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -s n -l lines -d 'How many of the last lines' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -s f -l follow -d 'Go on as lines come, until Ctrl-C'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -l deploy -d 'The deployment\'s own story instead of the agent\'s log'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logs" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand stop" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand stop" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand stop" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand stop" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand stop" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand stop" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand stop" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand stop" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand stop" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand stop" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand start" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand start" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand start" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand start" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand start" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand start" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand start" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand start" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand start" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand start" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand restart" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand restart" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand restart" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand restart" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand restart" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand restart" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand restart" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand restart" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand restart" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand restart" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand set" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand set" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand set" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand set" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand set" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand set" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand set" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand set" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand set" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand set" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -l keep-record -d 'Keep its record and story, for `list --all` and `logs --deploy`; a control server does so always'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -l forget -d 'Only give the record up: nothing is deleted, on the server or at the provider'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand destroy" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand ssh" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand ssh" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand ssh" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand ssh" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand ssh" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand ssh" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand ssh" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand ssh" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand ssh" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand ssh" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -l port -d 'Local port of the tunnel; any free one if left out' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -l no-browser -d 'Print the address only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand open" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -l provider -d 'Only hetzner or digitalocean; otherwise each that there is a token for' -r -f -a "hetzner\t'Hetzner Cloud'
digitalocean\t'DigitalOcean'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -l orphans -d 'Only what no bot of this profile lives on'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and not __fish_seen_subcommand_from prune" -f -a "prune" -d 'Delete orphans: only what carries our label, and after asking'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -l provider -d 'Only hetzner or digitalocean; otherwise each that there is a token for' -r -f -a "hetzner\t'Hetzner Cloud'
digitalocean\t'DigitalOcean'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand servers; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -l provider -d 'Only hetzner or digitalocean; otherwise each that there is a token for' -r -f -a "hetzner\t'Hetzner Cloud'
digitalocean\t'DigitalOcean'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand regions" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -l provider -d 'Only hetzner or digitalocean; otherwise each that there is a token for' -r -f -a "hetzner\t'Hetzner Cloud'
digitalocean\t'DigitalOcean'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -l region -d 'Only this region' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -l all -d 'Also what is too small for an agent or cannot be ordered now'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sizes" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -f -a "set" -d 'Keep a token or key: asked for without showing it, or read from standard input'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -f -a "list" -d 'List what is known and where it comes from; values are never shown'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and not __fish_seen_subcommand_from set list unset" -f -a "unset" -d 'Forget a token or key'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -l stdin -d 'Read the value from standard input'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from list" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from list" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from list" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from list" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from list" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from list" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from unset" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from unset" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from unset" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from unset" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from unset" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from unset" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from unset" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from unset" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from unset" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand secrets; and __fish_seen_subcommand_from unset" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -l server -d 'Also sign in to this control server, for --remote' -r -f
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -l no-browser -d 'Do not open the browser; the link and the code are shown anyway'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand login" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logout" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logout" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logout" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logout" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logout" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logout" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logout" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logout" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logout" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand logout" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand whoami" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand whoami" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand whoami" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand whoami" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand whoami" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand whoami" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand whoami" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand whoami" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand whoami" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand whoami" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand subscription" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand subscription" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand subscription" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand subscription" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand subscription" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand subscription" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand subscription" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand subscription" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand subscription" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand subscription" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sync" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sync" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sync" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sync" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sync" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sync" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sync" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sync" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sync" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sync" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand doctor" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand doctor" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand doctor" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand doctor" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand doctor" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand doctor" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand doctor" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand doctor" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand doctor" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -f -a "run" -d 'Serve the API, and work jobs off'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -f -a "worker" -d 'Work jobs off, without serving the API'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -f -a "migrate" -d 'Bring the store to this version\'s schema'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -f -a "backup" -d 'Copy the embedded store to a file, while it is in use'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -f -a "restore" -d 'Put a copy in the place of the embedded store'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -f -a "admin" -d 'Look after users, their plans, and the key'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and not __fish_seen_subcommand_from run worker migrate backup restore admin openapi" -f -a "openapi" -d 'Print the API\'s document'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l listen -d 'Where the API listens' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l metrics-listen -d 'Where metrics are told' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l workers -d 'How many jobs are worked on at once, at most' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l log -d 'How the log is written on standard error: text or json' -r -f -a "text\t'For people'
json\t'One JSON document a line'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l no-workers -d 'Only serve the API: others work the jobs off'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -l workers -d 'How many jobs are worked on at once, at most' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -l metrics-listen -d 'Where metrics are told' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -l log -d 'How the log is written on standard error: text or json' -r -f -a "text\t'For people'
json\t'One JSON document a line'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from worker" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -l check -d 'Only tell whether it is up to date; exits with 1 if it is not'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from backup" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from backup" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from backup" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from backup" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from backup" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from backup" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from backup" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from backup" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from backup" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from backup" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from restore" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from restore" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from restore" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from restore" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from restore" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from restore" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from restore" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from restore" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -f -a "user" -d 'Users: who they are and what they may do'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -f -a "subscription" -d 'Subscriptions: which plan, and until when'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -f -a "job" -d 'Jobs: what waits, runs and failed, of all users'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -f -a "audit" -d 'The audit: who did what'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from admin" -f -a "key" -d 'The key that the store\'s secrets are sealed with'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from openapi" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from openapi" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from openapi" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from openapi" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from openapi" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from openapi" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from openapi" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from openapi" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from openapi" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand server; and __fish_seen_subcommand_from openapi" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "up" -d 'Start it in the background'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "status" -d 'Show what runs in it'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "down" -d 'End it, with its servers and its network; images and downloads stay'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "env" -d 'Print the variables that point clawdwako and other tools at it'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "image" -d 'Keep Node and the agent of a server, so that servers of image `golden` have them'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "server" -d 'Boot a server as if you had it already, for `deploy --provider existing`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "host" -d 'Do something to a server'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "fault" -d 'Let something go wrong'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "bot" -d 'Have BotFather make a bot, and print its token for `deploy --token-file`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "chat" -d 'Say something to a bot as its owner, and print its answer'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and not __fish_seen_subcommand_from up status down env image server host fault bot chat serve" -f -a "serve" -d 'The sandbox\'s own process'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from up" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from up" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from up" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from up" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from up" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from up" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from status" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from status" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from status" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from status" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from status" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from status" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from down" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from down" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from down" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from down" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from down" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from down" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from env" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from env" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from env" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from env" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from env" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from env" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from env" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from env" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from env" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from env" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from image" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from image" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from image" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from image" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from image" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from image" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from image" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from image" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from image" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from image" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -l name -d 'Its host name' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -l memory -d 'Memory, in MiB' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -l image -d '`golden` for Node and the agent already there' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from server" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from host" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from host" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from host" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from host" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from host" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from host" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from host" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from host" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from host" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from host" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -f -a "http" -d 'The next calls of a path fail'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -f -a "never-boots" -d 'The next servers never boot'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -f -a "list" -d 'Show what is still to go wrong'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from fault" -f -a "clear" -d 'Nothing is to go wrong any more'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from bot" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from bot" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from bot" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from bot" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from bot" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from bot" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from bot" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from bot" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from bot" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from bot" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -l wait -d 'How long to wait for the answer, in seconds' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -l from -d 'Say it as this Telegram id instead of the owner' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from chat" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l dir -d 'Its own folder' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l cache -d 'What all sandboxes share' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand sandbox; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand completions" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand completions" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand completions" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand completions" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand completions" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand completions" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand completions" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand completions" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand completions" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand completions" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand version" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand version" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand version" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand version" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand version" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand version" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand version" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand version" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand version" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand version" -s h -l help -d 'Print help'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand generate" -l config -d 'Read this config file' -r -F
complete -c clawdwako -n "__fish_clawdwako_using_subcommand generate" -l profile -d 'Use this profile: its own settings, bots and secrets' -r
complete -c clawdwako -n "__fish_clawdwako_using_subcommand generate" -l color -d 'Use colour auto (on a terminal), always or never' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c clawdwako -n "__fish_clawdwako_using_subcommand generate" -l json -d 'Print JSON: one document; lines for `deploy`, `logs -f`'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand generate" -s q -l quiet -d 'Print results, warnings and errors only'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand generate" -s y -l yes -d 'Answer yes to every question'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand generate" -l no-input -d 'Never ask: what is missing is an error'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand generate" -l sandbox -d 'Do it in the sandbox: no account, no cost'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand generate" -l remote -d 'Let the control server do it (`clawdwako login --server URL`)'
complete -c clawdwako -n "__fish_clawdwako_using_subcommand generate" -s h -l help -d 'Print help'
