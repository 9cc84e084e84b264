//! The user's own credentials: the operating system's keyring, else a sealed file.
//!
//! The file is written only while the keyring cannot be used, and an entry in it goes away when
//! the keyring takes the value: so what is in the file is the newer one, and beats the keyring.

mod file;
mod name;
mod os;

pub use file::read_private_file;
pub use name::SecretName;

use crate::error::Result;
use crate::model::{Source, Sourced};
use crate::secrets::{Secret, master};
use file::FileVault;
use os::OsKeyring;
use std::path::Path;

/// Keeps credentials of one profile. Its calls block: at most a few seconds, by a deadline.
pub struct Keyring {
    os: Option<OsKeyring>,
    file: FileVault,
    master: Option<Secret>,
}

impl Keyring {
    /// Credentials in the operating system's keyring under a profile's name, if one is given, and
    /// in the folder of state, there under a master key, if one is given.
    pub fn new(profile: Option<&str>, state: &Path, master: Option<Secret>) -> Keyring {
        Keyring {
            os: profile.map(OsKeyring::new),
            file: FileVault::new(state),
            master,
        }
    }

    /// Looks a credential up.
    ///
    /// # Errors
    /// `store` if the sealed file cannot be read or opened. A keyring that is missing or locked
    /// is no error: it holds nothing then.
    pub fn get(&self, name: SecretName) -> Result<Option<Sourced<Secret>>> {
        if self.file.has(name)? {
            let sealer = master::load(self.file.dir()?, self.master.as_ref())?;
            if let Some(secret) = self.file.get(name, &sealer)? {
                return Ok(Some(Sourced::new(secret, Source::Vault)));
            }
        }
        let found = self.os.as_ref().and_then(|os| os.get(name).ok().flatten());
        Ok(found.map(|secret| Sourced::new(secret, Source::Keyring)))
    }

    /// Keeps a credential; answers where.
    ///
    /// # Errors
    /// `store` or `io` if neither place takes it.
    pub fn set(&self, name: SecretName, secret: &Secret) -> Result<Source> {
        if let Some(os) = &self.os
            && os.set(name, secret).is_ok()
        {
            self.file.delete(name)?;
            return Ok(Source::Keyring);
        }
        let sealer = master::load(self.file.dir()?, self.master.as_ref())?;
        self.file.set(name, secret, &sealer)?;
        Ok(Source::Vault)
    }

    /// Forgets a credential in both places; answers whether there was one.
    ///
    /// # Errors
    /// As [`Keyring::set`].
    pub fn delete(&self, name: SecretName) -> Result<bool> {
        let in_file = self.file.delete(name)?;
        let in_os = match &self.os {
            Some(os) if os.works() => os.delete(name)?,
            _ => false,
        };
        Ok(in_file || in_os)
    }

    /// Which credentials there are, and where; no values.
    ///
    /// # Errors
    /// `store` if the sealed file cannot be read.
    pub fn list(&self) -> Result<Vec<(SecretName, Source)>> {
        let mut found = Vec::new();
        for &name in SecretName::ALL {
            if self.file.has(name)? {
                found.push((name, Source::Vault));
            } else if self.os.as_ref().is_some_and(|os| matches!(os.get(name), Ok(Some(_)))) {
                found.push((name, Source::Keyring));
            }
        }
        Ok(found)
    }

    /// Why the operating system's keyring is not used, for `doctor`; `None` if it is.
    pub fn why_not_os(&self) -> Option<String> {
        match &self.os {
            None => Some("the sandbox and CLAWDWAKO_HOME keep everything in files".to_owned()),
            Some(os) => os.probe().err().map(|e| e.message()),
        }
    }
}
