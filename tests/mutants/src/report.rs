//! What is printed at the end.

use crate::equivalent::Equivalent;
use crate::mutate::Mutant;
use crate::verdict::Verdict;
use std::collections::BTreeMap;

/// One line about a mutant.
pub fn line(m: &Mutant) -> String {
    let function = if m.function.is_empty() { "-" } else { &m.function };
    format!("{}:{} {function}: {}", m.file, m.lines.0, m.change)
}

/// Prints survivors and sums; answers how many live that nobody explained.
pub fn print(results: &[(&Mutant, Option<&Verdict>)], broken: usize, equivalent: &[Equivalent]) -> usize {
    let mut sums: BTreeMap<_, [usize; 5]> = BTreeMap::new();
    let mut unexplained = 0;
    for (mutant, verdict) in results {
        let sum = sums.entry(mutant.kind).or_default();
        sum[0] += 1;
        let how = match verdict {
            None => {
                sum[4] += 1;
                continue;
            }
            Some(v) if v.noticed() => {
                sum[1] += 1;
                if let Some(e) = equivalent.iter().find(|e| e.is(mutant)) {
                    println!("noticed after all: {} ({})", line(mutant), e.reason);
                }
                continue;
            }
            Some(Verdict::Lives { reached, tried }) if tried < reached => {
                format!("{tried} of {reached} tests that reach it tried")
            }
            Some(Verdict::Lives { reached, .. }) => format!("{reached} tests reach it"),
            Some(_) => "no test reaches it".to_owned(),
        };
        if equivalent.iter().any(|e| e.is(mutant)) {
            sum[3] += 1;
            continue;
        }
        sum[2] += 1;
        unexplained += 1;
        println!("lives: {} ({how})", line(mutant));
    }
    println!(
        "\n{:12} {:>6} {:>8} {:>6} {:>11} {:>7}",
        "", "all", "noticed", "live", "equivalent", "not run"
    );
    let mut all = [0; 5];
    for (kind, sum) in &sums {
        row(&format!("{kind:?}").to_lowercase(), sum);
        all.iter_mut().zip(sum).for_each(|(a, s)| *a += s);
    }
    row("all", &all);
    println!("{broken} more do not compile, and were left out");
    unexplained
}

fn row(name: &str, sum: &[usize; 5]) {
    let [all, noticed, live, equivalent, left] = sum;
    println!("{name:12} {all:>6} {noticed:>8} {live:>6} {equivalent:>11} {left:>7}");
}
