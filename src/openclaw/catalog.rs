//! The agent's pinned version and the short names of models.

use crate::error::{Error, Kind, Result, usage};
use std::fmt;

/// The version of the agent that is installed unless another is asked for. The table below,
/// the configuration and the unit were checked against it.
pub const AGENT_VERSION: &str = "2026.9.6";

/// Short names and what they stand for in [`AGENT_VERSION`].
pub const SHORT_NAMES: &[(&str, ModelProvider, &str)] = &[
    ("claude-opus", ModelProvider::Anthropic, "claude-opus-5"),
    ("claude-sonnet", ModelProvider::Anthropic, "claude-sonnet-5"),
    ("claude-haiku", ModelProvider::Anthropic, "claude-haiku-4-5"),
    ("gpt-5", ModelProvider::OpenAi, "gpt-5.5"),
    ("gemini", ModelProvider::Google, "gemini-3.1-pro-preview"),
    ("gemini-flash", ModelProvider::Google, "gemini-3.7-flash"),
];

/// Who answers: the providers that we hold a key for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelProvider {
    /// Claude.
    Anthropic,
    /// GPT.
    OpenAi,
    /// Gemini.
    Google,
}

impl ModelProvider {
    /// All of them.
    pub const ALL: &'static [ModelProvider] = &[ModelProvider::Anthropic, ModelProvider::OpenAi, ModelProvider::Google];

    /// The agent's word for it, also the name of its key in `secrets set`.
    pub fn as_str(self) -> &'static str {
        match self {
            ModelProvider::Anthropic => "anthropic",
            ModelProvider::OpenAi => "openai",
            ModelProvider::Google => "google",
        }
    }

    /// How people call it.
    pub fn title(self) -> &'static str {
        match self {
            ModelProvider::Anthropic => "Anthropic",
            ModelProvider::OpenAi => "OpenAI",
            ModelProvider::Google => "Google",
        }
    }

    /// The environment variable that its key is taken from.
    pub fn key_variable(self) -> &'static str {
        match self {
            ModelProvider::Anthropic => "ANTHROPIC_API_KEY",
            ModelProvider::OpenAi => "OPENAI_API_KEY",
            ModelProvider::Google => "GOOGLE_AI_API_KEY",
        }
    }

    /// Where its user looks after keys and credit.
    pub fn console(self) -> &'static str {
        match self {
            ModelProvider::Anthropic => "https://console.anthropic.com/settings/keys",
            ModelProvider::OpenAi => "https://platform.openai.com/api-keys",
            ModelProvider::Google => "https://aistudio.google.com/apikey",
        }
    }
}

impl fmt::Display for ModelProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A model, as the agent names it: `provider/name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelRef {
    /// Who answers.
    pub provider: ModelProvider,
    /// The provider's name of the model.
    pub name: String,
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.name)
    }
}

/// Reads a short name or `provider/model`. Any model of a known provider passes: new ones
/// appear more often than we do.
///
/// # Errors
/// `usage` for an unknown short name or malformed reference; `unsupported` for a provider that
/// we have no key for, because the agent could never answer.
pub fn parse_model(text: &str) -> Result<ModelRef> {
    let text = text.trim();
    if let Some((_, provider, name)) = SHORT_NAMES.iter().find(|(short, ..)| *short == text) {
        return Ok(ModelRef {
            provider: *provider,
            name: (*name).to_owned(),
        });
    }
    let known = || {
        let names: Vec<&str> = SHORT_NAMES.iter().map(|(short, ..)| *short).collect();
        format!(
            "use {}, or provider/model such as anthropic/claude-opus-5",
            names.join(", ")
        )
    };
    let Some((provider, name)) = text.split_once('/') else {
        return Err(usage(format!("{text:?} is not a model that has a short name")).hint(known()));
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-:/@".contains(c);
    if name.is_empty() || name.len() > 100 || !name.chars().all(fits) {
        return Err(usage(format!("{text:?} is not a model reference")).hint(known()));
    }
    match ModelProvider::ALL.iter().find(|p| p.as_str() == provider) {
        Some(&provider) => Ok(ModelRef {
            provider,
            name: name.to_owned(),
        }),
        None => Err(Error::new(
            Kind::Unsupported,
            format!("there is no way to give the agent a key for the model provider {provider:?}"),
        )
        .hint("models of anthropic, openai and google can be deployed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_unique_and_lead_to_a_reference() {
        for (i, (short, provider, name)) in SHORT_NAMES.iter().enumerate() {
            assert!(SHORT_NAMES[i + 1..].iter().all(|(other, ..)| other != short));
            assert_eq!(parse_model(short).unwrap().to_string(), format!("{provider}/{name}"));
        }
    }

    #[test]
    fn references_pass_through_where_they_can_work() {
        let m = parse_model("openai/gpt-6-sol").unwrap();
        assert_eq!((m.provider, m.name.as_str()), (ModelProvider::OpenAi, "gpt-6-sol"));
        assert_eq!(parse_model("gpt-4").unwrap_err().kind(), Kind::Usage);
        assert_eq!(parse_model("openai/").unwrap_err().kind(), Kind::Usage);
        assert_eq!(parse_model("openai/a b").unwrap_err().kind(), Kind::Usage);
        let e = parse_model("mistral/large").unwrap_err();
        assert_eq!(e.kind(), Kind::Unsupported);
        assert!(e.next_step().unwrap().contains("anthropic"));
    }
}
