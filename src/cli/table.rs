//! Tables that fit the terminal.

use super::format::safe;
use super::output::{Printer, Tone};
use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table as Comfy, presets};

/// A table: one heading a column, then rows. Cells are made safe to show.
pub struct Table<'a> {
    printer: &'a Printer,
    table: Comfy,
}

impl<'a> Table<'a> {
    /// A table with these headings.
    pub fn new(printer: &'a Printer, headings: &[&str]) -> Self {
        Table::within(printer, headings, printer.width())
    }

    fn within(printer: &'a Printer, headings: &[&str], width: Option<u16>) -> Self {
        let mut table = Comfy::new();
        table
            .load_style(presets::NOTHING)
            .force_no_tty()
            .set_content_arrangement(ContentArrangement::Disabled);
        // Who pipes a table wants whole cells, however long the line.
        if let Some(width) = width {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width);
        }
        if printer.colored() {
            table.enforce_styling();
        }
        let bold = |h: &&str| Cell::new(h.to_uppercase()).add_attribute(comfy_table::Attribute::Bold);
        table.set_header(headings.iter().map(bold).collect::<Vec<_>>());
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        Table { printer, table }
    }

    /// Aligns a column of numbers to the right.
    #[must_use]
    pub fn right(mut self, column: usize) -> Self {
        if let Some(column) = self.table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        self
    }

    /// Never breaks the cells of these columns: names and addresses are copied.
    #[must_use]
    pub fn whole(mut self, columns: &[usize]) -> Self {
        for &column in columns {
            if let Some(column) = self.table.column_mut(column) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        self
    }

    /// Adds a row; a cell with a tone is coloured where there is colour.
    pub fn row(&mut self, cells: Vec<(String, Option<Tone>)>) {
        let cells = cells.into_iter().map(|(text, tone)| {
            let cell = Cell::new(safe(&text));
            match tone.filter(|_| self.printer.colored()) {
                Some(Tone::Good) => cell.fg(Color::Green),
                Some(Tone::Warn) => cell.fg(Color::Yellow),
                Some(Tone::Bad) => cell.fg(Color::Red),
                Some(Tone::Dim) => cell.fg(Color::DarkGrey),
                Some(Tone::Strong) => cell.add_attribute(comfy_table::Attribute::Bold),
                None => cell,
            }
        });
        self.table.add_row(cells.collect::<Vec<_>>());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The table as text, or `nothing` if it has no rows.
    pub fn render(&self, nothing: &str) -> String {
        if self.is_empty() {
            return nothing.to_owned();
        }
        self.table.trim_fmt()
    }
}

/// A cell without colour.
pub fn plain(text: impl Into<String>) -> (String, Option<Tone>) {
    (text.into(), None)
}

/// A cell with a tone.
pub fn toned(text: impl Into<String>, tone: Tone) -> (String, Option<Tone>) {
    (text.into(), Some(tone))
}

/// Pairs as aligned lines, for one thing's details; pairs without a value are left out.
pub fn details(pairs: &[(&str, Option<String>)]) -> String {
    let shown: Vec<_> = pairs
        .iter()
        .filter_map(|(k, v)| v.as_ref().map(|v| (*k, safe(v))))
        .collect();
    let width = shown.iter().map(|(k, _)| k.len()).max().unwrap_or(0);
    shown.iter().map(|(k, v)| format!("{k:width$}  {v}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::Color as When;
    use crate::config::Terminal;

    #[test]
    fn long_cells_are_wrapped_and_made_safe() {
        let printer = Printer::new(false, false, When::Never, Terminal::default());
        let mut table = Table::within(&printer, &["name", "what"], Some(80)).right(1);
        table.row(vec![plain("a\x1b[2Jb"), plain("word ".repeat(60))]);
        table.row(vec![toned("ok", Tone::Good), plain("1")]);
        let text = table.render("none");
        assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
        let mut piped = Table::new(&printer, &["name", "what"]);
        piped.row(vec![plain("a"), plain("word ".repeat(60))]);
        assert_eq!(piped.render("none").lines().count(), 2, "whole cells in a pipe");
        assert!(text.starts_with("NAME") && text.contains("a\\u{1b}[2Jb") && !text.contains('\x1b'));
        assert_eq!(Table::new(&printer, &["a"]).render("none"), "none");
        assert_eq!(
            details(&[("a", Some("1".into())), ("bbb", None), ("cc", Some("2".into()))]),
            "a   1\ncc  2\n"
        );
    }
}
