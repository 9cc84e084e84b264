//! The models that exist here: those of the agent's catalogue.

/// Anthropic's.
pub const ANTHROPIC: &[&str] = &[
    "claude-opus-5",
    "claude-opus-5-5",
    "claude-sonnet-5",
    "claude-haiku-4-5",
];
/// OpenAI's; the agent uses `gpt-5.6-luna` by itself for side work.
pub const OPENAI: &[&str] = &[
    "gpt-6-astra",
    "gpt-6-sol",
    "gpt-6-luna",
    "gpt-5.6-sol",
    "gpt-5.6-luna",
    "gpt-5.5",
];
/// OpenAI's for embeddings, which the agent's memory uses, and the length of their vectors.
pub const OPENAI_EMBEDDINGS: &[(&str, usize)] = &[("text-embedding-3-small", 1536), ("text-embedding-3-large", 3072)];
/// Google's.
pub const GOOGLE: &[&str] = &["gemini-3.1-pro-preview", "gemini-3.7-flash", "gemini-2.5-pro"];
