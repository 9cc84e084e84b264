//! Text put round, or in the place of, parts of a file.

/// One change of a file's text. Where several begin at one place, the longest is outermost.
#[derive(Debug, Clone)]
pub struct Edit {
    /// The mutants that it belongs to; it is made if one of them is wanted.
    pub n: usize,
    /// Where it begins and ends, in bytes.
    pub at: (usize, usize),
    /// What goes before it.
    pub before: String,
    /// What goes behind it.
    pub after: String,
    /// An operator in it that makes way for other text.
    pub instead: Option<((usize, usize), String)>,
}

/// A file with its edits, and which part of it came from where.
#[derive(Debug, Default)]
pub struct Written {
    /// The new text.
    pub text: String,
    /// Where in the new text each mutant's own words are.
    pub own: Vec<(usize, (usize, usize))>,
    /// The whole of what each mutant wraps, in the new text.
    pub whole: Vec<(usize, (usize, usize))>,
}

/// Makes those edits that are wanted.
pub fn write(text: &str, edits: &[Edit], wanted: impl Fn(usize) -> bool) -> Written {
    // What begins at one place: the longest first, then the first found; ends the other way round.
    struct Piece<'a> {
        at: (usize, usize),
        rank: (u8, i64, i64),
        text: &'a str,
        n: usize,
    }
    let mut pieces = Vec::new();
    for (i, edit) in edits.iter().enumerate().filter(|(_, e)| wanted(e.n)) {
        let (from, to) = edit.at;
        let (length, order) = ((to - from) as i64, i as i64);
        // Something of no length stands before what begins there.
        let begin = if length == 0 { i64::MIN } else { -length };
        pieces.push(Piece {
            at: (from, from),
            rank: (1, begin, order),
            text: &edit.before,
            n: edit.n,
        });
        if !edit.after.is_empty() {
            pieces.push(Piece {
                at: (to, to),
                rank: (0, length, -order),
                text: &edit.after,
                n: edit.n,
            });
        }
        if let Some((at, text)) = &edit.instead {
            pieces.push(Piece {
                at: *at,
                rank: (2, 0, order),
                text,
                n: edit.n,
            });
        }
    }
    pieces.sort_by_key(|p| (p.at.0, p.rank));
    let mut written = Written::default();
    let mut done = 0;
    for piece in pieces {
        written.text += &text[done..piece.at.0];
        let from = written.text.len();
        written.text += piece.text;
        written.own.push((piece.n, (from, written.text.len())));
        done = piece.at.1;
    }
    written.text += &text[done..];
    for (n, (from, to)) in &written.own {
        match written.whole.iter_mut().find(|(other, _)| other == n) {
            Some((_, whole)) => *whole = (whole.0.min(*from), whole.1.max(*to)),
            None => written.whole.push((*n, (*from, *to))),
        }
    }
    written
}
