//! Where servers stand. The old `/datacenters` answers 410 since October 2026.

use super::{
    listing,
    reply::{Fail, Reply, id, ok},
};
use crate::sandbox::cloud::call::Call;
use axum::extract::Path;
use serde_json::{Value, json};

/// A location.
#[derive(Debug)]
pub struct Location {
    pub id: i64,
    pub name: &'static str,
    description: &'static str,
    country: &'static str,
    city: &'static str,
    latitude: f64,
    longitude: f64,
    pub zone: &'static str,
}

/// All locations.
pub static LOCATIONS: [Location; 6] = [
    Location {
        id: 1,
        name: "fsn1",
        description: "Falkenstein DC Park 1",
        country: "DE",
        city: "Falkenstein",
        latitude: 50.47612,
        longitude: 12.370071,
        zone: "eu-central",
    },
    Location {
        id: 2,
        name: "nbg1",
        description: "Nuremberg DC Park 1",
        country: "DE",
        city: "Nuremberg",
        latitude: 49.452102,
        longitude: 11.076665,
        zone: "eu-central",
    },
    Location {
        id: 3,
        name: "hel1",
        description: "Helsinki DC Park 1",
        country: "FI",
        city: "Helsinki",
        latitude: 60.169855,
        longitude: 24.938379,
        zone: "eu-central",
    },
    Location {
        id: 4,
        name: "ash",
        description: "Ashburn, VA",
        country: "US",
        city: "Ashburn, VA",
        latitude: 39.045821,
        longitude: -77.487073,
        zone: "us-east",
    },
    Location {
        id: 5,
        name: "hil",
        description: "Hillsboro, OR",
        country: "US",
        city: "Hillsboro, OR",
        latitude: 45.54222,
        longitude: -122.951924,
        zone: "us-west",
    },
    Location {
        id: 6,
        name: "sin",
        description: "Singapore",
        country: "SG",
        city: "Singapore",
        latitude: 1.283333,
        longitude: 103.833333,
        zone: "ap-southeast",
    },
];

/// The location of a name.
pub fn by_name(name: &str) -> Option<&'static Location> {
    LOCATIONS.iter().find(|location| location.name == name)
}

impl Location {
    /// The API's view of it.
    pub fn view(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "country": self.country,
            "city": self.city,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "network_zone": self.zone,
        })
    }
}

/// `GET /locations`.
pub async fn all(call: Call) -> Reply {
    let items = LOCATIONS.iter().map(Location::view).collect();
    listing::list(&call, "locations", items, &["id", "name"])
}

/// `GET /locations/{id}`.
pub async fn one(Path(location): Path<String>) -> Reply {
    let location = id("location", &location)?;
    match LOCATIONS.iter().find(|l| l.id == location) {
        Some(found) => ok(json!({"location": found.view()})),
        None => Err(Fail::not_found("location", location)),
    }
}

/// `GET /datacenters` and below.
pub async fn datacenters() -> Fail {
    Fail::new(
        "deprecated_api_endpoint",
        "datacenters were removed: use locations, and the locations of the server types",
    )
}
