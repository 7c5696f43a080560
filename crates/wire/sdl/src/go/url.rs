//! The host part of Go's `url.ParseRequestURI("http://" + text)`: which host names it refuses, and how it says so.

use super::quote::quote;

/// Bytes that may stand unescaped in a host beside letters and digits.
const HOST_BYTES: &[u8] = b"-_.~!$&'()*+,;=:[]<>\"";

/// Refuses a host name that Go's URL parser would refuse.
pub fn check_host(text: &str) -> Result<(), String> {
    let address = format!("http://{text}");
    let failed = |why: String| Err(format!("parse {}: {why}", quote(&address)));
    if text.bytes().any(|b| b < 0x20 || b == 0x7f) {
        return failed("net/url: invalid control character in URL".to_owned());
    }
    let without_query = text.split('?').next().unwrap_or(text);
    let (authority, path) = match without_query.find('/') {
        Some(at) => without_query.split_at(at),
        None => (without_query, ""),
    };
    if let Some(escape) = invalid_escape(path) {
        return failed(format!("invalid URL escape {}", quote(escape)));
    }
    let host = match authority.rfind('@') {
        Some(at) => &authority[at + 1..],
        None => authority,
    };
    if let Some(bad) = host.bytes().find(|b| b.is_ascii() && !b.is_ascii_alphanumeric() && !HOST_BYTES.contains(b)) {
        return if bad == b'%' {
            failed(format!("invalid URL escape {}", quote(host)))
        } else {
            failed(format!("invalid character {} in host name", quote(&char::from(bad).to_string())))
        };
    }
    match host.rfind(':') {
        Some(at) if !host.starts_with('[') && !host[at + 1..].bytes().all(|b| b.is_ascii_digit()) => {
            failed(format!("invalid port {} after host", quote(&host[at..])))
        }
        _ if host.starts_with('[') && !host.contains(']') => failed("missing ']' in host".to_owned()),
        _ => Ok(()),
    }
}

fn invalid_escape(path: &str) -> Option<&str> {
    let bytes = path.as_bytes();
    let bad = (0..bytes.len()).find(|&at| {
        bytes[at] == b'%' && !bytes.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    })?;
    Some(path.get(bad..bad + 3).unwrap_or(&path[bad..]))
}

#[cfg(test)]
mod tests {
    use super::check_host;

    #[test]
    fn a_blank_is_refused_with_the_text_of_go() {
        let expected = "parse \"http://a b.com\": invalid character \" \" in host name";
        assert_eq!(check_host("a b.com"), Err(expected.to_owned()));
    }

    #[test]
    fn what_merely_is_no_host_name_passes_here() {
        for text in ["a.example.com", "*.example.com", "a_b", "http://a.example.com", "a:8080", "", "é.com"] {
            assert_eq!(check_host(text), Ok(()), "{text}");
        }
    }
}
