//! Takes what is sent to `bash -s` apart again: variables, the script's text, its input.

use std::collections::BTreeMap;

/// A script as it arrived.
pub struct Arrived {
    pub vars: BTreeMap<String, String>,
    pub body: String,
    pub input: String,
}

const BEFORE: &str = "set -euo pipefail\nclawdwako_main() {\n";
const AFTER: &str = "\n}\nclawdwako_main; exit\n";

/// Reads it; `None` if it is not what `clawdwako::ssh` sends.
pub fn read(text: &str) -> Option<Arrived> {
    // A relay has no supervisor in front.
    let (_, text) = text
        .split_once("; exit; }\n")
        .or_else(|| text.split_once(" begun'\n"))?;
    let (vars, rest) = text.split_once(BEFORE)?;
    let (body, input) = rest.split_once(AFTER)?;
    Some(Arrived {
        vars: variables(vars)?,
        body: body.to_owned(),
        input: input.to_owned(),
    })
}

/// `NAME='text'` lines; a text may hold anything, a quote as `'\''`.
fn variables(mut text: &str) -> Option<BTreeMap<String, String>> {
    let mut vars = BTreeMap::new();
    while !text.is_empty() {
        let (name, rest) = text.split_once("='")?;
        let mut value = String::new();
        let mut rest = rest;
        loop {
            let (part, after) = rest.split_once('\'')?;
            value.push_str(part);
            match after.strip_prefix("\\''") {
                Some(more) => {
                    value.push('\'');
                    rest = more;
                }
                None => {
                    text = after.strip_prefix('\n')?;
                    break;
                }
            }
        }
        vars.insert(name.to_owned(), value);
    }
    Some(vars)
}

#[test]
fn it_reads_what_is_sent() {
    let script = clawdwako::ssh::Script::new("x", "echo \"$A\"")
        .var("A", "it's\n'")
        .var("B", "");
    let sent = format!(
        "functions\n{{ clawdwako_supervise 2 'key'; exit; }}\n{}input",
        script.text()
    );
    let arrived = read(&sent).unwrap();
    assert_eq!(
        (arrived.vars["A"].as_str(), arrived.vars["B"].as_str()),
        ("it's\n'", "")
    );
    assert_eq!(
        (arrived.body.as_str(), arrived.input.as_str()),
        ("echo \"$A\"", "input")
    );
}
