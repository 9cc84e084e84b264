//! What a bot token and a webhook secret look like, before anybody is asked.

use crate::error::{Error, Result, usage};
use crate::secrets::Secret;
use url::Url;

/// The ports on which Telegram delivers.
const WEBHOOK_PORTS: [u16; 4] = [443, 80, 88, 8443];

/// Checks a token's form (`123456789:AA…`) and gives the bot's number.
///
/// # Errors
/// `usage`, without showing any part of it.
pub fn parse_token(token: &Secret) -> Result<i64> {
    let bad = |why: &str| -> Error {
        usage(format!("this is not a Telegram bot token: {why}"))
            .hint("@BotFather shows it after /newbot or /token; it looks like 123456789:AAE… in one line")
    };
    let text = token.expose();
    if text.len() > 80 {
        return Err(bad("it is too long"));
    }
    let (id, key) = text.split_once(':').ok_or_else(|| bad("it has no colon"))?;
    if id.is_empty() || id.starts_with('0') || !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad("the part before the colon is not a number"));
    }
    if key.len() < 30 {
        return Err(bad("the part after the colon is too short"));
    }
    if !key.bytes().all(is_token_byte) {
        return Err(bad("it holds characters that no token has (a space or line break?)"));
    }
    id.parse().map_err(|_| bad("the number before the colon is too large"))
}

/// Checks what Telegram demands of a webhook.
pub(super) fn check_webhook(url: &Url, secret: &Secret) -> Result<()> {
    let port = url.port_or_known_default().unwrap_or_default();
    if url.scheme() != "https" || !WEBHOOK_PORTS.contains(&port) {
        return Err(usage(
            "Telegram delivers only to https addresses on port 443, 80, 88 or 8443",
        ));
    }
    let text = secret.expose();
    if !(1..=256).contains(&text.len()) || !text.bytes().all(is_token_byte) {
        return Err(usage("a webhook secret has 1 to 256 letters, digits, - and _"));
    }
    Ok(())
}

fn is_token_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

#[cfg(test)]
mod tests {
    use super::{check_webhook, parse_token};
    use crate::secrets::Secret;

    const KEY: &str = "AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";

    #[test]
    fn tokens_are_accepted_and_refused_without_being_shown() {
        assert_eq!(
            parse_token(&Secret::new(format!("110201543:{KEY}"))).unwrap(),
            110_201_543
        );
        for bad in [
            String::new(),
            KEY.to_owned(),
            format!("0110201543:{KEY}"),
            format!(":{KEY}"),
            format!("11a:{KEY}"),
            format!("-11:{KEY}"),
            format!("110201543:{}", &KEY[..29]),
            format!("110201543:{KEY}\n"),
            format!("110201543:{KEY} "),
            format!("110201543:{KEY}:"),
            format!("110201543:{KEY}{KEY}{KEY}"),
            format!("99999999999999999999:{KEY}"),
        ] {
            let e = parse_token(&Secret::new(bad.clone())).unwrap_err();
            assert_eq!(e.kind(), crate::error::Kind::Usage, "{bad}");
            assert!(e.next_step().is_some());
            assert!(
                !e.message().contains("QXMENQ") && !e.message().contains("110201543"),
                "{e}"
            );
        }
    }

    #[test]
    fn webhooks_follow_telegrams_rules() {
        let ok = |url: &str, secret: &str| check_webhook(&url.parse().unwrap(), &Secret::new(secret)).is_ok();
        assert!(ok("https://example.org/hook", "a-_9") && ok("https://example.org:8443/", "x"));
        assert!(!ok("http://example.org/", "x") && !ok("https://example.org:8080/", "x"));
        assert!(!ok("https://example.org/", "") && !ok("https://example.org/", "a b"));
        assert!(!ok("https://example.org/", &"x".repeat(257)));
    }
}
