//! Telegram's Bot API, as far as a deployer needs it.
