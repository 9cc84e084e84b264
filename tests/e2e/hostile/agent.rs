//! A hostile agent, and a hostile user of the same server, by what they may do there.

use crate::e2e::world::World;

/// How a bot's user lives in its unit: its view of files, its number, no way to more.
pub struct Agent<'a> {
    world: &'a World,
    /// The bot's system user.
    pub user: String,
}

impl<'a> Agent<'a> {
    /// The agent of a bot, by the bot's name.
    pub fn of(world: &'a World, bot: &str) -> Agent<'a> {
        let users = world.must_on_server("ls /opt/clawdwako/bots");
        let begins = format!("cw-{bot}-");
        let user = users.lines().find(|user| user.starts_with(&begins));
        Agent {
            world,
            user: user.unwrap_or_else(|| panic!("{bot} among {users}")).to_owned(),
        }
    }

    /// The folder that is the agent's own.
    pub fn state(&self) -> String {
        format!("/var/lib/clawdwako/{}", self.user)
    }

    /// The name of its unit.
    pub fn unit(&self) -> String {
        format!("clawdwako-{}.service", self.user)
    }

    /// What a shell of the agent prints, within its unit. Its own folder is where it starts.
    #[track_caller]
    pub fn does(&self, script: &str) -> String {
        let (user, state, unit) = (&self.user, self.state(), self.unit());
        self.world.must_on_server(&format!(
            "pid=$(systemctl show -p MainPID --value {unit})\n\
             cat >/run/does <<'SCRIPT'\n{script}\nSCRIPT\n\
             while IFS=: read -r _ kind group; do\n\
             for at in systemd unified \"$kind\" .; do\n\
             procs=/sys/fs/cgroup/$at$group/cgroup.procs\n\
             if [ \"$group\" != / ] && [ -e $procs ]; then echo $$ >$procs; fi; done; done </proc/$pid/cgroup\n\
             nsenter -t $pid -m -n -- setpriv --reuid={user} --regid=clawdwako --clear-groups --no-new-privs \
             --bounding-set=-all env -i HOME={state} PATH=/usr/bin:/bin bash -c 'cd; exec bash -s' </run/does\n\
             rm /run/does"
        ))
    }

    /// The same outside its unit, as a process that was left behind there would: with the server's
    /// own view of files.
    #[track_caller]
    pub fn does_outside(&self, script: &str) -> String {
        as_user(self.world, &self.user, "clawdwako", &self.state(), script)
    }
}

/// Makes another local user of the server, who has a home and nothing else.
pub fn local_user(world: &World) {
    // Node, which that user has too, needs a library that Debian does not bring.
    world.must_on_server(
        "id local >/dev/null 2>&1 || useradd --create-home local
         [ -e /usr/lib/*/libatomic.so.1 ] || { apt-get -qq update; apt-get -qq -y install libatomic1 >/dev/null; }",
    );
}

/// What a shell of that user prints.
#[track_caller]
pub fn local_does(world: &World, script: &str) -> String {
    as_user(world, "local", "local", "/home/local", script)
}

fn as_user(world: &World, user: &str, group: &str, home: &str, script: &str) -> String {
    world.must_on_server(&format!(
        "cat >/run/does <<'SCRIPT'\n{script}\nSCRIPT\n\
         setpriv --reuid={user} --regid={group} --clear-groups --no-new-privs --bounding-set=-all \
         env -i HOME={home} PATH=/usr/bin:/bin bash -c 'cd; exec bash -s' </run/does\n\
         rm /run/does"
    ))
}
