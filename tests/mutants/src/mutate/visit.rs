//! Goes through a file and finds what can be changed.

use super::consts::{Const, Consts};
use super::text::{one_line, short};
use super::{Edit, Kind, Mutant, body, sql};
use quote::ToTokens;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, Lit, Stmt, Token};

type Range = (usize, usize);

/// Collects mutants and their edits.
pub struct Finder<'a> {
    file: PathBuf,
    text: &'a str,
    consts: &'a Consts,
    next: usize,
    function: Vec<String>,
    /// Conditions that are made true and false anyway.
    decided: HashSet<Range>,
    pub mutants: Vec<Mutant>,
    pub edits: Vec<Edit>,
}

/// The bytes that a piece of syntax takes.
fn range(piece: &impl ToTokens) -> Range {
    let bytes = piece.span().byte_range();
    (bytes.start, bytes.end)
}

fn on(n: usize) -> String {
    format!("crate::mutant::on({n})")
}

/// Whether it is code for tests only, or code that no switch can be put into.
fn left_out(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| {
        let text = one_line(a);
        text.contains("test") || text.contains("macro_export")
    })
}

fn has_let(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(b) if matches!(b.op, BinOp::And(_)) => has_let(&b.left) || has_let(&b.right),
        _ => false,
    }
}

impl<'a> Finder<'a> {
    pub fn new(file: &Path, text: &'a str, consts: &'a Consts, first: usize) -> Finder<'a> {
        Finder {
            file: file.to_owned(),
            text,
            consts,
            next: first,
            function: Vec::new(),
            decided: HashSet::new(),
            mutants: Vec::new(),
            edits: Vec::new(),
        }
    }

    pub fn file(&mut self, file: &syn::File) {
        self.visit_file(file);
    }

    fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    fn add(&mut self, kind: Kind, at: Range, change: String) -> usize {
        let n = self.next;
        self.next += 1;
        self.mutants.push(Mutant {
            n,
            file: self.file.to_string_lossy().into_owned(),
            lines: (self.line(at.0), self.line(at.1)),
            function: self.function.join("::"),
            kind,
            change,
        });
        n
    }

    fn wrap(&mut self, n: usize, at: Range, before: String, after: &str) {
        self.edits.push(Edit {
            n,
            at,
            before,
            after: after.to_owned(),
            instead: None,
        });
    }

    fn always(&mut self, kind: Kind, expr: &Expr, change: String) {
        let at = range(expr);
        let n = self.add(kind, at, change);
        self.wrap(n, at, format!("({} || (", on(n)), "))");
    }

    fn never(&mut self, kind: Kind, expr: &Expr, change: String) {
        let at = range(expr);
        let n = self.add(kind, at, change);
        self.wrap(n, at, format!("(!{} && (", on(n)), "))");
    }

    fn turned(&mut self, kind: Kind, expr: &Expr, change: String) {
        let at = range(expr);
        if self.decided.contains(&at) {
            return;
        }
        let n = self.add(kind, at, change);
        self.wrap(n, at, format!("({} != (", on(n)), "))");
    }

    fn other(&mut self, kind: Kind, at: Range, change: String, instead: &str) {
        let n = self.add(kind, at, change);
        self.wrap(n, at, format!("(if {} {{ {instead} }} else {{ ", on(n)), " })");
    }

    /// A condition that decides: always, never. Of a chain with `let`, each part that is none.
    fn condition(&mut self, kind: Kind, name: &str, condition: &Expr, may_be_always: bool) {
        match condition {
            Expr::Binary(b) if has_let(condition) => {
                self.condition(kind, name, &b.left, may_be_always);
                self.condition(kind, name, &b.right, may_be_always);
            }
            Expr::Let(_) => {}
            _ => {
                self.decided.insert(range(condition));
                let text = short(condition);
                if may_be_always {
                    self.always(kind, condition, format!("{name} `{text}`: always"));
                }
                self.never(kind, condition, format!("{name} `{text}`: never"));
            }
        }
    }

    fn comparison(&mut self, expr: &syn::ExprBinary, name: &str, instead: &str) {
        let at = (range(&expr.left).0, range(&expr.right).1);
        let operator = range(&expr.op);
        let old = one_line(&expr.op);
        let change = format!("`{}`: `{instead}` for `{old}`", short(expr));
        let n = self.add(Kind::Comparison, at, change);
        self.edits.push(Edit {
            n,
            at,
            before: format!("crate::mutant::{name}({n}, &("),
            after: "))".to_owned(),
            instead: Some((operator, "), &(".to_owned())),
        });
    }

    fn swapped(&mut self, expr: &syn::ExprBinary, instead: &str) {
        let old = one_line(&expr.op);
        let change = format!("`{}`: `{instead}` for `{old}`", short(expr));
        let text = format!("{} {instead} {}", one_line(&expr.left), one_line(&expr.right));
        let at = (range(&expr.left).0, range(&expr.right).1);
        self.other(Kind::Arithmetic, at, change, &text);
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let begin = range(block).0 + 1;
        let whole = match block.stmts.as_slice() {
            [Stmt::Expr(only, None)] => one_line(only),
            _ => String::new(),
        };
        for answer in body::answers(&signature.output) {
            if block.stmts.is_empty() || whole.replace(' ', "") == answer.replace(' ', "") {
                continue;
            }
            let change = match answer.as_str() {
                "" => "does nothing".to_owned(),
                _ => format!("does nothing, answers `{answer}`"),
            };
            let at = (range(signature).0, range(block).1);
            let n = self.add(Kind::Body, at, change);
            let stop = format!(" if {} {{ return {answer}; }}", on(n));
            self.wrap(n, (begin, begin), stop, "");
        }
        let last = match block.stmts.as_slice() {
            [_, .., Stmt::Expr(last, None)] if body::tells_nothing(&signature.output) => last,
            _ => return,
        };
        if one_line(last) != "Ok (())" {
            let at = range(last);
            let n = self.add(Kind::Statement, at, format!("without the last `{}`", short(last)));
            let answer = &body::answers(&signature.output)[0];
            let stop = format!("if {} {{ return {answer}; }} ", on(n));
            self.wrap(n, (at.0, at.0), stop, "");
        }
    }

    fn sql_text(&mut self, at: Range, text: &str) {
        for weaker in sql::weaker(text) {
            let change = format!("SQL `{}`: without `{}`", sql::head(text), weaker.condition);
            self.other(Kind::Sql, at, change, &format!("{:?}", weaker.text));
        }
    }

    /// `format!` of an SQL text, also with constants that hold conditions.
    fn sql_format(&mut self, mac: &syn::Macro) {
        let arguments = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(mac.tokens.clone());
        let Ok(arguments) = arguments else { return };
        let mut arguments = arguments.iter();
        let Some(Expr::Lit(syn::ExprLit {
            lit: Lit::Str(first), ..
        })) = arguments.next()
        else {
            return;
        };
        let rest: String = arguments.map(|a| format!(", {}", one_line(a))).collect();
        let text = first.value();
        let at = range(mac);
        for weaker in sql::weaker(&text) {
            let change = format!("SQL `{}`: without `{}`", sql::head(&text), weaker.condition);
            self.other(Kind::Sql, at, change, &format!("format!({:?}{rest})", weaker.text));
        }
        let names: Vec<String> = text
            .split('{')
            .skip(1)
            .filter_map(|t| Some(t.split_once('}')?.0.to_owned()))
            .collect();
        for name in names {
            let Some(Const::Text(value)) = self.consts.get(&self.file, &name) else {
                continue;
            };
            for weaker in sql::weaker(value) {
                let change = format!("SQL `{}`: without `{}` of {name}", sql::head(&text), weaker.condition);
                let instead = format!("format!({text:?}{rest}, {name} = {:?})", weaker.text);
                self.other(Kind::Sql, at, change, &instead);
            }
        }
    }

    /// `matches!(value, A | B)`: without A, without B.
    fn matches(&mut self, mac: &syn::Macro) {
        let parse = |input: syn::parse::ParseStream| {
            let value: Expr = input.parse()?;
            input.parse::<Token![,]>()?;
            let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
            input.parse::<proc_macro2::TokenStream>()?;
            Ok((value, pattern))
        };
        let Ok((value, syn::Pat::Or(pattern))) = parse.parse2(mac.tokens.clone()) else {
            return;
        };
        for case in &pattern.cases {
            let change = format!("`{}`: without `{}`", short(mac), short(case));
            let at = range(mac);
            let n = self.add(Kind::Guard, at, change);
            let but = format!(
                " && !({} && matches!({}, {})))",
                on(n),
                one_line(&value),
                one_line(case)
            );
            self.wrap(n, at, "(".to_owned(), &but);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        let droppable = match statement {
            Stmt::Expr(expr, Some(_)) => match expr {
                Expr::Try(_) | Expr::MethodCall(_) | Expr::Call(_) | Expr::Await(_) | Expr::Assign(_) => true,
                Expr::Binary(b) => matches!(
                    b.op,
                    BinOp::AddAssign(_) | BinOp::SubAssign(_) | BinOp::MulAssign(_) | BinOp::BitOrAssign(_)
                ),
                _ => false,
            },
            Stmt::Local(local) => matches!(local.pat, syn::Pat::Wild(_)),
            _ => false,
        };
        if droppable {
            let at = range(statement);
            let n = self.add(Kind::Statement, at, format!("without `{}`", short(statement)));
            self.wrap(n, at, format!("if !{} {{ ", on(n)), " }");
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !left_out(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if left_out(&item.attrs) {
            return;
        }
        let ty = one_line(&*item.self_ty).replace(' ', "");
        self.function.push(ty);
        visit::visit_item_impl(self, item);
        self.function.pop();
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if left_out(&item.attrs) || item.sig.constness.is_some() {
            return;
        }
        self.function.push(item.sig.ident.to_string());
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
        self.function.pop();
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if left_out(&item.attrs) || item.sig.constness.is_some() {
            return;
        }
        self.function.push(item.sig.ident.to_string());
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
        self.function.pop();
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        let Some(block) = &item.default else { return };
        self.function.push(item.sig.ident.to_string());
        self.function(&item.sig, block);
        visit::visit_trait_item_fn(self, item);
        self.function.pop();
    }

    // None of these can ask a switch.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_item_enum(&mut self, _: &'ast syn::ItemEnum) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}

    fn visit_expr_repeat(&mut self, expr: &'ast syn::ExprRepeat) {
        self.visit_expr(&expr.expr);
    }

    fn visit_expr_if(&mut self, expr: &'ast syn::ExprIf) {
        self.condition(Kind::Condition, "if", &expr.cond, true);
        visit::visit_expr_if(self, expr);
    }

    fn visit_expr_while(&mut self, expr: &'ast syn::ExprWhile) {
        // One that never ends says nothing: it is cut off, and counts as noticed.
        self.condition(Kind::Condition, "while", &expr.cond, false);
        visit::visit_expr_while(self, expr);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if let Some((_, guard)) = &arm.guard {
            self.condition(Kind::Guard, "guard", guard, true);
        }
        visit::visit_arm(self, arm);
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        self.statement(statement);
        visit::visit_stmt(self, statement);
    }

    fn visit_expr_unary(&mut self, expr: &'ast syn::ExprUnary) {
        if matches!(expr.op, syn::UnOp::Not(_)) {
            let whole = Expr::Unary(expr.clone());
            self.turned(Kind::Boolean, &whole, format!("`{}`: without `!`", short(expr)));
        }
        visit::visit_expr_unary(self, expr);
    }

    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        let whole = Expr::Binary(expr.clone());
        let text = short(expr);
        let without = |side: &Expr| format!("`{text}`: without `{}`", short(side));
        match expr.op {
            BinOp::Eq(_) => self.turned(Kind::Comparison, &whole, format!("`{text}`: `!=` for `==`")),
            BinOp::Ne(_) => self.turned(Kind::Comparison, &whole, format!("`{text}`: `==` for `!=`")),
            BinOp::Lt(_) => self.comparison(expr, "lt", "<="),
            BinOp::Le(_) => self.comparison(expr, "le", "<"),
            BinOp::Gt(_) => self.comparison(expr, "gt", ">="),
            BinOp::Ge(_) => self.comparison(expr, "ge", ">"),
            BinOp::And(_) if !has_let(&whole) => {
                self.always(Kind::Boolean, &expr.left, without(&expr.left));
                self.always(Kind::Boolean, &expr.right, without(&expr.right));
            }
            BinOp::Or(_) => {
                self.never(Kind::Boolean, &expr.left, without(&expr.left));
                self.never(Kind::Boolean, &expr.right, without(&expr.right));
            }
            BinOp::Add(_) => self.swapped(expr, "-"),
            BinOp::Sub(_) => self.swapped(expr, "+"),
            BinOp::Mul(_) => self.swapped(expr, "/"),
            BinOp::Div(_) => self.swapped(expr, "*"),
            BinOp::Rem(_) => self.swapped(expr, "/"),
            BinOp::BitAnd(_) => self.swapped(expr, "|"),
            BinOp::BitOr(_) => self.swapped(expr, "&"),
            _ => {}
        }
        visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_lit(&mut self, expr: &'ast syn::ExprLit) {
        match &expr.lit {
            Lit::Str(text) => self.sql_text(range(expr), &text.value()),
            Lit::Bool(value) => {
                let whole = Expr::Lit(expr.clone());
                self.turned(
                    Kind::Boolean,
                    &whole,
                    format!("`{}` for `{}`", !value.value, value.value),
                );
            }
            _ => {}
        }
    }

    fn visit_expr_path(&mut self, expr: &'ast syn::ExprPath) {
        let Some(name) = expr.path.get_ident().map(ToString::to_string) else {
            return;
        };
        match self.consts.get(&self.file, &name) {
            Some(Const::Number) => {
                self.other(
                    Kind::Constant,
                    range(expr),
                    format!("`{name}`: ten times"),
                    &format!("{name}.wrapping_mul(10)"),
                );
            }
            Some(Const::Text(value)) => {
                for weaker in sql::weaker(value) {
                    let change = format!("SQL `{name}`: without `{}`", weaker.condition);
                    self.other(Kind::Sql, range(expr), change, &format!("{:?}", weaker.text));
                }
            }
            None => {}
        }
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let Some(name) = mac.path.get_ident().map(ToString::to_string) else {
            return;
        };
        match name.as_str() {
            "format" => self.sql_format(mac),
            "matches" => self.matches(mac),
            // Plain lists of expressions; their tokens keep their places.
            "params" | "vec" => {
                let list = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(mac.tokens.clone());
                for item in list.iter().flatten() {
                    // The tree is dropped after this, so the visitor is asked for one of any life.
                    let mut inner = Finder {
                        file: self.file.clone(),
                        text: self.text,
                        consts: self.consts,
                        next: self.next,
                        function: self.function.clone(),
                        decided: HashSet::new(),
                        mutants: Vec::new(),
                        edits: Vec::new(),
                    };
                    inner.visit_expr(item);
                    self.next = inner.next;
                    self.mutants.append(&mut inner.mutants);
                    self.edits.append(&mut inner.edits);
                }
            }
            _ => {}
        }
    }
}
