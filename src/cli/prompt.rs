//! Questions to the user; where nobody can answer, an error that names the flag.

use super::format::safe;
use crate::error::{Error, Kind, Result, internal, usage};
use crate::secrets::Secret;
use dialoguer::theme::ColorfulTheme;
use std::io::IsTerminal;

/// Asks questions on the terminal, if there is one and it may.
#[derive(Debug, Clone, Copy)]
pub struct Prompt {
    can_ask: bool,
    yes: bool,
}

impl Prompt {
    /// `yes` answers every question that can be answered so; `no_input` forbids all others.
    pub fn new(yes: bool, no_input: bool) -> Prompt {
        Prompt {
            // Questions are written to standard error, answers read from standard input.
            can_ask: !no_input && std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            yes,
        }
    }

    /// Whether somebody is there to answer.
    pub fn can_ask(&self) -> bool {
        self.can_ask
    }

    /// Asks for consent. `--yes` gives it.
    ///
    /// # Errors
    /// `usage` if nobody can answer; `interrupted` if the answer is no.
    pub async fn confirm(&self, question: &str) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        self.agree(question).await
    }

    /// Asks for consent that `--yes` does not give.
    ///
    /// # Errors
    /// As [`Prompt::confirm`].
    pub async fn agree(&self, question: &str) -> Result<()> {
        if !self.can_ask {
            return Err(usage(format!("this has to be confirmed: {question}")).hint("give --yes to confirm it"));
        }
        let question = safe(question).into_owned();
        let agreed = ask(move || {
            dialoguer::Confirm::with_theme(&ColorfulTheme::default())
                .with_prompt(question)
                .default(false)
                .interact()
        })
        .await?;
        if agreed {
            Ok(())
        } else {
            Err(Error::new(Kind::Interrupted, "cancelled; nothing changed"))
        }
    }

    /// Asks for a line of text. `flag` is what gives it without asking.
    ///
    /// # Errors
    /// `usage` if nobody can answer.
    pub async fn text(&self, question: &str, default: Option<&str>, flag: &str) -> Result<String> {
        self.demand(question, flag, Kind::Usage)?;
        let (question, default) = (question.to_owned(), default.map(str::to_owned));
        ask(move || {
            let theme = ColorfulTheme::default();
            let mut input = dialoguer::Input::<String>::with_theme(&theme).with_prompt(question);
            if let Some(default) = default {
                input = input.default(default);
            }
            input.interact_text()
        })
        .await
        .map(|s| s.trim().to_owned())
    }

    /// Asks for a secret; what is typed is not shown. `how` tells how to give it without asking.
    ///
    /// # Errors
    /// `needs_user` if nobody can answer.
    pub async fn secret(&self, question: &str, how: &str) -> Result<Secret> {
        self.demand(question, how, Kind::NeedsUser)?;
        let question = format!("{question} (hidden)");
        let typed = ask(move || {
            dialoguer::Password::with_theme(&ColorfulTheme::default())
                .with_prompt(question)
                .interact()
                .map(zeroize::Zeroizing::new)
        })
        .await?;
        Ok(Secret::new(typed.trim()))
    }

    /// Asks to choose one of a list; answers its place.
    ///
    /// # Errors
    /// `usage` if nobody can answer.
    pub async fn choose(&self, question: &str, items: Vec<String>, default: usize, flag: &str) -> Result<usize> {
        self.demand(question, flag, Kind::Usage)?;
        let question = question.to_owned();
        let items: Vec<String> = items.iter().map(|i| safe(i).into_owned()).collect();
        ask(move || {
            dialoguer::Select::with_theme(&ColorfulTheme::default())
                .with_prompt(question)
                .items(items)
                .default(default)
                .max_length(12)
                .interact()
        })
        .await
    }

    fn demand(&self, question: &str, flag: &str, kind: Kind) -> Result<()> {
        if self.can_ask {
            return Ok(());
        }
        Err(
            Error::new(kind, format!("this is missing, and nobody can be asked: {question}"))
                .hint(format!("give {flag}")),
        )
    }
}

/// Asks on a thread of its own, so that Ctrl-C is heard while the answer is awaited.
async fn ask<T: Send + 'static>(question: impl FnOnce() -> dialoguer::Result<T> + Send + 'static) -> Result<T> {
    let answer = tokio::task::spawn_blocking(question)
        .await
        .map_err(|_| internal("a prompt crashed"))?;
    answer.map_err(|dialoguer::Error::IO(e)| match e.kind() {
        std::io::ErrorKind::Interrupted => Error::new(Kind::Interrupted, "interrupted at a prompt"),
        _ => Error::new(Kind::Io, "the terminal cannot be read").because(e),
    })
}
