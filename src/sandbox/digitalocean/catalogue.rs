//! Regions, sizes, images: what can be ordered.

use super::{
    State, lock,
    reply::{Fail, Reply, list, ok},
};
use crate::sandbox::cloud::call::Call;
use axum::extract::Path;
use serde_json::{Value, json};

/// A region.
pub struct Region {
    pub slug: &'static str,
    name: &'static str,
    pub open: bool,
}

/// All regions.
pub static REGIONS: [Region; 10] = [
    Region {
        slug: "nyc1",
        name: "New York 1",
        open: true,
    },
    Region {
        slug: "sfo1",
        name: "San Francisco 1",
        open: false,
    },
    Region {
        slug: "ams3",
        name: "Amsterdam 3",
        open: true,
    },
    Region {
        slug: "sgp1",
        name: "Singapore 1",
        open: true,
    },
    Region {
        slug: "lon1",
        name: "London 1",
        open: true,
    },
    Region {
        slug: "nyc3",
        name: "New York 3",
        open: true,
    },
    Region {
        slug: "fra1",
        name: "Frankfurt 1",
        open: true,
    },
    Region {
        slug: "tor1",
        name: "Toronto 1",
        open: true,
    },
    Region {
        slug: "syd1",
        name: "Sydney 1",
        open: true,
    },
    Region {
        slug: "atl1",
        name: "Atlanta 1",
        open: true,
    },
];

/// A size.
pub struct Size {
    pub slug: &'static str,
    pub memory_mb: i64,
    pub vcpus: i64,
    pub disk_gb: i64,
    /// Dollars a month.
    month: f64,
    /// Dollars an hour.
    hour: f64,
    /// TiB of outgoing traffic.
    transfer: f64,
    description: &'static str,
    /// Whether it can be ordered anywhere.
    sold: bool,
}

const fn size(
    slug: &'static str,
    memory_mb: i64,
    vcpus: i64,
    disk_gb: i64,
    month: f64,
    hour: f64,
    transfer: f64,
) -> Size {
    Size {
        slug,
        memory_mb,
        vcpus,
        disk_gb,
        month,
        hour,
        transfer,
        description: "Basic",
        sold: true,
    }
}

/// All sizes, with the prices of February 2026.
pub static SIZES: [Size; 9] = [
    size("s-1vcpu-512mb-10gb", 512, 1, 10, 4.0, 0.00595, 0.5),
    size("s-1vcpu-1gb", 1024, 1, 25, 6.0, 0.00893, 1.0),
    size("s-1vcpu-2gb", 2048, 1, 50, 12.0, 0.01786, 2.0),
    Size {
        description: "Basic Intel",
        ..size("s-1vcpu-2gb-intel", 2048, 1, 50, 14.0, 0.02083, 2.0)
    },
    size("s-2vcpu-2gb", 2048, 2, 60, 18.0, 0.02679, 3.0),
    size("s-2vcpu-4gb", 4096, 2, 80, 24.0, 0.03571, 4.0),
    Size {
        description: "Basic Intel",
        ..size("s-2vcpu-4gb-intel", 4096, 2, 80, 28.0, 0.04167, 4.0)
    },
    size("s-4vcpu-8gb", 8192, 4, 160, 48.0, 0.07143, 5.0),
    // An old one that is listed, but sold no more.
    Size {
        description: "Legacy",
        sold: false,
        ..size("1gb", 1024, 1, 30, 10.0, 0.01488, 2.0)
    },
];

/// Sizes that are sold out in a region when the sandbox starts.
pub const SOLD_OUT: [(&str, &str); 2] = [("s-1vcpu-2gb", "fra1"), ("s-2vcpu-4gb-intel", "sgp1")];

/// An image.
pub struct Image {
    pub id: i64,
    /// A snapshot has none.
    pub slug: Option<&'static str>,
    name: &'static str,
    distribution: &'static str,
    description: &'static str,
    /// GiB.
    min_disk: i64,
}

/// All images.
pub static IMAGES: [Image; 4] = [
    Image {
        id: 195_932_981,
        slug: Some("ubuntu-24-04-x64"),
        name: "24.04 (LTS) x64",
        distribution: "Ubuntu",
        description: "Ubuntu 24.04 (LTS) x64",
        min_disk: 7,
    },
    Image {
        id: 195_932_977,
        slug: Some("ubuntu-22-04-x64"),
        name: "22.04 (LTS) x64",
        distribution: "Ubuntu",
        description: "Ubuntu 22.04 (LTS) x64",
        min_disk: 7,
    },
    Image {
        id: 195_932_969,
        slug: Some("debian-12-x64"),
        name: "12 x64",
        distribution: "Debian",
        description: "Debian 12 x64",
        min_disk: 7,
    },
    Image {
        id: 210_000_001,
        slug: None,
        name: "golden",
        distribution: "Debian",
        description: "",
        min_disk: 25,
    },
];

impl Region {
    /// Finds a region.
    pub fn find(slug: &str) -> Option<&'static Region> {
        REGIONS.iter().find(|r| r.slug == slug)
    }

    /// The API's view of it.
    pub fn view(&self, state: &State) -> Value {
        let sizes: Vec<&str> = SIZES.iter().filter(|s| state.has(s, self)).map(|s| s.slug).collect();
        json!({
            "slug": self.slug,
            "name": self.name,
            "available": self.open,
            "features": ["backups", "ipv6", "metadata", "install_agent", "storage", "image_transfer"],
            "sizes": sizes,
        })
    }
}

impl Size {
    /// Finds a size.
    pub fn find(slug: &str) -> Option<&'static Size> {
        SIZES.iter().find(|s| s.slug == slug)
    }

    /// The API's view of it.
    pub fn view(&self, state: &State) -> Value {
        let regions: Vec<&str> = REGIONS.iter().filter(|r| state.has(self, r)).map(|r| r.slug).collect();
        json!({
            "slug": self.slug,
            "memory": self.memory_mb,
            "vcpus": self.vcpus,
            "disk": self.disk_gb,
            "disk_info": disk_info(self.disk_gb),
            "transfer": self.transfer,
            "price_monthly": self.month,
            "price_hourly": self.hour,
            "available": self.sold && !regions.is_empty(),
            "regions": regions,
            "description": self.description,
            "networking_throughput": 2000,
        })
    }
}

/// The disk of a size or droplet as the API tells it.
pub fn disk_info(gb: i64) -> Value {
    json!([{"type": "local", "size": {"amount": gb, "unit": "gib"}}])
}

impl Image {
    /// Finds an image by slug or id.
    pub fn find(slug_or_id: &str) -> Option<&'static Image> {
        IMAGES
            .iter()
            .find(|i| i.slug == Some(slug_or_id) || i.id.to_string() == slug_or_id)
    }

    /// What the sandbox's machines know it by.
    pub fn host_image(&self) -> &'static str {
        match self.slug {
            Some("ubuntu-24-04-x64") => "ubuntu-24.04",
            Some("ubuntu-22-04-x64") => "ubuntu-22.04",
            Some(_) => "debian-12",
            None => self.name,
        }
    }

    /// The API's view of it.
    pub fn view(&self) -> Value {
        let regions: Vec<&str> = REGIONS.iter().map(|r| r.slug).collect();
        json!({
            "id": self.id,
            "name": self.name,
            "distribution": self.distribution,
            "slug": self.slug,
            "public": self.slug.is_some(),
            "regions": regions,
            "created_at": "2025-08-08T15:11:27Z",
            "min_disk_size": self.min_disk,
            "type": if self.slug.is_some() { "base" } else { "snapshot" },
            "size_gigabytes": if self.slug.is_some() { 3.76 } else { 5.2 },
            "description": self.description,
            "tags": [],
            "status": "available",
        })
    }

    fn snapshot_view(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "name": self.name,
            "created_at": "2025-08-08T15:11:27Z",
            "regions": ["nyc3", "fra1"],
            "resource_id": "1",
            "resource_type": "droplet",
            "min_disk_size": self.min_disk,
            "size_gigabytes": 5.2,
            "tags": [],
        })
    }
}

impl State {
    /// Whether a size can be ordered in a region now.
    pub fn has(&self, size: &Size, region: &Region) -> bool {
        size.sold && region.open && !self.sold_out.contains(&(size.slug.to_owned(), region.slug.to_owned()))
    }

    /// Says whether a size can be ordered in a region; `*` names all of them.
    ///
    /// # Errors
    /// `usage` if there is no such size or region.
    pub fn set_available(&mut self, size: &str, region: &str, available: bool) -> crate::error::Result<()> {
        let mut met = false;
        for size in SIZES.iter().filter(|s| size == "*" || s.slug == size) {
            for region in REGIONS.iter().filter(|r| region == "*" || r.slug == region) {
                let place = (size.slug.to_owned(), region.slug.to_owned());
                met = true;
                if available {
                    self.sold_out.remove(&place);
                } else {
                    self.sold_out.insert(place);
                }
            }
        }
        if met {
            Ok(())
        } else {
            Err(crate::error::usage(format!("there is no size {size} in {region}")))
        }
    }
}

/// `GET /regions`.
pub async fn regions(call: Call) -> Reply {
    let items = {
        let state = lock(&call.world);
        REGIONS.iter().map(|r| r.view(&state)).collect()
    };
    list(&call, "regions", items)
}

/// `GET /sizes`.
pub async fn sizes(call: Call) -> Reply {
    let items = {
        let state = lock(&call.world);
        SIZES.iter().map(|s| s.view(&state)).collect()
    };
    list(&call, "sizes", items)
}

/// `GET /images`, with `type=distribution`, `private=true`, `tag_name`.
pub async fn images(call: Call) -> Reply {
    let private = call.params.get("private") == Some("true");
    let kind = call.params.get("type");
    let items = IMAGES
        .iter()
        .filter(|i| !private || i.slug.is_none())
        .filter(|i| match kind {
            Some("distribution") => i.slug.is_some(),
            Some(_) => false,
            None => true,
        })
        .filter(|_| call.params.get("tag_name").is_none())
        .map(Image::view)
        .collect();
    list(&call, "images", items)
}

/// `GET /images/{id or slug}`.
pub async fn image(Path(image): Path<String>) -> Reply {
    let image = Image::find(&image).ok_or_else(Fail::not_found)?;
    ok(json!({"image": image.view()}))
}

/// `GET /snapshots`, with `resource_type`.
pub async fn snapshots(call: Call) -> Reply {
    let droplets = call.params.get("resource_type").is_none_or(|t| t == "droplet");
    let items = IMAGES
        .iter()
        .filter(|i| droplets && i.slug.is_none())
        .map(Image::snapshot_view)
        .collect();
    list(&call, "snapshots", items)
}
