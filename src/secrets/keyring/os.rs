//! The operating system's keyring, behind a deadline: a locked one can wait for ever for
//! somebody to unlock it.

use super::SecretName;
use crate::error::{Error, Kind, Result};
use crate::secrets::Secret;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// How long one call may take. Long enough to type a password into the desktop's dialog would
/// be minutes: who is at a locked desktop gets the sealed file instead.
const DEADLINE: Duration = Duration::from_secs(3);

/// The operating system's keyring, for one profile.
pub(super) struct OsKeyring {
    profile: String,
    /// Set after the first call that failed for another reason than "no such entry": the next
    /// ones fail at once instead of each waiting for the deadline.
    broken: AtomicBool,
}

impl OsKeyring {
    pub fn new(profile: &str) -> OsKeyring {
        OsKeyring {
            profile: profile.to_owned(),
            broken: AtomicBool::new(false),
        }
    }

    pub fn get(&self, name: SecretName) -> Result<Option<Secret>> {
        match self.call(name.as_str(), |entry| entry.get_password())? {
            Some(value) => Ok(Some(Secret::new(value))),
            None => Ok(None),
        }
    }

    pub fn set(&self, name: SecretName, secret: &Secret) -> Result<()> {
        let secret = secret.clone();
        self.call(name.as_str(), move |entry| entry.set_password(secret.expose()))
            .map(drop)
    }

    pub fn delete(&self, name: SecretName) -> Result<bool> {
        let deleted = self.call(name.as_str(), |entry| entry.delete_credential())?;
        Ok(deleted.is_some())
    }

    /// Whether it answered so far.
    pub fn works(&self) -> bool {
        self.probe().is_ok()
    }

    /// Asks for an entry that nobody makes.
    pub fn probe(&self) -> Result<()> {
        self.call("probe", |entry| entry.get_password()).map(drop)
    }

    /// Runs one call on a thread of its own; `None` if there is no such entry. A thread that
    /// misses the deadline is left behind: it holds nothing that anybody waits for.
    fn call<T: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce(&keyring::Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(Error::new(Kind::Unavailable, "the keyring did not work a moment ago"));
        }
        let user = format!("{}/{name}", self.profile);
        let result = within(DEADLINE, move || {
            match keyring::Entry::new("clawdwako", &user).and_then(|e| work(&e)) {
                Ok(value) => Ok(Some(value)),
                Err(keyring::Error::NoEntry) => Ok(None),
                Err(keyring::Error::NoDefaultStore) => {
                    Err(Error::new(Kind::Unavailable, "there is no keyring on this machine"))
                }
                // The library's own text can carry the value (bad encoding): only the variant is safe.
                Err(keyring::Error::NoStorageAccess(_)) => {
                    Err(Error::new(Kind::Unavailable, "the keyring is locked or refused access"))
                }
                Err(_) => Err(Error::new(Kind::Unavailable, "the keyring failed")),
            }
        });
        if result.is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
        result
    }
}

/// Runs `work` on a thread and waits for it at most so long.
fn within<T: Send + 'static>(deadline: Duration, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let (sender, receiver) = mpsc::channel();
    std::thread::Builder::new()
        .name("keyring".to_owned())
        .spawn(move || {
            // The receiver may be gone by now; then nobody wants the answer.
            let _ = sender.send(work());
        })
        .map_err(|e| Error::new(Kind::Io, "no thread for the keyring could be started").because(e))?;
    match receiver.recv_timeout(deadline) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(Error::new(
            Kind::Timeout,
            "the keyring did not answer; it may be locked",
        )),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(Error::new(Kind::Unavailable, "the keyring crashed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_hangs_or_crashes_ends_at_the_deadline() {
        let (_keep, never) = mpsc::channel::<()>();
        let e = within(Duration::from_millis(20), move || {
            let _ = never.recv();
            Ok(())
        })
        .unwrap_err();
        assert_eq!(e.kind(), Kind::Timeout);
        assert_eq!(within(DEADLINE, || Ok(5)).unwrap(), 5);
        // The thread's panic message is this test's own doing.
        let e = within(DEADLINE, || -> Result<()> { std::panic::resume_unwind(Box::new(())) }).unwrap_err();
        assert_eq!(e.kind(), Kind::Unavailable);
    }
}
