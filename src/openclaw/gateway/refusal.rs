//! Why the gateway gave no answer.

use tokio_tungstenite::tungstenite::Error as WsError;

/// Why a call gave no answer. The words are the agent's: they are data, and may hold anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// What listens speaks another protocol, or another version of it; in our words.
    Stranger(String),
    /// It does not take the token.
    Token,
    /// It refused the call.
    Said {
        /// Its code, such as `UNAVAILABLE`.
        code: String,
        /// Its words.
        message: String,
    },
    /// The deadline passed.
    Overdue,
    /// The connection ended.
    Broken,
    /// It sent what is no answer by its protocol, or more than is read.
    Garbled,
}

impl Refusal {
    /// What it means, in a clause.
    pub fn words(&self) -> String {
        match self {
            Refusal::Stranger(why) => format!("the agent's gateway speaks another protocol: {why}"),
            Refusal::Token => "the agent's gateway does not take our token".to_owned(),
            Refusal::Said { message, .. } => message.clone(),
            Refusal::Overdue => "the agent's gateway did not answer in time".to_owned(),
            Refusal::Broken => "the agent's gateway ended the connection".to_owned(),
            Refusal::Garbled => "the agent's gateway sent no answer that can be read".to_owned(),
        }
    }
}

impl From<WsError> for Refusal {
    fn from(e: WsError) -> Refusal {
        match e {
            WsError::Io(_) | WsError::ConnectionClosed | WsError::AlreadyClosed => Refusal::Broken,
            // Ended without a farewell.
            WsError::Protocol(tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
                Refusal::Broken
            }
            _ => Refusal::Garbled,
        }
    }
}
