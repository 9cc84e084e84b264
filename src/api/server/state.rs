//! What every handler works with.

use super::connections::files;
use super::rate::Rates;
use super::streams::Streams;
use crate::config::ServerSettings;
use crate::error::{Error, Kind, Result};
use crate::google::Google;
use crate::http::{Endpoints, Http};
use crate::model::{Millis, Plans, ProviderKind};
use crate::provider::Offer;
use crate::secrets::Secret;
use crate::secrets::keyring::SecretName;
use crate::store::Store;
use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What every handler works with. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Whole>);

/// What clouds offered, and when, by account and cloud.
pub type OffersKept = Mutex<HashMap<(String, ProviderKind), (Millis, Vec<Offer>)>>;

/// The parts of an [`App`].
pub struct Parts {
    /// The store.
    pub store: Store,
    /// The HTTP client.
    pub http: Http,
    /// Where the outside world is.
    pub endpoints: Endpoints,
    /// The operator's settings.
    pub settings: ServerSettings,
    /// What each plan allows.
    pub plans: Plans,
    /// What clouds offered lately, by account and cloud.
    pub offers: OffersKept,
    /// The operator's own credentials: cloud tokens, model keys, the OAuth clients.
    pub operator: BTreeMap<SecretName, Secret>,
}

struct Whole {
    parts: Parts,
    rates: Rates,
    streams: Streams,
    /// Google's sign-in for browsers, if the operator has a client for it.
    web: Option<Google>,
    /// The same for command lines.
    device: Option<Google>,
}

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// `usage` if an address cannot be one.
    pub fn new(parts: Parts) -> Result<App> {
        let google = |id: SecretName, secret: SecretName| {
            let secret = parts.operator.get(&secret);
            let client = parts.operator.get(&id);
            client
                .map(|id| Google::new(parts.http.clone(), &parts.endpoints, id.expose(), secret))
                .transpose()
        };
        Ok(App(Arc::new(Whole {
            web: google(SecretName::GoogleWebClientId, SecretName::GoogleWebClientSecret)?,
            device: google(SecretName::GoogleClientId, SecretName::GoogleClientSecret)?,
            rates: Rates::new(&parts.settings),
            streams: Streams::new(&parts.settings, files::room(&parts.settings).streams),
            parts,
        })))
    }

    /// How often callers may call.
    pub(super) fn rates(&self) -> &Rates {
        &self.0.rates
    }

    /// The live streams of this process.
    pub(super) fn streams(&self) -> &Streams {
        &self.0.streams
    }

    /// Google's sign-in for browsers.
    ///
    /// # Errors
    /// `unsupported` if the operator has no client for it.
    pub(super) fn web(&self) -> Result<&Google> {
        self.0.web.as_ref().ok_or_else(|| {
            Error::new(Kind::Unsupported, "this control server has no OAuth client for web pages").hint(
                "its operator sets GOOGLE_WEB_CLIENT_ID and GOOGLE_WEB_CLIENT_SECRET; `clawdwako login --server URL` may work",
            )
        })
    }

    /// Google's sign-in for command lines.
    ///
    /// # Errors
    /// `unsupported` if the operator has no client for it.
    pub(super) fn device(&self) -> Result<&Google> {
        self.0.device.as_ref().ok_or_else(|| {
            Error::new(
                Kind::Unsupported,
                "this control server has no OAuth client for command lines",
            )
            .hint("its operator sets GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET")
        })
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}
