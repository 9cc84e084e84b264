//! What a function may plausibly answer without doing anything.

use super::text::one_line;
use syn::{GenericArgument, PathArguments, ReturnType, Type};

/// The expressions that a function of this type may answer; empty where none is at hand.
pub fn answers(output: &ReturnType) -> Vec<String> {
    match output {
        ReturnType::Default => vec![String::new()],
        ReturnType::Type(_, ty) => values(ty),
    }
}

/// Whether it answers nothing but that it went well.
pub fn tells_nothing(output: &ReturnType) -> bool {
    matches!(answers(output).as_slice(), [only] if only.is_empty() || only == "Ok(())")
}

fn values(ty: &Type) -> Vec<String> {
    let some = |values: &[&str]| values.iter().map(ToString::to_string).collect();
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => some(&["()"]),
        Type::Reference(r) if r.mutability.is_none() && one_line(&*r.elem) == "str" => some(&["\"\""]),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return Vec::new();
            };
            let first = match &last.arguments {
                PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|a| match a {
                    GenericArgument::Type(ty) => Some(ty),
                    _ => None,
                }),
                _ => None,
            };
            match (last.ident.to_string().as_str(), first) {
                // What a Display answers.
                ("Result", None) => Vec::new(),
                ("Result", Some(ty)) => values(ty).into_iter().map(|v| format!("Ok({v})")).collect(),
                ("Option", Some(_)) => some(&["None"]),
                ("bool", _) => some(&["true", "false"]),
                ("String", _) => some(&["String::new()"]),
                ("Vec", _) => some(&["vec![]"]),
                ("HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" | "Duration", _) => some(&["Default::default()"]),
                ("i64" | "u64" | "i32" | "u32" | "i16" | "u16" | "u8" | "usize" | "Millis", _) => some(&["0", "1"]),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}
