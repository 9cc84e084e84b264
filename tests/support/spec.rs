//! Checks answers and requests against what the clouds publish of their interfaces: names, types,
//! limits and statuses, which stand in `tests/specs`, taken out of their descriptions by its
//! `extract.py`. Where those descriptions are at hand (`$CLAWDWAKO_SPECS` names their folder), a test
//! looks whether what was taken out of them is current.

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind as Kind};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    sync::{Arc, Mutex},
};

/// What the live service does and the document, which is older, does not know.
pub struct Exception {
    /// The document's file.
    pub file: &'static str,
    /// A part of the place in the body.
    pub place: &'static str,
    /// A part of the validator's complaint.
    pub complaint: &'static str,
    /// What changed, and when.
    pub reason: &'static str,
}

/// All exceptions. The test of the stand-ins fails on one that never happens.
pub const EXCEPTIONS: [Exception; 4] = [
    Exception {
        file: HETZNER,
        place: "/server",
        complaint: "\"datacenter\" is a required property",
        reason: "July 2026: `datacenter` is gone from servers",
    },
    Exception {
        file: HETZNER,
        place: "/primary_ip",
        complaint: "\"datacenter\" is a required property",
        reason: "July 2026: `datacenter` is gone from primary IPs",
    },
    Exception {
        file: HETZNER,
        place: "/assignee_type",
        complaint: "\"unassigned\" is not one of",
        reason: "2026: free primary IPs carry `assignee_type: unassigned`",
    },
    Exception {
        file: DIGITALOCEAN,
        place: "/regions/",
        complaint: "\"atl1\" is not one of",
        reason: "the document's closed list of regions is older than atl1",
    },
];

const HETZNER: &str = "hetzner.json";
const DIGITALOCEAN: &str = "digitalocean.json";

/// One document.
pub struct Spec {
    file: &'static str,
    document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
    used: Mutex<BTreeSet<&'static str>>,
}

/// What a body has against it.
#[derive(Default)]
struct Found {
    complaints: Vec<String>,
    excepted: Vec<&'static str>,
}

impl Spec {
    /// Hetzner's document; its paths begin after `/v1`.
    pub fn hetzner() -> Spec {
        Self::load(HETZNER)
    }

    /// DigitalOcean's document; its paths begin with `/v2`.
    pub fn digitalocean() -> Spec {
        Self::load(DIGITALOCEAN)
    }

    fn load(file: &'static str) -> Spec {
        let mut document = kept(file);
        convert(&mut document);
        Spec {
            file,
            document,
            validators: Mutex::default(),
            used: Mutex::default(),
        }
    }

    /// The reasons of the exceptions of this document that happened so far, and of all.
    pub fn exceptions(&self) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
        let all = EXCEPTIONS.iter().filter(|e| e.file == self.file).map(|e| e.reason);
        (self.used.lock().unwrap().clone(), all.collect())
    }

    /// The path template of a path: itself, or the one that fits best.
    fn template(&self, path: &str) -> Option<String> {
        let paths = self.document["paths"].as_object()?;
        if paths.contains_key(path) {
            return Some(path.to_owned());
        }
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |template: &&String| {
            let theirs: Vec<&str> = template.split('/').collect();
            theirs.len() == parts.len() && theirs.iter().zip(&parts).all(|(t, p)| t == p || t.starts_with('{'))
        };
        paths
            .keys()
            .filter(fits)
            .min_by_key(|t| t.matches('{').count())
            .cloned()
    }

    fn operation(&self, method: &str, path: &str) -> Result<&Value, String> {
        let template = self
            .template(path)
            .ok_or_else(|| format!("{}: no path {path}", self.file))?;
        let operation = &self.document["paths"][&template][method.to_lowercase()];
        if operation.is_null() {
            return Err(format!("{}: no {method} {template}", self.file));
        }
        Ok(operation)
    }

    /// Follows a reference.
    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self
                .document
                .pointer(reference.trim_start_matches('#'))
                .unwrap_or(value),
            None => value,
        }
    }

    /// Everything that is wrong with a body, exceptions taken out.
    fn complaints(&self, schema: &Value, body: &Value) -> Vec<String> {
        let key = schema.to_string();
        let validator = {
            let mut validators = self.validators.lock().unwrap();
            let made = validators.entry(key).or_insert_with(|| {
                let whole = json!({
                    "$schema": "http://json-schema.org/draft-07/schema#",
                    "allOf": [schema],
                    "components": self.document["components"],
                });
                let made = jsonschema::options().should_validate_formats(true).build(&whole);
                Arc::new(made.unwrap_or_else(|e| panic!("{}: {schema}: {e}", self.file)))
            });
            Arc::clone(made)
        };
        let found = self.weigh(&mut validator.iter_errors(body));
        self.used.lock().unwrap().extend(found.excepted);
        found.complaints
    }

    /// Sorts errors into complaints and exceptions. Of alternatives, the nearest counts.
    fn weigh<'e>(&self, errors: &mut dyn Iterator<Item = ValidationError<'e>>) -> Found {
        let mut sum = Found::default();
        for error in errors {
            let found = match error.kind {
                Kind::AnyOf { context } | Kind::OneOfNotValid { context } => context
                    .into_iter()
                    .map(|branch| self.weigh(&mut branch.into_iter()))
                    .min_by_key(|found| found.complaints.len())
                    .unwrap_or_default(),
                _ => self.judge(&error),
            };
            sum.complaints.extend(found.complaints);
            sum.excepted.extend(found.excepted);
        }
        sum
    }

    fn judge(&self, error: &ValidationError<'_>) -> Found {
        let (place, text) = (error.instance_path.to_string(), error.to_string());
        let exception = EXCEPTIONS
            .iter()
            .find(|e| e.file == self.file && format!("{place}/").contains(e.place) && text.contains(e.complaint));
        let mut found = Found::default();
        match exception {
            Some(exception) => found.excepted.push(exception.reason),
            None => {
                let text: String = text.chars().take(300).collect();
                found.complaints.push(format!("at {place}: {text}"));
            }
        }
        found
    }
}

/// Checks an answer. `path` is a template of the document or a real path.
///
/// # Errors
/// What is wrong, in one text.
pub fn check_answer(spec: &Spec, method: &str, path: &str, status: u16, body: &Value) -> Result<(), String> {
    let operation = spec.operation(method, path)?;
    let responses = &operation["responses"];
    let family = format!("{}xx", status / 100);
    let response = [status.to_string(), family, "default".to_owned()]
        .iter()
        .map(|key| &responses[key])
        .find(|found| !found.is_null())
        .ok_or_else(|| format!("{method} {path}: no answer {status}"))?;
    let schema = &spec.resolve(response)["content"]["application/json"]["schema"];
    if schema.is_null() {
        return match body {
            Value::Null => Ok(()),
            _ => Err(format!("{method} {path}: {status} has no body in the document")),
        };
    }
    report(method, path, spec.complaints(schema, body))
}

/// Checks a request's body (`null` for none), unknown fields included.
///
/// # Errors
/// What is wrong, in one text.
pub fn check_request(spec: &Spec, method: &str, path: &str, body: &Value) -> Result<(), String> {
    let operation = spec.operation(method, path)?;
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    if schema.is_null() || body.is_null() {
        let demanded = operation["requestBody"]["required"] == true;
        return match (schema.is_null(), body.is_null()) {
            (_, true) if demanded => Err(format!("{method} {path}: a body is required")),
            (true, false) => Err(format!("{method} {path}: no body is taken")),
            _ => Ok(()),
        };
    }
    let mut complaints = spec.complaints(schema, body);
    let mut known = BTreeSet::new();
    fields(spec, schema, &mut known);
    let unknown = body
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .filter(|k| !known.contains(*k));
    complaints.extend(unknown.map(|k| format!("unknown field {k}")));
    report(method, path, complaints)
}

fn report(method: &str, path: &str, complaints: Vec<String>) -> Result<(), String> {
    if complaints.is_empty() {
        return Ok(());
    }
    Err(format!("{method} {path}: {}", complaints.join("; ")))
}

/// The names of all fields that a schema knows at its top.
fn fields(spec: &Spec, schema: &Value, known: &mut BTreeSet<String>) {
    let schema = spec.resolve(schema);
    known.extend(
        schema["properties"]
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
            .cloned(),
    );
    for key in ["allOf", "oneOf", "anyOf"] {
        for part in schema[key].as_array().into_iter().flatten() {
            fields(spec, part, known);
        }
    }
}

fn folder() -> PathBuf {
    super::cli::repository().join("tests/specs")
}

/// A file of `tests/specs`.
pub fn kept(name: &str) -> Value {
    let path = folder().join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// A recorded live answer, such as `hetzner-servers`.
pub fn recorded(name: &str) -> Value {
    kept(&format!("recorded/{name}.json"))["answer"].take()
}

/// Makes JSON Schema (draft 7) of OpenAPI 3.0's dialect: `nullable` becomes a second type, and
/// what is no schema word (`example`, `discriminator`) goes.
fn convert(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(convert),
        Value::Object(map) => {
            map.values_mut().for_each(convert);
            map.remove("discriminator");
            // A property can have that name, and is a schema then.
            if map.get("example").is_some_and(|e| !e.is_object()) || map.contains_key("type") {
                map.remove("example");
            }
            if map.remove("nullable") == Some(Value::Bool(true)) {
                let schema = std::mem::take(map);
                *value = json!({"anyOf": [schema, {"type": "null"}]});
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn what_was_taken_out_of_the_published_descriptions_is_current() {
        let published =
            std::env::var_os("CLAWDWAKO_SPECS").map_or_else(|| folder().join("../../../shared/specs"), PathBuf::from);
        if !published.exists() {
            return crate::support::leave_out(
                "whether tests/specs is current",
                "CLAWDWAKO_SPECS names no folder with the clouds' published descriptions",
            );
        }
        let check = Command::new("python3")
            .arg(folder().join("extract.py"))
            .arg("--check")
            .arg(published)
            .output();
        let check = check.expect("python3 is there");
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    }

    /// A document of our own, so that the checker itself is tested everywhere.
    fn own() -> Spec {
        let mut document = json!({
            "paths": {"/things/{id}": {"put": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/thing"}}}},
                "responses": {
                    "200": {"$ref": "#/components/responses/one"},
                    "204": {"description": "nothing"},
                    "4xx": {"content": {"application/json": {"schema": {"type": "object", "required": ["error"]}}}},
                },
            }}},
            "components": {
                "responses": {"one": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/thing"}}}}},
                "schemas": {"thing": {
                    "type": "object",
                    "required": ["a"],
                    "properties": {
                        "a": {"type": "integer", "nullable": true, "example": 3},
                        "b": {"allOf": [{"type": "string", "enum": ["x"]}], "nullable": true},
                        "c": {"type": "string", "format": "date-time"},
                    },
                }},
            },
        });
        convert(&mut document);
        Spec {
            file: "own",
            document,
            validators: Mutex::default(),
            used: Mutex::default(),
        }
    }

    #[test]
    fn the_checker_takes_what_fits_and_nothing_else() {
        let spec = own();
        let answer = |status, body| check_answer(&spec, "PUT", "/things/7", status, &body).is_ok();
        assert!(answer(200, json!({"a": 1, "b": "x", "c": "2026-11-23T00:00:00Z"})));
        assert!(answer(200, json!({"a": null, "b": null})));
        assert!(!answer(200, json!({"b": "x"})), "a required field is missing");
        assert!(!answer(200, json!({"a": "1"})), "a wrong type");
        assert!(!answer(200, json!({"a": 1, "b": "y"})), "not in the list");
        assert!(!answer(200, json!({"a": 1, "c": "yesterday"})), "a wrong format");
        assert!(answer(404, json!({"error": {}})) && !answer(404, json!({})));
        assert!(answer(204, Value::Null) && !answer(204, json!({})));
        assert!(!answer(500, json!({})), "an answer that the document lacks");
        assert!(check_answer(&spec, "GET", "/things/7", 200, &json!({})).is_err());
        let request = |body| check_request(&spec, "PUT", "/things/{id}", &body).is_ok();
        assert!(request(json!({"a": 1})) && !request(json!({"a": 1, "d": 1})) && !request(json!({"a": "x"})));
    }
}
