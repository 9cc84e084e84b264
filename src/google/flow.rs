//! A whole sign-in, as the terminal makes it. The caller owns the printing.

use super::{DeviceLogin, Google, Identity, Polled, Tokens};
use crate::error::{Error, Kind, Result};
use crate::model::now;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// What the user has to be shown.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What to type.
    pub code: String,
    /// Where to type it.
    pub link: String,
    /// The link as a QR code of Unicode half blocks, dark on light; lines end with `\n`.
    pub qr: String,
    /// How long the code is good for, in seconds.
    pub seconds: i64,
}

/// A person who has signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub identity: Identity,
    /// Their tokens; the refresh token is to be kept.
    pub tokens: Tokens,
}

/// Signs in: begins, has the prompt shown (and, if the caller likes, a browser opened), waits
/// for the user's decision until the code expires, verifies who it was.
///
/// # Errors
/// As [`Google::start`], [`Google::poll`] and [`Google::verify`].
pub async fn sign_in(google: &Google, show: &mut (dyn FnMut(&Prompt) + Send)) -> Result<SignedIn> {
    let mut login = google.start().await?;
    show(&prompt(&login));
    let tokens = loop {
        tokio::time::sleep(login.interval).await;
        if let Polled::Done(tokens) = google.poll(&mut login).await? {
            break tokens;
        }
    };
    let Some(id_token) = &tokens.id_token else {
        return Err(Error::new(Kind::Upstream, "Google did not say who signed in").hint("try again"));
    };
    let identity = google.verify(id_token, None).await?;
    Ok(SignedIn { identity, tokens })
}

/// What to show for a sign-in that has begun.
pub fn prompt(login: &DeviceLogin) -> Prompt {
    let link = login.link_with_code.as_ref().unwrap_or(&login.link);
    Prompt {
        code: login.user_code.clone(),
        link: login.link.clone(),
        qr: qr(link).unwrap_or_default(),
        seconds: ((login.expires_at - now()) / 1000).max(0),
    }
}

/// A text as a QR code of Unicode half blocks; none if it is too long for one.
pub fn qr(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    // The blocks are what is printed light: on the usual dark terminal that is right.
    let picture = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Dark)
        .light_color(Dense1x2::Light)
        .build();
    Some(picture + "\n")
}

/// Opens a web page in the user's browser, without waiting; whether that worked.
pub fn open_browser(link: &str) -> bool {
    // Only what a browser shall open: never a file or another program's scheme.
    (link.starts_with("https://") || link.starts_with("http://127.0.0.1")) && open::that_detached(link).is_ok()
}
