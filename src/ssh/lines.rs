//! How a script's output becomes lines: bounded, clean, and without control characters.

use super::script::Output;
use std::collections::VecDeque;

/// The longest line that is kept, in characters, unless a script's are longer.
pub(super) const MAX_LINE: usize = 2000;
/// The same for a fact, which is for us and may be a whole JSON document.
pub(super) const MAX_FACT: usize = 64 * 1024;
/// What a line that is a fact begins with.
const FACT: &[u8] = b"::fact ";
/// The most lines that are kept.
const MAX_TAIL: usize = 200;
/// The most facts that are kept.
const MAX_FACTS: usize = 500;
/// The most bytes that they may have together.
const MAX_FACTS_SIZE: usize = 4 * 1024 * 1024;

/// Cuts one stream into lines at `\n`, `\r` or `\r\n`. Memory is bounded whatever comes.
pub struct Splitter {
    longest: usize,
    longest_fact: usize,
    line: Vec<u8>,
    after_return: bool,
}

impl Default for Splitter {
    fn default() -> Self {
        Splitter::up_to(MAX_LINE, MAX_FACT)
    }
}

impl Splitter {
    /// One whose lines, and those that are facts, may have so many characters.
    pub fn up_to(longest: usize, longest_fact: usize) -> Splitter {
        Splitter {
            longest,
            longest_fact,
            line: Vec::new(),
            after_return: false,
        }
    }

    /// Takes the next bytes; gives each line that they end.
    pub fn push(&mut self, bytes: &[u8], on_line: &mut dyn FnMut(String)) {
        for &byte in bytes {
            let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                // Progress displays overwrite their line: an empty one says nothing.
                b'\r' if self.line.is_empty() => self.after_return = false,
                b'\n' | b'\r' => on_line(self.take()),
                0 => {}
                // UTF-8 takes up to four bytes a character.
                _ if self.line.len() < 4 * self.longest() => self.line.push(byte),
                _ => {}
            }
        }
    }

    /// Gives what stands after the last line end, if anything.
    pub fn end(&mut self, on_line: &mut dyn FnMut(String)) {
        if !self.line.is_empty() {
            on_line(self.take());
        }
    }

    fn take(&mut self) -> String {
        let line = clean_up_to(&self.line, self.longest());
        self.line.clear();
        line
    }

    /// How many characters of this line are kept.
    fn longest(&self) -> usize {
        if self.line.starts_with(FACT) {
            self.longest_fact
        } else {
            self.longest
        }
    }
}

/// Text without escape sequences and control characters, at most 2000 characters.
pub fn clean(bytes: &[u8]) -> String {
    clean_up_to(bytes, MAX_LINE)
}

fn clean_up_to(bytes: &[u8], longest: usize) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::new();
    let mut kept = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                // CSI: parameters up to a final byte. OSC: a text up to BEL or ESC \.
                Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
                Some(']') => {
                    while let Some(c) = chars.next() {
                        if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                _ => {}
            },
            _ if kept == longest => break,
            '\t' => {
                out.push(' ');
                kept += 1;
            }
            c if c.is_control() => {}
            c => {
                out.push(c);
                kept += 1;
            }
        }
    }
    out
}

/// What the lines of a script tell so far.
#[derive(Default)]
pub(super) struct Story {
    facts: std::collections::BTreeMap<String, String>,
    facts_size: usize,
    tail: VecDeque<String>,
    /// The supervisor runs: bash and root are there.
    pub started: bool,
    /// An earlier run of the same deployment did not end.
    pub busy: bool,
}

impl Story {
    /// Takes a line; gives it back if it is for people.
    pub(super) fn take(&mut self, line: String) -> Option<String> {
        match line.strip_prefix("::") {
            Some("started") if !self.started => {
                self.started = true;
                return None;
            }
            Some("busy") => {
                self.busy = true;
                return None;
            }
            Some(rest) => {
                if let Some((name, value)) = rest.strip_prefix("fact ").and_then(|fact| fact.split_once('=')) {
                    self.facts_size += rest.len();
                    if self.facts.len() < MAX_FACTS && self.facts_size <= MAX_FACTS_SIZE {
                        self.facts.insert(name.trim().to_owned(), value.to_owned());
                    }
                    return None;
                }
            }
            None => {}
        }
        if self.tail.len() == MAX_TAIL {
            self.tail.pop_front();
        }
        // Kept for an error, which shows some of each line.
        self.tail.push_back(line.chars().take(MAX_LINE).collect());
        Some(line)
    }

    /// The last lines that hold something, at most `most`.
    pub(super) fn last(&self, most: usize) -> Vec<&str> {
        let mut lines: Vec<&str> = self
            .tail
            .iter()
            .rev()
            .map(|line| line.trim_end())
            .filter(|line| !line.is_empty())
            .take(most)
            .collect();
        lines.reverse();
        lines
    }

    pub(super) fn into_output(self) -> Output {
        Output {
            facts: self.facts,
            tail: self.tail.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_FACT, MAX_LINE, Splitter, Story, clean};

    fn split(chunks: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut splitter) = (Vec::new(), Splitter::default());
        for chunk in chunks {
            splitter.push(chunk, &mut |line| lines.push(line));
        }
        splitter.end(&mut |line| lines.push(line));
        lines
    }

    #[test]
    fn lines_end_at_newline_return_or_both_also_across_chunks() {
        assert_eq!(split(&[b"a\nb\r\nc\r", b"\nd\re"]), ["a", "b", "c", "d", "e"]);
        assert_eq!(split(&[b"a\n\nb"]), ["a", "", "b"]);
        assert_eq!(split(&[b"10%\r\r\r20%\r"]), ["10%", "20%"]);
        assert_eq!(
            split(&["ä".as_bytes().split_at(1).0, "ä".as_bytes().split_at(1).1]),
            ["ä"]
        );
    }

    #[test]
    fn escape_sequences_and_control_characters_are_gone() {
        assert_eq!(clean(b"\x1b[1;31mred\x1b[0m\tx\x07\x08"), "red x");
        assert_eq!(clean(b"\x1b]0;title\x07a\x1b]8;;u\x1b\\b"), "ab");
        assert_eq!(clean(b"bad \xff utf"), "bad \u{fffd} utf");
        assert_eq!(split(&[b"\0a\0b\0\n\0"]), ["ab"]);
    }

    #[test]
    fn a_line_and_the_tail_are_bounded() {
        let long = vec![b'x'; 50_000];
        assert_eq!(split(&[&long, &long, b"\ny"])[0].chars().count(), MAX_LINE);
        assert_eq!(split(&[&long, b"\ny"])[1], "y");
        let mut story = Story::default();
        for i in 0..1000 {
            story.take(i.to_string());
        }
        assert_eq!(story.last(2), ["998", "999"]);
        assert_eq!(story.into_output().tail.len(), 200);
    }

    #[test]
    fn a_script_may_have_longer_lines() {
        let mut lines = Vec::new();
        let mut splitter = Splitter::up_to(10_000, MAX_FACT);
        splitter.push(format!("{}\ny\n", "x".repeat(12_000)).as_bytes(), &mut |line| {
            lines.push(line)
        });
        assert_eq!((lines[0].len(), lines[1].as_str()), (10_000, "y"));
        let mut story = Story::default();
        assert_eq!(story.take(lines.remove(0)).unwrap().len(), 10_000);
        assert_eq!(story.last(1)[0].len(), MAX_LINE);
    }

    #[test]
    fn facts_are_collected_and_other_lines_are_given_back() {
        let mut story = Story::default();
        assert_eq!(story.take("::started".into()), None);
        assert_eq!(story.take("::fact node=26.1.0".into()), None);
        assert_eq!(story.take("::fact key=a=b".into()), None);
        assert_eq!(story.take("::fact broken".into()).as_deref(), Some("::fact broken"));
        assert_eq!(story.take("hello".into()).as_deref(), Some("hello"));
        let facts = story.into_output().facts;
        assert_eq!((facts["node"].as_str(), facts["key"].as_str()), ("26.1.0", "a=b"));
    }

    #[test]
    fn a_fact_may_be_a_document_and_a_line_may_not() {
        let mut lines = Vec::new();
        let long = "x".repeat(100_000);
        let mut splitter = Splitter::default();
        splitter.push(format!("::fact a={long}\n{long}\n").as_bytes(), &mut |line| {
            lines.push(line)
        });
        assert_eq!((lines[0].len(), lines[1].len()), (MAX_FACT, MAX_LINE));
        let mut splitter = Splitter::up_to(MAX_LINE, 90_000);
        splitter.push(format!("::fact a={long}\n{long}\n").as_bytes(), &mut |line| {
            lines.push(line)
        });
        assert_eq!((lines[2].len(), lines[3].len()), (90_000, MAX_LINE));
    }

    #[test]
    fn facts_are_bounded_together() {
        let mut story = Story::default();
        for i in 0..1000 {
            story.take(format!("::fact {i}={}", "x".repeat(100_000)));
        }
        let facts = story.into_output().facts;
        assert!((30..45).contains(&facts.len()), "{}", facts.len());
        let mut story = Story::default();
        for i in 0..1000 {
            story.take(format!("::fact {i}=x"));
        }
        assert_eq!(story.into_output().facts.len(), 500);
    }
}
