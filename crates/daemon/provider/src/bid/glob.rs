//! Shell-style patterns as Go's `filepath.Match` reads them: `*`, `?`, `[a-z]`, `[^a]`, `\x`; no `*` or `?` crosses
//! `/`.

/// Whether the whole `subject` matches `pattern`. A malformed pattern matches nothing.
pub fn matches(pattern: &str, subject: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let subject: Vec<char> = subject.chars().collect();
    well_formed(&pattern) && run(&pattern, &subject)
}

/// Backtracks to the last `*` only, so the work is bounded by the product of both lengths.
fn run(pattern: &[char], subject: &[char]) -> bool {
    let (mut p, mut s) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p + 1, s));
            p += 1;
            continue;
        }
        if p == pattern.len() && s == subject.len() {
            return true;
        }
        if let Some(next) = subject.get(s).and_then(|c| one(pattern, p, *c)) {
            p = next;
            s += 1;
            continue;
        }
        match star {
            Some((after, at)) if at < subject.len() && subject[at] != '/' => {
                star = Some((after, at + 1));
                p = after;
                s = at + 1;
            }
            _ => return false,
        }
    }
}

/// Matches one character at `p`; gives the position behind the pattern element.
fn one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match *pattern.get(p)? {
        '?' => (c != '/').then_some(p + 1),
        '[' => class(pattern, p + 1).and_then(|set| (c != '/' && set.contains(c)).then_some(set.end)),
        '\\' => (*pattern.get(p + 1)? == c).then_some(p + 2),
        literal => (literal == c).then_some(p + 1),
    }
}

struct Class {
    negated: bool,
    ranges: Vec<(char, char)>,
    end: usize,
}

impl Class {
    fn contains(&self, c: char) -> bool {
        self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != self.negated
    }
}

/// Reads a character class that starts behind its `[`; `None` when it is malformed.
fn class(pattern: &[char], start: usize) -> Option<Class> {
    let negated = *pattern.get(start)? == '^';
    let mut at = start + usize::from(negated);
    let mut ranges = Vec::new();
    while ranges.is_empty() || *pattern.get(at)? != ']' {
        let low = class_char(pattern, &mut at)?;
        let mut high = low;
        if *pattern.get(at)? == '-' {
            at += 1;
            high = class_char(pattern, &mut at)?;
        }
        ranges.push((low, high));
    }
    Some(Class { negated, ranges, end: at + 1 })
}

fn class_char(pattern: &[char], at: &mut usize) -> Option<char> {
    let mut c = *pattern.get(*at)?;
    if c == '-' || c == ']' {
        return None;
    }
    if c == '\\' {
        *at += 1;
        c = *pattern.get(*at)?;
    }
    *at += 1;
    Some(c)
}

fn well_formed(pattern: &[char]) -> bool {
    let mut at = 0;
    while at < pattern.len() {
        at = match pattern[at] {
            '[' => match class(pattern, at + 1) {
                Some(set) => set.end,
                None => return false,
            },
            '\\' if at + 1 == pattern.len() => return false,
            '\\' => at + 2,
            _ => at + 1,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_go() {
        let table = [
            ("region", "region", true),
            ("region", "regions", false),
            ("vendor/nvidia/model/*", "vendor/nvidia/model/a100", true),
            ("vendor/nvidia/model/*", "vendor/nvidia/model/a100/ram/80Gi", false),
            ("*", "a/b", false),
            ("a*b*c", "aXbYbZc", true),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[", "[", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("a\\", "a\\", false),
            ("", "", true),
            ("*", "", true),
            ("[]a]", "]", false),
        ];
        for (pattern, subject, expected) in table {
            assert_eq!(matches(pattern, subject), expected, "{pattern} on {subject}");
        }
    }
}
