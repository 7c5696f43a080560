//! Which headers pass, and which are ours.

use hyper::header::{
    CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use std::net::IpAddr;

const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
];
const FORWARDED: HeaderName = HeaderName::from_static("forwarded");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Remove what is meant for the neighbour only, also what `Connection` names. Gives back the wanted protocol if the
/// head asks for an upgrade.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) -> Option<HeaderValue> {
    let words = headers.get_all(CONNECTION).into_iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    let named: Vec<HeaderName> = words.filter_map(|word| word.trim().parse().ok()).collect();
    let upgrade = headers.get(UPGRADE).cloned().filter(|_| named.contains(&UPGRADE));
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
    upgrade
}

/// A client's own claims are dropped: this is the edge.
pub fn set_forwarded(headers: &mut HeaderMap, client: IpAddr, host: &str) {
    for name in [FORWARDED, EXPECT] {
        headers.remove(name);
    }
    let client = HeaderValue::from_str(&client.to_string()).ok();
    let host = HeaderValue::from_str(host).ok();
    let proto = Some(HeaderValue::from_static("http"));
    let ours = [
        (FORWARDED_FOR, client.clone()),
        (REAL_IP, client),
        (FORWARDED_HOST, host.clone()),
        (FORWARDED_PROTO, proto),
        (HOST, host),
    ];
    for (name, value) in ours {
        match value {
            Some(value) => headers.insert(name, value),
            None => headers.remove(name),
        };
    }
}

pub fn set_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, protocol);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn headers_for_the_neighbour_end_here() {
        let mut headers = map(&[
            ("connection", "close, x-secret"),
            ("x-secret", "1"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("accept", "*/*"),
        ]);
        assert_eq!(strip_hop_by_hop(&mut headers), None);
        assert_eq!(headers, map(&[("accept", "*/*")]));
    }

    #[test]
    fn an_upgrade_is_told_and_stripped() {
        let mut headers = map(&[("connection", "keep-alive, Upgrade"), ("upgrade", "websocket")]);
        assert_eq!(strip_hop_by_hop(&mut headers).unwrap(), "websocket");
        assert!(headers.is_empty());
    }

    #[test]
    fn what_a_client_claims_about_itself_is_replaced() {
        let mut headers = map(&[("x-forwarded-for", "8.8.8.8"), ("forwarded", "for=8.8.8.8"), ("host", "evil")]);
        set_forwarded(&mut headers, [127, 0, 0, 1].into(), "a.localhost");
        assert_eq!(headers["x-forwarded-for"], "127.0.0.1");
        assert_eq!(headers["host"], "a.localhost");
        assert!(!headers.contains_key("forwarded"));
    }
}
