//! Answers that are JSON, and still not what was expected.

use serde_json::{Map, Value, json};

/// A word that no service says today.
const NEW_WORD: &str = "hibernating";

/// Puts fields that nobody knows into every object. What the user names labels holds text alone, so
/// there it is one more label.
pub fn unknown_fields(answer: &mut Value) {
    each_object(answer, &|object| {
        if let Some(Value::Object(labels)) = object.get_mut("labels") {
            labels.insert("added_later".to_owned(), "any".into());
        }
        object.insert("added_later".to_owned(), json!({"of": ["any", 1, null]}));
    });
}

/// Says a new word wherever the answer tells a status.
pub fn unknown_values(answer: &mut Value) {
    each_object(answer, &|object| {
        if let Some(status) = object.get_mut("status").filter(|s| s.is_string()) {
            *status = NEW_WORD.into();
        }
    });
}

/// Empties the lists of an answer; what is told about pages says that there are no more.
pub fn empty_page(answer: &mut Value) {
    for list in answer.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Value::Array(items) = list {
            items.clear();
        }
    }
    if let Some(pages) = answer.pointer_mut("/meta/pagination") {
        pages["next_page"] = Value::Null;
        pages["total_entries"] = 0.into();
    }
    if answer.pointer("/meta/total").is_some() {
        answer["meta"]["total"] = 0.into();
        answer["links"] = json!({});
    }
}

/// Has an action end badly, as both clouds tell it.
pub fn failed_action(answer: &mut Value) {
    let Some(action) = answer.get_mut("action").filter(|a| a.is_object()) else {
        return;
    };
    // DigitalOcean names no reason, and has no such field.
    if action.get("error").is_some() {
        action["status"] = "error".into();
        action["error"] = json!({"code": "action_failed", "message": "Action failed"});
    } else {
        action["status"] = "errored".into();
    }
}

fn each_object(value: &mut Value, change: &dyn Fn(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(|v| each_object(v, change));
            change(object);
        }
        Value::Array(items) => items.iter_mut().for_each(|v| each_object(v, change)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(mut answer: Value, change: fn(&mut Value)) -> Value {
        change(&mut answer);
        answer
    }

    #[test]
    fn fields_are_added_and_none_is_lost() {
        let answer = changed(json!({"servers": [{"id": 1}]}), unknown_fields);
        assert_eq!(answer["servers"][0]["id"], 1);
        assert!(answer["added_later"].is_object() && answer["servers"][0]["added_later"].is_object());
        let labelled = changed(json!({"labels": {"a": "b"}}), unknown_fields);
        assert_eq!(labelled["labels"], json!({"a": "b", "added_later": "any"}));
    }

    #[test]
    fn only_words_become_new_words() {
        let answer = changed(json!({"server": {"status": "running"}, "status": 1}), unknown_values);
        assert_eq!(answer, json!({"server": {"status": NEW_WORD}, "status": 1}));
    }

    #[test]
    fn both_kinds_of_pages_become_empty() {
        let theirs = json!({"servers": [1], "meta": {"pagination": {"next_page": 2, "total_entries": 51}}});
        let empty = json!({"servers": [], "meta": {"pagination": {"next_page": null, "total_entries": 0}}});
        assert_eq!(changed(theirs, empty_page), empty);
        let theirs = json!({"droplets": [1], "meta": {"total": 1}, "links": {"pages": {"next": "x"}}});
        let empty = json!({"droplets": [], "meta": {"total": 0}, "links": {}});
        assert_eq!(changed(theirs, empty_page), empty);
    }

    #[test]
    fn actions_fail_in_the_words_of_their_cloud() {
        let hetzner = changed(json!({"action": {"status": "running", "error": null}}), failed_action);
        assert_eq!(hetzner["action"]["error"]["code"], "action_failed");
        let digitalocean = changed(json!({"action": {"status": "in-progress"}}), failed_action);
        assert_eq!(digitalocean, json!({"action": {"status": "errored"}}));
        assert_eq!(changed(json!({"server": {}}), failed_action), json!({"server": {}}));
    }
}
