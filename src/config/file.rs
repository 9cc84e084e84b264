//! The config file: TOML, with the same keys at the top and in each `[profiles.NAME]`.

use super::{ServerSettings, endpoints, nearest, server};
use crate::error::{Error, Kind, Result, usage};
use crate::secrets::keyring::SecretName;
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

/// The keys of a section that hold text.
const TEXTS: [&str; 7] = [
    "provider",
    "region",
    "size",
    "image",
    "model",
    "agent_version",
    "server_url",
];

/// What one section sets.
#[derive(Debug, Clone, Default)]
pub(super) struct Section {
    pub provider: Option<String>,
    pub region: Option<String>,
    pub size: Option<String>,
    pub image: Option<String>,
    pub model: Option<String>,
    pub agent_version: Option<String>,
    pub server_url: Option<String>,
    pub owner: Option<i64>,
    pub remote: Option<bool>,
    pub endpoints: BTreeMap<String, String>,
    pub secret_files: BTreeMap<SecretName, String>,
}

/// The whole file.
#[derive(Debug, Clone, Default)]
pub(super) struct File {
    /// The profile that is used when none is named.
    pub profile: Option<String>,
    /// What the operator of a control server decides.
    pub server: ServerSettings,
    base: Section,
    profiles: BTreeMap<String, Section>,
    name: String,
}

impl File {
    /// Reads it; a file that is not there and was not asked for sets nothing.
    pub fn read(read: &dyn Fn(&Path) -> std::io::Result<Option<String>>, path: &Path, demanded: bool) -> Result<File> {
        let name = path.display().to_string();
        let text = read(path).map_err(|e| Error::new(Kind::Io, format!("{name} cannot be read")).because(e))?;
        match text {
            Some(text) => File::parse(&text, &name),
            None if demanded => Err(Error::new(Kind::Usage, format!("there is no config file {name}"))
                .hint("look at --config and CLAWDWAKO_CONFIG")),
            None => Ok(File {
                name,
                ..File::default()
            }),
        }
    }

    fn parse(text: &str, name: &str) -> Result<File> {
        // toml's own text would quote the line, and somebody may have written a secret there.
        let table: Table = text.parse().map_err(|e: toml::de::Error| {
            let line = e
                .span()
                .map_or(1, |s| text[..s.start.min(text.len())].matches('\n').count() + 1);
            usage(format!("{name}, line {line}: {}", e.message()))
        })?;
        let mut file = File {
            name: name.to_owned(),
            ..File::default()
        };
        let mut rest = Table::new();
        for (key, value) in table {
            match (key.as_str(), value) {
                ("profile", value) => file.profile = Some(text_of(name, "profile", value)?),
                ("server", value) => file.server = server::parse(name, value)?,
                ("profiles", Value::Table(profiles)) => {
                    for (profile, section) in profiles {
                        let place = format!("profiles.{profile}");
                        let Value::Table(section) = section else {
                            return Err(wrong(name, &place, "a table"));
                        };
                        file.profiles
                            .insert(profile, Section::parse(name, &place, section, &[])?);
                    }
                }
                ("profiles", _) => return Err(wrong(name, "profiles", "a table")),
                (_, value) => {
                    rest.insert(key, value);
                }
            }
        }
        file.base = Section::parse(name, "", rest, &["profile", "profiles", "server"])?;
        Ok(file)
    }

    /// What counts for one profile: its own keys, else those at the top.
    pub fn section(&self, profile: &str) -> Result<Section> {
        let own = match self.profiles.get(profile) {
            Some(own) => own.clone(),
            None if profile == "default" || self.profiles.is_empty() => Section::default(),
            None => {
                let known = self.profiles.keys().map(String::as_str);
                let hint = match nearest(profile, known.clone()) {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => format!("it knows {}", known.collect::<Vec<_>>().join(", ")),
                };
                return Err(usage(format!("{} has no profile {profile:?}", self.name)).hint(hint));
            }
        };
        let base = self.base.clone();
        let mut endpoints = base.endpoints;
        endpoints.extend(own.endpoints);
        let mut secret_files = base.secret_files;
        secret_files.extend(own.secret_files);
        Ok(Section {
            provider: own.provider.or(base.provider),
            region: own.region.or(base.region),
            size: own.size.or(base.size),
            image: own.image.or(base.image),
            model: own.model.or(base.model),
            agent_version: own.agent_version.or(base.agent_version),
            server_url: own.server_url.or(base.server_url),
            owner: own.owner.or(base.owner),
            remote: own.remote.or(base.remote),
            endpoints,
            secret_files,
        })
    }
}

impl Section {
    fn parse(file: &str, place: &str, table: Table, more: &[&str]) -> Result<Section> {
        let mut section = Section::default();
        for (key, value) in table {
            let at = if place.is_empty() {
                key.clone()
            } else {
                format!("{place}.{key}")
            };
            let slot = match key.as_str() {
                "provider" => &mut section.provider,
                "region" => &mut section.region,
                "size" => &mut section.size,
                "image" => &mut section.image,
                "model" => &mut section.model,
                "agent_version" => &mut section.agent_version,
                "owner" => {
                    section.owner = Some(value.as_integer().ok_or_else(|| wrong(file, &at, "a number"))?);
                    continue;
                }
                "server_url" => &mut section.server_url,
                "remote" => {
                    section.remote = Some(value.as_bool().ok_or_else(|| wrong(file, &at, "true or false"))?);
                    continue;
                }
                "endpoints" => {
                    let known: Vec<&str> = endpoints::keys().collect();
                    for (key, value) in texts(file, &at, value)? {
                        if !known.contains(&key.as_str()) {
                            return Err(unknown(file, &at, &key, &known));
                        }
                        section.endpoints.insert(key, value);
                    }
                    continue;
                }
                "secret_files" => {
                    let known: Vec<&str> = SecretName::ALL.iter().map(|n| n.as_str()).collect();
                    for (key, value) in texts(file, &at, value)? {
                        let name = key.parse().map_err(|_| unknown(file, &at, &key, &known))?;
                        section.secret_files.insert(name, value);
                    }
                    continue;
                }
                _ => {
                    let mut known = TEXTS.to_vec();
                    known.extend(["owner", "remote", "endpoints", "secret_files"]);
                    known.extend(more);
                    return Err(unknown(file, place, &key, &known));
                }
            };
            *slot = Some(text_of(file, &at, value)?);
        }
        Ok(section)
    }
}

fn texts(file: &str, place: &str, value: Value) -> Result<Vec<(String, String)>> {
    let Value::Table(table) = value else {
        return Err(wrong(file, place, "a table"));
    };
    table
        .into_iter()
        .map(|(key, value)| {
            let text = text_of(file, &format!("{place}.{key}"), value)?;
            Ok((key, text))
        })
        .collect()
}

fn text_of(file: &str, place: &str, value: Value) -> Result<String> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text),
        _ => Err(wrong(file, place, "a text that is not empty")),
    }
}

fn wrong(file: &str, place: &str, what: &str) -> Error {
    usage(format!("{file}: `{place}` has to be {what}"))
}

fn unknown(file: &str, place: &str, key: &str, known: &[&str]) -> Error {
    let place = if place.is_empty() {
        String::new()
    } else {
        format!(" in [{place}]")
    };
    let e = usage(format!("{file}: there is no setting `{key}`{place}"));
    let secret = ["token", "key", "secret", "password"]
        .iter()
        .any(|w| key.to_ascii_lowercase().contains(w));
    match nearest(key, known.iter().copied()) {
        Some(near) => e.hint(format!("did you mean `{near}`?")),
        None if secret => e.hint("secrets do not belong in the config file: use `clawdwako secrets set`"),
        None => e.hint(format!("it knows {}", known.join(", "))),
    }
}
