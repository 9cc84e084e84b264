//! Scripts as values: a text from `assets/host/`, typed and quoted parameters, an input.

use super::lines::{MAX_FACT, MAX_LINE};
use crate::secrets::Secret;
use std::collections::BTreeMap;
use std::time::Duration;

/// A script to run on a server. A pure value: tests compare its text, another layer runs it.
#[derive(Debug, Clone)]
pub struct Script {
    /// Name for messages, such as `install_node`.
    pub name: &'static str,
    /// bash; runs with `set -euo pipefail`, as a function, so that standard input is free.
    pub body: &'static str,
    /// Shell variables that the body reads; any text, quoted here.
    pub vars: Vec<(&'static str, String)>,
    /// What the body finds on its standard input; may hold secrets.
    pub input: Option<Secret>,
    /// How long it may take.
    pub deadline: Duration,
    /// The longest line that is read of what it prints, in characters; the rest is cut off.
    pub longest_line: usize,
    /// The same for a line that tells a fact.
    pub longest_fact: usize,
    /// The deployment of which only one such script may run on a server at a time.
    pub exclusive: Option<String>,
}

impl Script {
    /// A script without parameters or input, with a deadline of a minute.
    pub fn new(name: &'static str, body: &'static str) -> Self {
        Script {
            name,
            body,
            vars: Vec::new(),
            input: None,
            deadline: Duration::from_secs(60),
            longest_line: MAX_LINE,
            longest_fact: MAX_FACT,
            exclusive: None,
        }
    }

    /// Adds a shell variable.
    #[must_use]
    pub fn var(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.vars.push((name, value.into()));
        self
    }

    /// Sets standard input.
    #[must_use]
    pub fn input(mut self, input: Secret) -> Self {
        self.input = Some(input);
        self
    }

    /// Sets the deadline.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Reads longer lines of what it prints.
    #[must_use]
    pub fn lines_up_to(mut self, characters: usize) -> Self {
        self.longest_line = characters;
        self
    }

    /// Reads longer facts.
    #[must_use]
    pub fn facts_up_to(mut self, characters: usize) -> Self {
        self.longest_fact = characters;
        self
    }

    /// Lets no other exclusive script of this deployment run beside it on the server: an
    /// earlier one, whose client was killed or lost the network, is ended first. The id may
    /// hold letters, digits, `-` and `_`; others are dropped.
    #[must_use]
    pub fn exclusive(mut self, deployment_id: &str) -> Self {
        let id: String = deployment_id
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            .collect();
        self.exclusive = (!id.is_empty()).then_some(id);
        self
    }

    /// The text that goes to `bash -s`: variables, then the body as a function, then its call.
    /// Call and `exit` share a line, so that the body's standard input begins with the input
    /// and bash never takes the input for commands.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.vars {
            text.push_str(&format!("{name}={}\n", quote(value)));
        }
        text.push_str("set -euo pipefail\nclawdwako_main() {\n");
        text.push_str(self.body);
        text.push_str("\n}\nclawdwako_main; exit\n");
        text
    }
}

/// Quotes any text for a POSIX shell.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', r"'\''"))
}

/// What a script printed: facts (`::fact NAME=VALUE` lines) and the rest.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// From its `::fact NAME=VALUE` lines.
    pub facts: BTreeMap<String, String>,
    /// Its last lines (at most 200, each at most 2000 characters).
    pub tail: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::{Script, quote};
    use crate::secrets::Secret;
    use proptest::prelude::*;
    use std::io::Write;
    use std::process::{Command, Stdio};

    /// What a shell prints when it is given this text.
    fn shell(program: &str, text: &[u8], dir: &std::path::Path) -> Vec<u8> {
        let mut shell = Command::new(program)
            .arg("-s")
            .current_dir(dir)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        shell.stdin.take().unwrap().write_all(text).unwrap();
        let done = shell.wait_with_output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(text));
        done.stdout
    }

    /// Text that means something to a shell, wherever it is put.
    fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            any::<String>(),
            proptest::sample::select(vec![
                "'",
                "''",
                "\"",
                "\\",
                "\\'",
                "`touch HERE`",
                "$(touch HERE)",
                "${IFS}",
                "; touch HERE; ",
                "\n touch HERE\n",
                "\r\n",
                "&& touch HERE",
                "| touch HERE",
                "> HERE",
                "$'\\x27'",
                "!!",
                "*",
                "~",
                "-n",
                "--",
                "#",
                "%s%n",
                "\0",
                "\u{202e}",
                "EOF\n",
                "}\nclawdwako_main; exit\n",
                "ＡＢ'；",
            ])
            .prop_map(str::to_owned),
        ];
        proptest::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever a value holds, a shell takes it for text: it comes out as it went in, and
        /// nothing of it is run. (No shell variable can hold a zero byte; it is left out.)
        #[test]
        fn no_value_reaches_a_shell_as_anything_but_text(a in hostile(), b in hostile(), input in hostile()) {
            let dir = tempfile::tempdir().unwrap();
            let plain = |text: &str| text.replace('\0', "");
            for program in ["sh", "bash"] {
                let told = shell(program, format!("printf '%s' {}\n", quote(&a)).as_bytes(), dir.path());
                prop_assert_eq!(String::from_utf8(told).unwrap(), plain(&a), "{}", program);
            }
            let script = Script::new("look", "printf '%s\\0%s\\0' \"$A\" \"$B\"; cat")
                .var("A", a.as_str())
                .var("B", b.as_str())
                .input(Secret::new(input.as_str()));
            let whole = format!("{}{input}", script.text());
            let told = shell("bash", whole.as_bytes(), dir.path());
            prop_assert_eq!(String::from_utf8(told).unwrap(), format!("{}\0{}\0{input}", plain(&a), plain(&b)));
            prop_assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "something was run");
        }
    }

    #[test]
    fn quoting_and_text() {
        assert_eq!(quote("a'b; $(rm) `x`"), r"'a'\''b; $(rm) `x`'");
        let s = Script::new("x", "echo \"$A\"").var("A", "it's");
        assert_eq!(
            s.text(),
            "A='it'\\''s'\nset -euo pipefail\nclawdwako_main() {\necho \"$A\"\n}\nclawdwako_main; exit\n"
        );
    }

    #[test]
    fn the_key_of_an_exclusive_script_is_a_file_name() {
        let key = |id| Script::new("x", "").exclusive(id).exclusive;
        assert_eq!(key("0af-_Z").as_deref(), Some("0af-_Z"));
        assert_eq!(key("../etc/$(x)").as_deref(), Some("etcx"));
        assert_eq!(key("/"), None);
    }
}
