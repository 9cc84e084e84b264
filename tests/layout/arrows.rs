//! Finds the arrows between the parts of a house of Rust source.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// That one part uses another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    pub from: String,
    pub to: String,
}

/// A path of the code, from the crate's root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    /// The module that it stands in.
    at: Vec<String>,
    path: Vec<String>,
    /// The name that it has there, if it is a `pub use`.
    exported: Option<String>,
}

/// All paths of a crate.
pub struct House {
    parts: Vec<String>,
    uses: Vec<(Use, PathBuf)>,
}

impl House {
    /// Reads a folder of source whose parts have these names, such as `api::types`.
    pub fn read<'a>(folder: &Path, parts: impl Iterator<Item = &'a str>) -> House {
        let mut uses = Vec::new();
        for file in files(folder) {
            let relative = file.strip_prefix(folder).unwrap().to_owned();
            let text = std::fs::read_to_string(&file).unwrap();
            let stream: TokenStream = text.parse().unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let mut found = Vec::new();
            walk(stream, &module(&relative), &mut found);
            uses.extend(found.into_iter().map(|u| (u, relative.clone())));
        }
        House {
            parts: parts.map(str::to_owned).collect(),
            uses,
        }
    }

    /// The part that a path belongs to; none for what has none, such as a macro of the crate's root.
    fn part(&self, path: &[String]) -> Option<String> {
        let two = path.get(..2).map(|p| p.join("::"));
        two.into_iter()
            .chain(path.first().cloned())
            .find(|name| self.parts.contains(name))
            .or_else(|| {
                path.first()
                    .filter(|name| name.chars().all(|c| c.is_lowercase() || c == '_'))
                    .cloned()
            })
    }

    /// Where a path leads once re-exports are followed.
    fn target(&self, path: &[String]) -> Vec<String> {
        let mut path = path.to_vec();
        // A chain of re-exports is short; one that is not ends here.
        for _ in 0..8 {
            let next = self.uses.iter().find_map(|(u, _)| {
                let name = u.exported.as_ref()?;
                let here = path.len() > u.at.len() && path.starts_with(&u.at) && path[u.at.len()] == *name;
                here.then(|| [&u.path[..], &path[u.at.len() + 1..]].concat())
            });
            match next {
                Some(next) if next != path => path = next,
                _ => break,
            }
        }
        path
    }

    /// Every arrow, with the files that have it.
    pub fn arrows(&self) -> BTreeMap<Arrow, BTreeSet<PathBuf>> {
        let mut arrows: BTreeMap<Arrow, BTreeSet<PathBuf>> = BTreeMap::new();
        for (one, file) in &self.uses {
            let Some(from) = self.part(&one.at) else { continue };
            for path in [one.path.clone(), self.target(&one.path)] {
                let Some(to) = self.part(&path) else { continue };
                if to != from && to != "lib" {
                    let arrow = Arrow { from: from.clone(), to };
                    arrows.entry(arrow).or_default().insert(file.clone());
                }
            }
        }
        arrows
    }
}

/// All files of Rust below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The module of a file.
fn module(file: &Path) -> Vec<String> {
    let mut parts: Vec<String> = file
        .with_extension("")
        .components()
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    if parts == ["lib"] {
        parts.clear();
    }
    parts
}

fn walk(stream: TokenStream, at: &[String], found: &mut Vec<Use>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut n = 0;
    while n < tokens.len() {
        // Tests may look at anything.
        if is_test(&tokens[n..]) {
            n += 2;
            while n < tokens.len() && !ends_item(&tokens[n]) {
                n += 1;
            }
            n += 1;
            continue;
        }
        if word(&tokens[n]) == "mod"
            && let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) = (tokens.get(n + 1), tokens.get(n + 2))
        {
            let inner = [at, &[name.to_string()]].concat();
            walk(body.stream(), &inner, found);
            n += 3;
            continue;
        }
        if word(&tokens[n]) == "use" {
            let end = (n..tokens.len())
                .find(|&e| is_punct(&tokens[e], ';'))
                .unwrap_or(tokens.len());
            let public = n > 0 && (word(&tokens[n - 1]) == "pub" || n > 1 && word(&tokens[n - 2]) == "pub");
            tree(&tokens[n + 1..end], at, None, public, found);
            n = end;
            continue;
        }
        if let Some((path, used)) = path(&tokens[n..], at)
            && !(n > 0 && is_punct(&tokens[n - 1], ':'))
        {
            found.push(Use {
                at: at.to_vec(),
                path,
                exported: None,
            });
            n += used;
            continue;
        }
        if let TokenTree::Group(group) = &tokens[n] {
            walk(group.stream(), at, found);
        }
        n += 1;
    }
}

/// `#[cfg(test)]`.
fn is_test(tokens: &[TokenTree]) -> bool {
    let Some(TokenTree::Group(group)) = tokens.get(1) else {
        return false;
    };
    let text: String = group.stream().to_string().split_whitespace().collect();
    is_punct(&tokens[0], '#') && text == "cfg(test)"
}

fn ends_item(token: &TokenTree) -> bool {
    is_punct(token, ';') || matches!(token, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace)
}

fn word(token: &TokenTree) -> String {
    match token {
        TokenTree::Ident(name) => name.to_string(),
        _ => String::new(),
    }
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == c)
}

/// A path that begins with `crate` or `super`, from the crate's root; and how many tokens it has.
fn path(tokens: &[TokenTree], at: &[String]) -> Option<(Vec<String>, usize)> {
    let mut path = match word(tokens.first()?).as_str() {
        "crate" => Vec::new(),
        "super" => at[..at.len().saturating_sub(1)].to_vec(),
        _ => return None,
    };
    let mut used = 1;
    let mut first = true;
    while tokens.get(used).is_some_and(|t| is_punct(t, ':')) && tokens.get(used + 1).is_some_and(|t| is_punct(t, ':')) {
        match tokens.get(used + 2) {
            Some(TokenTree::Ident(name)) if first && name == "super" => drop(path.pop()),
            Some(TokenTree::Ident(name)) => {
                path.push(name.to_string());
                first = false;
            }
            _ => break,
        }
        used += 3;
    }
    (used > 1).then_some((path, used))
}

/// A tree of a `use`: every path of it.
fn tree(tokens: &[TokenTree], at: &[String], before: Option<&[String]>, public: bool, found: &mut Vec<Use>) {
    for branch in tokens.split(|t| is_punct(t, ',')) {
        let mut path: Vec<String> = before.unwrap_or_default().to_vec();
        let mut rooted = before.is_some();
        let mut name = None;
        let mut n = 0;
        while n < branch.len() {
            match &branch[n] {
                TokenTree::Ident(i) if i == "as" => {
                    name = branch.get(n + 1).map(word);
                    break;
                }
                TokenTree::Ident(i) if i == "crate" && path.is_empty() => rooted = true,
                TokenTree::Ident(i) if i == "super" => {
                    path = match rooted {
                        true => path[..path.len().saturating_sub(1)].to_vec(),
                        false => at[..at.len().saturating_sub(1)].to_vec(),
                    };
                    rooted = true;
                }
                TokenTree::Ident(i) if i == "self" && rooted => {}
                TokenTree::Ident(i) if i == "self" => {
                    path = at.to_vec();
                    rooted = true;
                }
                TokenTree::Ident(i) => {
                    // A module of this one, or another crate: both are told apart by what there is.
                    if !rooted {
                        path = at.to_vec();
                        rooted = true;
                    }
                    path.push(i.to_string());
                }
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    // What is in braces belongs to the path in front of them.
                    tree(&inner, at, rooted.then_some(&path[..]), public, found);
                    path.clear();
                    break;
                }
                _ => {}
            }
            n += 1;
        }
        if !path.is_empty() {
            let exported = public.then(|| name.or_else(|| path.last().cloned())).flatten();
            found.push(Use {
                at: at.to_vec(),
                path,
                exported,
            });
        }
    }
}
