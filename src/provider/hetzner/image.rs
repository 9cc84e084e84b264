//! Which image a server is made from.

use super::Hetzner;
use super::wire::{Image, ImageAnswer, arch};
use crate::error::{Result, usage};
use crate::provider::{Offer, image_number};

/// An image that was looked up.
#[derive(Debug)]
pub(super) struct Chosen {
    /// What the create call gets: a name, or the number of a snapshot.
    pub reference: String,
    /// The architectures that it is there for.
    arches: Vec<String>,
    /// The least disk that it fits on, in GB.
    disk_gb: f64,
}

impl Chosen {
    /// Whether a server of that type can be made from it.
    #[allow(clippy::cast_precision_loss, reason = "a disk in GB is far below 2^53")]
    pub fn fits(&self, offer: &Offer) -> bool {
        self.arches.contains(&offer.arch) && offer.disk_gb as f64 >= self.disk_gb
    }
}

impl Hetzner {
    /// Looks an image up. A number is the id of an image or snapshot of the project; anything
    /// else is the name of one of Hetzner's own, which stands for one image an architecture.
    ///
    /// # Errors
    /// `usage` if there is none, or none that is not deprecated.
    pub(super) async fn image(&self, wanted: &str) -> Result<Chosen> {
        let none = |why: &str| {
            usage(format!("Hetzner has no image {wanted:?}{why}"))
                .hint("use ubuntu-24.04, ubuntu-22.04 or debian-12, or the number of a snapshot in this project")
        };
        if image_number(wanted).is_some() {
            let found: Option<ImageAnswer> = self.rest.find(&format!("images/{wanted}")).await?;
            let image = found.ok_or_else(|| none(""))?.image;
            if image.status != "available" {
                return Err(none(" that is ready"));
            }
            return Ok(Chosen {
                reference: wanted.to_owned(),
                arches: vec![arch(&image.architecture).to_owned()],
                disk_gb: image.disk_size,
            });
        }
        let query = [("name", wanted), ("type", "system"), ("status", "available")];
        let mut images: Vec<Image> = self.list("images", &query).await?;
        images.retain(|i| i.name.as_deref() == Some(wanted) && i.deprecated.is_none());
        if images.is_empty() {
            return Err(none(" that is not deprecated"));
        }
        Ok(Chosen {
            reference: wanted.to_owned(),
            arches: images.iter().map(|i| arch(&i.architecture).to_owned()).collect(),
            disk_gb: images.iter().map(|i| i.disk_size).fold(0.0, f64::max),
        })
    }
}
