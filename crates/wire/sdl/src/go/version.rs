//! The tolerant semantic versions of `github.com/blang/semver`.

use super::{number::parse_uint, quote::quote};

/// A parsed version; build metadata is checked and dropped.
#[derive(Debug, PartialEq)]
pub struct Version {
    pub major: u64,
    pub minor: u64,
    pub patch: u64,
    pub prerelease: Vec<String>,
}

impl Version {
    /// Whether it is at least `major.minor.0` by the order of semantic versions.
    pub fn at_least(&self, major: u64, minor: u64) -> bool {
        let own = (self.major, self.minor, self.patch);
        own > (major, minor, 0) || (own == (major, minor, 0) && self.prerelease.is_empty())
    }

    /// Whether it is exactly `major.minor.0`.
    pub fn is(&self, major: u64, minor: u64) -> bool {
        (self.major, self.minor, self.patch) == (major, minor, 0) && self.prerelease.is_empty()
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if self.prerelease.is_empty() { Ok(()) } else { write!(f, "-{}", self.prerelease.join(".")) }
    }
}

/// `semver.ParseTolerant`.
pub fn parse_tolerant(text: &str) -> Result<Version, String> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts: Vec<String> = text.splitn(3, '.').map(without_leading_zeros).collect();
    if parts.len() < 3 {
        if parts.last().is_some_and(|part| part.contains(['+', '-'])) {
            return Err("Short version cannot contain PreRelease/Build meta data".to_owned());
        }
        parts.resize(3, "0".to_owned());
    }
    let (patch, build) = split_at_mark(&parts[2], '+');
    let (patch, prerelease) = split_at_mark(patch, '-');
    let version = Version {
        major: part("major", &parts[0])?,
        minor: part("minor", &parts[1])?,
        patch: part("patch", patch)?,
        prerelease: identifiers(prerelease),
    };
    for identifier in &version.prerelease {
        check_identifier(identifier, "Prerelease", "prerelease")?;
        if identifier.len() > 1 && identifier.starts_with('0') && identifier.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("Numeric PreRelease version must not contain leading zeroes {}", quote(identifier)));
        }
    }
    for identifier in identifiers(build) {
        check_identifier(&identifier, "Build meta data", "build meta data")?;
    }
    Ok(version)
}

fn without_leading_zeros(part: &str) -> String {
    if part.len() < 2 {
        return part.to_owned();
    }
    let rest = part.trim_start_matches('0');
    if rest.starts_with(|c: char| c.is_ascii_digit()) { rest.to_owned() } else { format!("0{rest}") }
}

fn split_at_mark(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn identifiers(text: Option<&str>) -> Vec<String> {
    text.map(|text| text.split('.').map(str::to_owned).collect()).unwrap_or_default()
}

fn check_identifier(identifier: &str, title: &str, name: &str) -> Result<(), String> {
    if identifier.is_empty() {
        return Err(format!("{title} is empty"));
    }
    if identifier.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Ok(());
    }
    Err(format!("Invalid character(s) found in {name} {}", quote(identifier)))
}

fn part(name: &str, text: &str) -> Result<u64, String> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("Invalid character(s) found in {name} number {}", quote(text)));
    }
    if text.len() > 1 && text.starts_with('0') {
        let title = name[..1].to_ascii_uppercase() + &name[1..];
        return Err(format!("{title} number must not contain leading zeroes {}", quote(text)));
    }
    parse_uint(text, 64)
}

#[cfg(test)]
mod tests {
    use super::parse_tolerant;

    #[test]
    fn versions_are_read_tolerantly() {
        for (text, shown) in
            [("2", "2.0.0"), (" v2.0 ", "2.0.0"), ("2.10", "2.10.0"), ("02.01", "2.1.0"), ("2.1.0-rc1+b", "2.1.0-rc1")]
        {
            assert_eq!(parse_tolerant(text).map(|version| version.to_string()), Ok(shown.to_owned()));
        }
        assert!(parse_tolerant("2.0-rc1").is_err());
        assert_eq!(parse_tolerant(""), Err("strconv.ParseUint: parsing \"\": invalid syntax".to_owned()));
        assert_eq!(parse_tolerant("2e0"), Err("Invalid character(s) found in major number \"2e0\"".to_owned()));
    }

    #[test]
    fn a_prerelease_comes_before_its_release() {
        assert!(!parse_tolerant("2.1.0-rc1").is_ok_and(|version| version.at_least(2, 1)));
        assert!(parse_tolerant("2.2.0-rc1").is_ok_and(|version| version.at_least(2, 1)));
    }
}
