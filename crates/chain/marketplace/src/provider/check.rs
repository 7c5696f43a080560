//! What a provider may say about itself. Pure.

use akash_kernel::TxError;
use akash_proto::akash::provider::v1beta4::Provider;

use super::errors::ProviderError;
use crate::attributes::{self, KeyForm};
use crate::ids;

/// Longest host URI, website or mail address.
const MAX_TEXT_BYTES: usize = 1024;

pub fn check(provider: &Provider) -> Result<(), TxError> {
    ids::address(&provider.owner)?;
    check_host_uri(&provider.host_uri)?;
    attributes::check(&provider.attributes, KeyForm::Exact)?;
    let info = provider.info.clone().unwrap_or_default();
    if info.email.len() > MAX_TEXT_BYTES || !is_website(&info.website) {
        return Err(ProviderError::InvalidInfoWebsite.into());
    }
    Ok(())
}

/// `https://host[:port]`, with nothing behind it.
fn check_host_uri(uri: &str) -> Result<(), ProviderError> {
    let Some((scheme, rest)) = uri.split_once("://") else {
        return Err(ProviderError::NotAbsProviderUri);
    };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let is_host_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    let right_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let right = scheme.eq_ignore_ascii_case("https")
        && uri.len() <= MAX_TEXT_BYTES
        && !host.is_empty()
        && host.bytes().all(is_host_byte)
        && right_port;
    if right { Ok(()) } else { Err(ProviderError::InvalidProviderUri) }
}

/// Empty, or something without blanks and control characters.
fn is_website(website: &str) -> bool {
    website.len() <= MAX_TEXT_BYTES && !website.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_uri_is_an_https_origin() {
        use ProviderError::{InvalidProviderUri, NotAbsProviderUri};
        for (uri, expected) in [
            ("https://provider.example.com:8443", Ok(())),
            ("https://localhost:8443", Ok(())),
            ("https://[::1]:8443", Ok(())),
            ("https://[::1]", Ok(())),
            ("https://provider.example.com", Ok(())),
            ("provider.example.com:8443", Err(NotAbsProviderUri)),
            ("", Err(NotAbsProviderUri)),
            ("http://provider.example.com", Err(InvalidProviderUri)),
            ("https://", Err(InvalidProviderUri)),
            ("https://host/path", Err(InvalidProviderUri)),
            ("https://host:0", Err(InvalidProviderUri)),
            ("https://host:99999", Err(InvalidProviderUri)),
            ("https://user@host", Err(InvalidProviderUri)),
        ] {
            assert_eq!(check_host_uri(uri), expected, "{uri}");
        }
    }
}
