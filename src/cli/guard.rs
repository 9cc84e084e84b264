//! Keeps secrets off the command line, where the shell's history and every user of the machine
//! can read them.

use crate::error::{Result, usage};

/// Refuses arguments that look like a secret, without repeating them. What comes after `--`
/// is another program's, and what is said in the sandbox is no secret.
///
/// # Errors
/// `usage`, naming what it looks like.
pub fn refuse_secrets<'a>(args: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let mut verb = None;
    for arg in args {
        if arg == "--" || verb == Some("sandbox") {
            break;
        }
        if verb.is_none() && !arg.starts_with('-') {
            verb = Some(arg);
        }
        // `--flag=value`: the value counts.
        let value = match arg.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") || verb == Some("set") => value,
            _ => arg,
        };
        if let Some(what) = looks_like(value) {
            return Err(
                usage(format!("this looks like {what}, and a secret does not belong on the command line"))
                    .hint("give it at the prompt, by `clawdwako secrets set`, by environment, or for a bot's token by --token-file; then change it, since the shell's history keeps it"),
            );
        }
    }
    Ok(())
}

/// What a value looks like, if it looks like a secret.
fn looks_like(value: &str) -> Option<&'static str> {
    let long = |prefix: &str, rest: usize| value.strip_prefix(prefix).is_some_and(|r| r.len() >= rest);
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if let Some((id, rest)) = value.split_once(':')
        && id.len() >= 6
        && id.chars().all(|c| c.is_ascii_digit())
        && rest.len() >= 30
        && rest.chars().all(word)
    {
        return Some("a Telegram token");
    }
    if long("dop_v1_", 20) {
        return Some("a DigitalOcean token");
    }
    if long("sk-", 20) {
        return Some("a model key");
    }
    if long("AIza", 30) || long("GOCSPX-", 20) {
        return Some("a Google key");
    }
    if long("cwk_", 40) {
        return Some("a control server's token");
    }
    if value.starts_with("-----BEGIN ") {
        return Some("a private key");
    }
    // Hetzner's tokens: 64 letters and digits, nothing else. Paths and hashes of that length
    // hold other characters, or come with a prefix.
    (value.len() == 64 && value.chars().all(|c| c.is_ascii_alphanumeric())).then_some("an API token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_refused_without_repeating_them() {
        let telegram = format!("123456789:{}", "Ab_-".repeat(9));
        let hetzner = "a1B2".repeat(16);
        let digitalocean = format!("dop_v1_{}", "0a".repeat(32));
        for secret in [
            &telegram,
            &hetzner,
            &digitalocean,
            "sk-ant-api03-0123456789abcdef",
            "-----BEGIN X",
        ] {
            for args in [
                vec!["deploy", secret],
                vec!["secrets", "set", "hetzner", secret],
                vec!["deploy", "--token-file", secret],
            ] {
                let e = refuse_secrets(args).unwrap_err();
                assert!(!format!("{e:?} {:?}", e.next_step()).contains(secret));
            }
            assert!(refuse_secrets([format!("--name={secret}").as_str()]).is_err());
            assert!(refuse_secrets(["set", "demo", &format!("token={secret}")]).is_err());
            assert!(refuse_secrets(["ssh", "demo", "--", secret]).is_ok());
            assert!(refuse_secrets(["sandbox", "chat", "demo", secret]).is_ok());
        }
        let fine = [
            "deploy",
            "demo",
            "--host",
            "root@2001:db8::1",
            "--model",
            "openai/sk-model",
            "--image",
            "/a/b",
        ];
        assert!(refuse_secrets(fine).is_ok());
    }
}
