//! Names and places on the server. The scripts in `assets/host/` use the same ones.

use sha2::{Digest, Sha256};

/// The longest name of a system user that all tools bear.
const USER_MAX: usize = 31;

/// The system user of a bot: readable, and different for every bot id, so that many bots (and
/// many people's bots of the same name) live on one server. At most 31 characters.
pub fn bot_user(bot_name: &str, bot_id: &str) -> String {
    let hash: String = Sha256::digest(bot_id.as_bytes())
        .iter()
        .take(4)
        .map(|b| format!("{b:02x}"))
        .collect();
    let room = USER_MAX - "cw--".len() - hash.len();
    let name: String = bot_name
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(room)
        .collect();
    let name = name.trim_matches('-');
    let name = if name.is_empty() { "bot" } else { name };
    format!("cw-{name}-{hash}")
}

/// The folder that holds everything that the agent must not lose; also its user's home.
pub fn state_dir(user: &str) -> String {
    format!("/var/lib/clawdwako/{user}")
}

/// The file that the configuration's secret references point into.
pub fn secrets_file(user: &str) -> String {
    format!("{}/secrets/secrets.json", state_dir(user))
}

/// The folder with the links to the agent's and Node's versions, and the port.
pub fn bot_dir(user: &str) -> String {
    format!("/opt/clawdwako/bots/{user}")
}

/// The name of the bot's systemd unit.
pub fn unit_name(user: &str) -> String {
    format!("clawdwako-{user}.service")
}

#[cfg(test)]
mod tests {
    use super::bot_user;

    #[test]
    fn users_are_short_valid_and_distinct() {
        let user = bot_user("My Very Long Bot Name That Goes On", "0190");
        assert_eq!(user, format!("cw-my-very-long-bot-na-{}", &user[user.len() - 8..]));
        assert!(user.len() <= 31);
        assert_ne!(bot_user("demo", "a"), bot_user("demo", "b"));
        assert_eq!(bot_user("demo", "a"), bot_user("demo", "a"));
        for name in ["", "---", "ботик", "a_b.c;rm -rf"] {
            let user = bot_user(name, "x");
            assert!(
                user.chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{user}"
            );
        }
        assert!(bot_user("", "x").starts_with("cw-bot-"));
    }
}
