//! Source text on one line.

use quote::ToTokens;
use syn::spanned::Spanned;

/// A piece of syntax as tokens on one line.
pub fn one_line(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('\n') {
        let (before, behind) = rest.split_at(at);
        // A string that goes on behind a backslash leaves out the white space that follows.
        match before.strip_suffix('\\') {
            Some(before) => {
                out += before;
                rest = behind.trim_start();
            }
            None => {
                out = out + before + " ";
                rest = &behind[1..];
            }
        }
    }
    out + rest
}

/// A piece of syntax as it is written, short enough to be read in a list.
pub fn short(piece: &impl ToTokens) -> String {
    let text = piece.span().source_text().unwrap_or_else(|| one_line(piece));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
