//! Images: the systems, and one snapshot of ours.

use super::{
    actions, listing,
    reply::{Fail, Reply, id, ok},
};
use crate::sandbox::cloud::call::Call;
use axum::extract::Path;
use serde_json::{Value, json};

/// An image.
#[derive(Debug)]
pub struct Image {
    pub id: i64,
    /// A snapshot has none.
    pub name: Option<&'static str>,
    description: &'static str,
    flavor: &'static str,
    version: &'static str,
    pub arch: &'static str,
    created: &'static str,
    deprecated: Option<&'static str>,
}

const fn system(
    id: i64,
    name: &'static str,
    description: &'static str,
    flavor: &'static str,
    version: &'static str,
    arch: &'static str,
) -> Image {
    Image {
        id,
        name: Some(name),
        description,
        flavor,
        version,
        arch,
        created: "2024-04-25T13:26:27Z",
        deprecated: None,
    }
}

/// All images.
pub static IMAGES: [Image; 8] = [
    system(114_690_387, "debian-12", "Debian 12", "debian", "12", "x86"),
    system(114_690_389, "debian-12", "Debian 12", "debian", "12", "arm"),
    system(67_794_396, "ubuntu-22.04", "Ubuntu 22.04", "ubuntu", "22.04", "x86"),
    system(103_907_373, "ubuntu-22.04", "Ubuntu 22.04", "ubuntu", "22.04", "arm"),
    system(161_547_269, "ubuntu-24.04", "Ubuntu 24.04", "ubuntu", "24.04", "x86"),
    system(161_547_270, "ubuntu-24.04", "Ubuntu 24.04", "ubuntu", "24.04", "arm"),
    Image {
        deprecated: Some("2026-08-31T00:00:00Z"),
        ..system(45_557_056, "debian-11", "Debian 11", "debian", "11", "x86")
    },
    Image {
        name: None,
        created: "2026-11-01T09:00:00Z",
        ..system(310_000_001, "", "golden", "debian", "12", "x86")
    },
];

impl Image {
    /// Finds an image by id, or a system's by name for an architecture.
    pub fn find(name_or_id: &str, arch: &str) -> Option<&'static Image> {
        IMAGES
            .iter()
            .find(|i| i.id.to_string() == name_or_id || (i.name == Some(name_or_id) && i.arch == arch))
    }

    /// What the sandbox's machines know it by.
    pub fn host_image(&self) -> &'static str {
        self.name.unwrap_or(self.description)
    }

    /// The API's view of it.
    pub fn view(&self) -> Value {
        let snapshot = self.name.is_none();
        json!({
            "id": self.id,
            "type": if snapshot { "snapshot" } else { "system" },
            "status": "available",
            "name": self.name,
            "description": self.description,
            "image_size": snapshot.then_some(1.4),
            "disk_size": if snapshot { 40 } else { 5 },
            "created": self.created,
            "created_from": snapshot.then(|| json!({"id": 1, "name": "golden"})),
            "bound_to": null,
            "os_flavor": self.flavor,
            "os_version": self.version,
            "rapid_deploy": !snapshot,
            "protection": {"delete": false},
            "deprecated": self.deprecated,
            "deleted": null,
            "labels": {},
            "architecture": self.arch,
        })
    }
}

/// `GET /images`. What is deprecated shows only with `include_deprecated`.
pub async fn all(call: Call) -> Reply {
    let params = &call.params;
    let any_of = |name: &str, view: &Value, key: &str| {
        let mut wanted = params.all(name).peekable();
        wanted.peek().is_none() || wanted.any(|w| view[key] == w)
    };
    let old_too = params.get("include_deprecated") == Some("true");
    let items = IMAGES
        .iter()
        .map(Image::view)
        .filter(|v| old_too || v["deprecated"].is_null())
        .filter(|v| {
            any_of("type", v, "type") && any_of("status", v, "status") && any_of("architecture", v, "architecture")
        })
        .filter(|v| params.get("bound_to").is_none() || !v["bound_to"].is_null())
        .collect();
    listing::list(&call, "images", items, &["id", "name", "created"])
}

/// `GET /images/{id}`.
pub async fn one(Path(image): Path<String>) -> Reply {
    let image = known(&image)?;
    ok(json!({"image": image.view()}))
}

/// `DELETE /images/{id}`. Systems are the provider's, and the snapshot belongs to the sandbox.
pub async fn delete(Path(image): Path<String>) -> Reply {
    let image = known(&image)?;
    Err(match image.name {
        Some(_) => Fail::new("forbidden", "a system image cannot be deleted"),
        None => Fail::new("protected", "the sandbox keeps this snapshot"),
    })
}

/// `GET /images/{id}/actions`.
pub async fn actions(Path(image): Path<String>, call: Call) -> Reply {
    let image = known(&image)?;
    actions::of(&call, "image", Some(image.id))
}

fn known(text: &str) -> Result<&'static Image, Fail> {
    let wanted = id("image", text)?;
    IMAGES
        .iter()
        .find(|i| i.id == wanted)
        .ok_or_else(|| Fail::not_found("image", wanted))
}
