//! Stub.
use crate::error::Result;
use crate::secrets::Secret;
pub struct Telegram;
pub struct Me {
    pub id: i64,
    pub username: String,
}
pub struct Hook {
    pub url: Option<String>,
}
impl Telegram {
    pub fn new(_b: &url::Url, _t: &Secret) -> Result<Self> {
        Ok(Telegram)
    }
    pub async fn get_me(&self) -> Result<Me> {
        Ok(Me {
            id: 0,
            username: String::new(),
        })
    }
    pub async fn webhook(&self) -> Result<Hook> {
        Ok(Hook { url: None })
    }
    pub async fn delete_webhook(&self) -> Result<()> {
        Ok(())
    }
}
