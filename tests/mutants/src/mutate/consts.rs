//! Constants, by name: a constant cannot ask whether a switch is on, so its uses are changed.

use anyhow::Result;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use syn::visit::Visit;

/// What a constant is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Const {
    /// A text.
    Text(String),
    /// A whole number.
    Number,
}

/// The constants of all files.
#[derive(Debug, Default)]
pub struct Consts {
    own: HashMap<(PathBuf, String), Const>,
    shared: HashMap<String, Option<Const>>,
}

struct Collector<'a> {
    file: &'a Path,
    consts: &'a mut Consts,
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        let Some(value) = value(&item.ty, &item.expr) else {
            return;
        };
        let name = item.ident.to_string();
        // A name that stands for two things is known in its own file alone.
        self.consts
            .shared
            .entry(name.clone())
            .and_modify(|other| *other = None)
            .or_insert_with(|| Some(value.clone()));
        self.consts.own.insert((self.file.to_owned(), name), value);
    }
}

fn value(ty: &syn::Type, expr: &syn::Expr) -> Option<Const> {
    match (ty, expr) {
        (
            syn::Type::Reference(_),
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }),
        ) => Some(Const::Text(text.value())),
        (syn::Type::Path(path), _) => {
            let name = path.path.get_ident()?.to_string();
            let number = [
                "i64", "u64", "i32", "u32", "i16", "u16", "u8", "usize", "isize", "Millis",
            ];
            number.contains(&name.as_str()).then_some(Const::Number)
        }
        _ => None,
    }
}

impl Consts {
    /// Those of these files.
    pub fn of(files: &[(PathBuf, String)]) -> Result<Consts> {
        let mut consts = Consts::default();
        for (file, text) in files {
            Collector {
                file,
                consts: &mut consts,
            }
            .visit_file(&syn::parse_file(text)?);
        }
        Ok(consts)
    }

    /// What a name means in a file.
    pub fn get(&self, file: &Path, name: &str) -> Option<&Const> {
        self.own
            .get(&(file.to_owned(), name.to_owned()))
            .or_else(|| self.shared.get(name)?.as_ref())
    }
}
