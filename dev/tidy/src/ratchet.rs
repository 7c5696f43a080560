//! Debts on record against findings: an old debt may shrink, a new one fails, a paid one must leave the record.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::Finding;

/// (file, rule) → how much of it.
pub type Debts = BTreeMap<(String, String), usize>;

/// Adds up findings of one rule in one file.
#[must_use]
pub fn debts(findings: &[Finding]) -> Debts {
    let mut sum = Debts::new();
    for found in findings {
        *sum.entry((found.file.clone(), found.what.clone())).or_default() += found.amount;
    }
    sum
}

/// Reads the record: one debt a line, `file | rule | amount`.
///
/// # Panics
/// When a line has another form.
#[must_use]
pub fn parse(record: &str) -> Debts {
    record
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.split(" | ");
            let mut next = || parts.next().unwrap_or_else(|| panic!("`{line}` is not `file | rule | amount`"));
            let (file, what, amount) = (next(), next(), next());
            ((file.to_owned(), what.to_owned()), amount.parse().unwrap_or_else(|_| panic!("no number in `{line}`")))
        })
        .collect()
}

/// What is wrong with today's findings, one line each; empty when nothing grew and the record is exact.
#[must_use]
pub fn compare(recorded: &Debts, findings: &[Finding]) -> String {
    let today = debts(findings);
    let mut report = String::new();
    for ((file, what), amount) in &today {
        let allowed = recorded.get(&(file.clone(), what.clone())).copied().unwrap_or(0);
        if *amount > allowed {
            let place = findings.iter().find(|found| found.file == *file && found.what == *what);
            let line = place.map_or(1, |found| found.line);
            let _ = writeln!(report, "{file}:{line}: {what}: {amount}, allowed {allowed}");
        }
    }
    for ((file, what), allowed) in recorded {
        let amount = today.get(&(file.clone(), what.clone())).copied().unwrap_or(0);
        if amount < *allowed {
            let _ = writeln!(report, "{file}: {what}: the debt shrank to {amount}; write that into dev/tidy/debts.txt");
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(amount: usize) -> Finding {
        Finding { file: "a.rs".to_owned(), what: "file lines".to_owned(), amount, line: 1 }
    }

    #[test]
    fn debt_may_stay_but_not_grow_and_must_be_recorded_when_it_shrinks() {
        let recorded = parse("# debts\na.rs | file lines | 510\n");
        assert_eq!(compare(&recorded, &[finding(510)]), "");
        assert!(compare(&recorded, &[finding(511)]).contains("allowed 510"));
        assert!(compare(&recorded, &[finding(509)]).contains("shrank to 509"));
        assert!(compare(&recorded, &[]).contains("shrank to 0"));
        assert!(compare(&Debts::new(), &[finding(501)]).contains("allowed 0"));
    }
}
