//! Where a value came from.

use serde::{Serialize, Serializer};
use std::fmt;

/// Where a value came from: `doctor` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A flag on the command line.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// The config file.
    File,
    /// The operating system's keyring.
    Keyring,
    /// The sealed file that stands in where there is no keyring.
    Vault,
    /// The running sandbox.
    Sandbox,
    /// Typed in at a prompt.
    Prompt,
    /// Built in.
    Default,
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

impl<T> Sourced<T> {
    /// Joins the two.
    pub fn new(value: T, source: Source) -> Self {
        Sourced { value, source }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Flag(name) | Source::Environment(name) => name,
            Source::File => "config file",
            Source::Keyring => "keyring",
            Source::Vault => "sealed file",
            Source::Sandbox => "sandbox",
            Source::Prompt => "prompt",
            Source::Default => "default",
        })
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
