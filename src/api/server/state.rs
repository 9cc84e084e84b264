//! What every handler works with.

use crate::config::{Endpoints, ServerSettings};
use crate::http::Http;
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
pub struct App(Arc<Parts>);

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
    /// The operator's own credentials: cloud tokens, model keys, the OAuth client.
    pub operator: BTreeMap<SecretName, Secret>,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> App {
        App(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
