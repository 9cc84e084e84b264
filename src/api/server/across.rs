//! What holds between the fields of a body: which exclude each other, and of which there has to be
//! one. The handlers refuse what breaks it, and the document says so.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{RefOr, extensions::Extensions};

/// Demands that a field is there and is such a value.
fn has(field: &str, value: Value) -> Value {
    json!({"required": [field], "properties": {field: value}})
}

fn of(kind: &str) -> Value {
    json!({"type": kind})
}

/// Each body with such rules: the name of its schema, and what is demanded of it.
pub fn rules() -> [(&'static str, Value); 2] {
    let change = [
        has("model", of("string")),
        has("model_key", of("string")),
        has("audience", json!({"type": ["integer", "string"]})),
    ];
    let user = [has("role", of("string")), has("disabled", of("boolean"))];
    [
        ("BotChange", json!([{"anyOf": change}])),
        ("UserChange", json!([{"anyOf": user}])),
    ]
}

/// Adds a rule to the schema of that name.
pub fn add(schemas: &mut BTreeMap<String, RefOr<Schema>>, name: &str, rule: Value) {
    if let Some(RefOr::T(Schema::Object(object))) = schemas.get_mut(name) {
        // The library has no field for it, and writes these as they are.
        let more = Extensions::from_iter([("allOf", rule)]);
        object.extensions = Some(more);
    }
}
