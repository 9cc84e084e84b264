//! Messages of the control protocol, read strictly: a field that is known must have its type, what
//! is not needed is never kept.

use super::refusal::Refusal;
use crate::ssh::lines::clean;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The longest code of an error that is kept, in characters.
const MAX_CODE: usize = 60;

/// What every message has, without its payload.
#[derive(Debug, Deserialize)]
pub struct Head {
    #[serde(rename = "type")]
    kind: Kind,
    id: Option<String>,
    event: Option<String>,
    ok: Option<bool>,
    error: Option<Said>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Event,
    Res,
    Req,
}

#[derive(Debug, Deserialize)]
struct Said {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    details: Option<Details>,
}

#[derive(Debug, Deserialize)]
struct Details {
    code: Option<String>,
}

/// Which of the answers to a call it is.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// The call was begun; its end is told later.
    Accepted,
    /// The final one.
    Done,
}

impl Head {
    /// Reads a message.
    ///
    /// # Errors
    /// [`Refusal::Garbled`] if it is none.
    pub fn read(text: &[u8]) -> Result<Head, Refusal> {
        serde_json::from_slice(text).map_err(|_| Refusal::Garbled)
    }

    /// Whether it is an event of that name.
    pub fn is_event(&self, name: &str) -> bool {
        self.kind == Kind::Event && self.event.as_deref() == Some(name)
    }

    /// Whether it answers the call of that id.
    pub fn answers(&self, id: &str) -> bool {
        self.kind == Kind::Res && self.id.as_deref() == Some(id)
    }

    /// What the call came to; `text` is the whole message.
    ///
    /// # Errors
    /// What it was refused with.
    pub fn outcome(self, text: &[u8]) -> Result<Outcome, Refusal> {
        #[derive(Deserialize)]
        struct Begun {
            status: Option<String>,
        }
        match (self.ok, self.error) {
            (Some(true), _) => {
                // Not every payload is an object.
                let begun = payload::<Begun>(text).ok().and_then(|b| b.status);
                Ok(match begun.as_deref() {
                    Some("accepted") => Outcome::Accepted,
                    _ => Outcome::Done,
                })
            }
            (Some(false), Some(said)) => Err(said.into()),
            _ => Err(Refusal::Garbled),
        }
    }
}

impl From<Said> for Refusal {
    fn from(said: Said) -> Refusal {
        let detail = said.details.and_then(|d| d.code).unwrap_or_default();
        let message = clean(said.message.as_bytes());
        match detail.as_str() {
            "PROTOCOL_MISMATCH" => Refusal::Stranger("it speaks another version of the protocol".to_owned()),
            d if d.starts_with("AUTH_") => Refusal::Token,
            _ => Refusal::Said {
                code: clean(said.code.as_bytes()).chars().take(MAX_CODE).collect(),
                message: match message.trim() {
                    "" => "the agent's gateway refused the call without a word".to_owned(),
                    _ => message,
                },
            },
        }
    }
}

/// What a successful `connect` answers, as far as it is needed.
#[derive(Debug, Deserialize)]
pub struct Hello {
    /// The version that is spoken from now on.
    pub protocol: u32,
}

/// Reads what a message carries.
///
/// # Errors
/// [`Refusal::Garbled`] if it is something else.
pub fn payload<P: DeserializeOwned>(text: &[u8]) -> Result<P, Refusal> {
    #[derive(Deserialize)]
    struct Body<P> {
        payload: P,
    }
    serde_json::from_slice::<Body<P>>(text)
        .map(|body| body.payload)
        .map_err(|_| Refusal::Garbled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str) -> Result<Outcome, Refusal> {
        Head::read(text.as_bytes())?.outcome(text.as_bytes())
    }

    #[test]
    fn answers_are_told_apart() {
        let accepted = r#"{"type":"res","id":"5","ok":true,"payload":{"status":"accepted"}}"#;
        assert_eq!(outcome(accepted), Ok(Outcome::Accepted));
        for done in [r#"{"status":"ok"}"#, "[1]", "null", "{}", r#"{"status":7}"#] {
            let text = format!(r#"{{"type":"res","id":"5","ok":true,"payload":{done}}}"#);
            assert_eq!(outcome(&text), Ok(Outcome::Done), "{done}");
        }
        let head = Head::read(accepted.as_bytes()).unwrap();
        assert!(head.answers("5") && !head.answers("") && !head.is_event("connect.challenge"));
    }

    #[test]
    fn what_is_no_message_is_garbled() {
        for bad in [
            "",
            "{",
            "[]",
            "7",
            r#"{"type":"res"}"#,
            r#"{"type":"other","ok":true}"#,
            r#"{"type":"res","ok":1}"#,
            r#"{"type":"res","ok":false}"#,
            r#"{"type":"res","ok":false,"error":"no"}"#,
            r#"{"type":"res","type":"res","ok":true}"#,
            &"[".repeat(100_000),
        ] {
            assert_eq!(outcome(bad), Err(Refusal::Garbled), "{bad:.60}");
        }
    }

    #[test]
    fn words_of_a_refusal_are_clean_and_short() {
        let text = format!(
            r#"{{"type":"res","ok":false,"error":{{"code":"{}","message":"\u001b[31mred\u001b[0m {}"}}}}"#,
            "X".repeat(500),
            "y".repeat(5_000)
        );
        let Err(Refusal::Said { code, message }) = outcome(&text) else {
            panic!()
        };
        assert_eq!((code.len(), message.len()), (60, 2_000));
        assert!(message.starts_with("red y"), "{message:.20}");
    }
}
