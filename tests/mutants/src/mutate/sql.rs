//! The conditions of an SQL statement, and the statement without one of them.

/// A statement, or a condition of one, without one of its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weaker {
    /// What is left out.
    pub condition: String,
    /// The text without it: what it asks no longer counts, what it names stays.
    pub text: String,
}

const ENDS: [&str; 9] = [
    " ORDER BY ",
    " GROUP BY ",
    " LIMIT ",
    " RETURNING ",
    " ON CONFLICT",
    " HAVING ",
    " FOR UPDATE",
    " UNION ",
    ";",
];

/// All of a text's weaker forms: one for each condition of each WHERE.
pub fn weaker(text: &str) -> Vec<Weaker> {
    // A text of the same length, in which only spaces are white.
    let flat: String = text
        .chars()
        .map(|c| if c == '\n' || c == '\t' { ' ' } else { c })
        .collect();
    let mut clauses: Vec<usize> = flat.match_indices(" WHERE ").map(|(at, _)| at + 7).collect();
    if clauses.is_empty() && is_condition(&flat) {
        clauses.push(0);
    }
    clauses
        .into_iter()
        .flat_map(|from| conditions(&flat, from))
        .map(|(from, to)| Weaker {
            condition: flat[from..to].split_whitespace().collect::<Vec<_>>().join(" "),
            text: format!("{}({} OR 1 = 1){}", &text[..from], &text[from..to], &text[to..]),
        })
        .collect()
}

/// What a statement begins with, to name it.
pub fn head(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let end = words
        .iter()
        .position(|w| matches!(*w, "WHERE" | "SET" | "("))
        .unwrap_or(words.len());
    match words[0..end].join(" ") {
        long if long.chars().count() > 60 => long.chars().take(60).collect::<String>() + "…",
        short => short,
    }
}

/// Whether the text is a condition alone, such as goes behind WHERE.
fn is_condition(text: &str) -> bool {
    let mut depth = 0;
    let comma = text.chars().any(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    });
    let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "PRAGMA"];
    !comma && text.contains(" AND ") && text.contains(['=', '<', '>']) && !verbs.iter().any(|v| text.starts_with(v))
}

/// The conditions that AND joins from here on, up to the end of the clause.
fn conditions(text: &str, from: usize) -> Vec<(usize, usize)> {
    let (mut depth, mut quoted, mut between) = (0, false, false);
    let mut found = Vec::new();
    let mut begin = from;
    let mut end = text.len();
    for (at, c) in text[from..].char_indices().map(|(i, c)| (from + i, c)) {
        let rest = &text[at..];
        match c {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' if depth == 0 => {
                end = at;
                break;
            }
            ')' => depth -= 1,
            _ if depth > 0 => {}
            _ if ENDS.iter().any(|e| rest.starts_with(e)) => {
                end = at;
                break;
            }
            _ if rest.starts_with(" BETWEEN ") => between = true,
            _ if rest.starts_with(" AND ") && between => between = false,
            _ if rest.starts_with(" AND ") => {
                found.push((begin, at));
                begin = at + 5;
            }
            _ => {}
        }
    }
    found.push((begin, end));
    found
        .into_iter()
        .map(|(from, to)| {
            let text = &text[from..to];
            let from = from + text.len() - text.trim_start().len();
            (from, from + without_lock(text.trim()).len())
        })
        .filter(|(from, to)| from < to)
        .collect()
}

/// Without a placeholder that stands at the end of a condition: a lock on the rows, or a limit.
fn without_lock(condition: &str) -> &str {
    match condition.rfind('{') {
        Some(at) if at > 0 && condition.ends_with('}') && !condition[..at].ends_with([' ', '(']) => &condition[..at],
        _ => condition,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out(text: &str) -> Vec<String> {
        weaker(text).into_iter().map(|w| w.condition).collect()
    }

    #[test]
    fn each_condition_of_each_where_is_left_out_in_turn() {
        let sql = "UPDATE jobs SET a = 1 WHERE id = (SELECT j FROM t WHERE {DUE} AND c IN (1, 2) ORDER BY x LIMIT 1{}) AND b = 'x AND y'{}";
        assert_eq!(
            left_out(sql),
            [
                "id = (SELECT j FROM t WHERE {DUE} AND c IN (1, 2) ORDER BY x LIMIT 1{})",
                "b = 'x AND y'",
                "{DUE}",
                "c IN (1, 2)"
            ]
        );
        assert_eq!(
            weaker("SELECT 1 FROM t WHERE a = $1\n AND b BETWEEN 1 AND 2 RETURNING q")[1].text,
            "SELECT 1 FROM t WHERE a = $1\n AND (b BETWEEN 1 AND 2 OR 1 = 1) RETURNING q"
        );
    }

    #[test]
    fn a_condition_alone_is_told_from_what_is_set() {
        assert_eq!(left_out("a = 1 AND (b = 2 OR c = 3)"), ["a = 1", "(b = 2 OR c = 3)"]);
        assert!(left_out("a = 1, b = c AND d").is_empty());
        assert!(left_out("nothing of the kind").is_empty());
    }
}
