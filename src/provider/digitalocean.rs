//! DigitalOcean's API.

use super::{Account, Instance, InstanceSpec, Offer, OfferWish, Region, Resource, Tag};
use crate::error::{Error, Kind, Result};
use crate::http::Http;
use crate::secrets::Secret;
use std::time::Duration;
use url::Url;

/// A client of DigitalOcean's API.
#[derive(Debug, Clone)]
pub struct DigitalOcean {
    http: Http,
    base: Url,
    token: Secret,
}

fn later<T>() -> Result<T> {
    Err(Error::new(Kind::Unsupported, "not built yet"))
}

impl DigitalOcean {
    /// Makes the client.
    pub fn new(http: Http, base: Url, token: Secret) -> Self {
        DigitalOcean { http, base, token }
    }
    pub async fn account(&self) -> Result<Account> {
        let _ = (&self.http, &self.base, &self.token);
        later()
    }
    pub async fn regions(&self) -> Result<Vec<Region>> {
        later()
    }
    pub async fn sizes(&self) -> Result<Vec<Offer>> {
        later()
    }
    pub async fn offers(&self, _wish: &OfferWish) -> Result<Vec<Offer>> {
        later()
    }
    pub async fn ensure_ssh_key(&self, _tag: &Tag, _public: &str) -> Result<String> {
        later()
    }
    pub async fn ensure_firewall(&self, _tag: &Tag) -> Result<String> {
        later()
    }
    pub async fn find_instance(&self, _tag: &Tag) -> Result<Option<Instance>> {
        later()
    }
    pub async fn ensure_instance(&self, _tag: &Tag, _spec: &InstanceSpec, _offers: &[Offer]) -> Result<Instance> {
        later()
    }
    pub async fn wait_running(&self, _instance: &Instance, _deadline: Duration) -> Result<Instance> {
        later()
    }
    pub async fn resources(&self, _deployment_id: Option<&str>) -> Result<Vec<Resource>> {
        later()
    }
    pub async fn delete(&self, _resource: &Resource) -> Result<()> {
        later()
    }
}
