//! Seams for the fuzz targets in `fuzz/`: the pure readers of what strangers send, with the properties that hold for
//! whatever they accept. Only with the feature `fuzz`; nothing of the node uses this.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::Method;
use bytes::Bytes;
use malachite::app::consensus::{LivenessMsg, ProposedValue, SignedConsensusMsg};
use malachite::app::streaming::StreamMessage;
use malachite::app::types::core::{PolkaCertificate, ValidatorProof};
use malachite::app::types::sync::{Request, Response, Status};
use malachite_codec::Codec;

use crate::config::{NodeConfig, Overrides};
use crate::engine::codec::NodeCodec;
use crate::engine::context::{Context, Part};
use crate::maintenance::snapshots::{self, Manifest};
use crate::p2p::frame;
use crate::rest::request::{self, Parts};
use crate::rest::routes::Routes;
use crate::rpc::envelope;
use crate::rpc::params::{self, Args, Kind, Spec};
use crate::rpc::query::Query;
use crate::rpc::subscriptions::{Limits, Subscriptions};
use crate::rpc::websocket::{Frame, take_frame};

const SPEC: Spec = &[
    ("height", Kind::Int),
    ("prove", Kind::Bool),
    ("query", Kind::Text),
    ("tx", Kind::Bytes),
    ("hash", Kind::Hex),
    ("evidence", Kind::Json),
];

/// A query of a subscription or a search, and events that it is held against.
pub fn query(text: &str, values: &[&str]) {
    let Ok(query) = Query::parse(text) else { return };
    let normalised = query.normalised();
    let Ok(again) = Query::parse(&normalised) else { panic!("{text:?} became {normalised:?}, which is none") };
    assert_eq!(again.normalised(), normalised);
    let tags = query.0.iter().map(|condition| condition.tag.clone());
    let events: BTreeMap<_, Vec<String>> =
        tags.map(|tag| (tag, values.iter().map(|value| (*value).to_owned()).collect())).collect();
    assert_eq!(again.matches(&events), query.matches(&events));
}

/// A body of JSON-RPC.
pub fn json_rpc(body: &[u8]) {
    let Ok(value) = serde_json::from_slice(body) else { return };
    match envelope::read(value) {
        Ok(Some(request)) => {
            let arguments = Args::from_json(SPEC, &request.params);
            assert_eq!(Args::from_json(SPEC, &request.params), arguments);
            let answer = envelope::answer(&request.id, Ok(serde_json::Value::Null));
            assert_eq!(answer["jsonrpc"], "2.0");
        }
        Ok(None) => {}
        Err(failure) => assert!(envelope::answer(&envelope::Id::none(), Err(failure))["error"].is_object()),
    }
}

/// The query of a request in URI form.
pub fn uri(text: &str) {
    let pairs = params::pairs(text);
    assert!(pairs.len() <= text.len() + 1);
    let _ = Args::from_uri(SPEC, &pairs);
}

/// What a client sends over one websocket, a frame each line.
pub fn frames(text: &str) {
    const LIMITS: Limits = Limits { clients_max: 4, per_client_max: 3 };
    let clients = Arc::new(AtomicUsize::new(0));
    let mut subscriptions = Subscriptions::new(clients.clone(), LIMITS);
    for line in text.lines() {
        let before = subscriptions.iter().count();
        let changed = match take_frame(line, &mut subscriptions) {
            Frame::Answered(id, outcome) => {
                let done = outcome.is_ok();
                assert_eq!(envelope::answer(&id, outcome).get("result").is_some(), done);
                done
            }
            Frame::Nothing | Frame::Call(..) => false,
        };
        let now = subscriptions.iter().count();
        assert_eq!(now != before, changed, "{line}");
        assert!(now <= LIMITS.per_client_max);
        assert_eq!(clients.load(Ordering::Relaxed), usize::from(now > 0));
    }
    drop(subscriptions);
    assert_eq!(clients.load(Ordering::Relaxed), 0);
}

/// What peers send, and what the write-ahead log holds.
pub fn consensus(kind: u8, bytes: &[u8]) {
    match kind % 11 {
        0 => stable::<SignedConsensusMsg<Context>>(bytes),
        1 => stable::<ProposedValue<Context>>(bytes),
        2 => stable::<PolkaCertificate<Context>>(bytes),
        3 => stable::<LivenessMsg<Context>>(bytes),
        4 => stable::<Part>(bytes),
        5 => stable::<StreamMessage<Part>>(bytes),
        6 => stable::<ValidatorProof<Context>>(bytes),
        7 => stable::<Status<Context>>(bytes),
        8 => stable::<Request<Context>>(bytes),
        9 => stable::<Response<Context>>(bytes),
        _ => transactions(bytes),
    }
}

/// What is read is written, and read again to the same bytes.
fn stable<M>(bytes: &[u8])
where
    NodeCodec: Codec<M>,
{
    let Ok(message) = NodeCodec.decode(Bytes::copy_from_slice(bytes)) else { return };
    let Ok(written) = NodeCodec.encode(&message) else { panic!("what was read cannot be written") };
    assert_eq!(written.len(), bytes.len());
    let Ok(again) = NodeCodec.decode(written.clone()) else { panic!("own bytes are not read") };
    assert_eq!(NodeCodec.encode(&again).ok(), Some(written));
}

fn transactions(bytes: &[u8]) {
    let Ok(txs) = frame::read_txs(&Bytes::copy_from_slice(bytes)) else { return };
    assert_eq!(frame::write_txs(&txs), bytes);
    let cut: Vec<Bytes> = frame::frames(&txs).iter().flat_map(|frame| frame::read_txs(frame).expect("own")).collect();
    assert_eq!(cut, txs);
}

/// A REST request: path with query, and a body.
pub struct Rest(Routes);

impl Rest {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "building the table of routes is no default")]
    pub fn new() -> Self {
        Self(Routes::new())
    }

    pub fn request(&self, is_post: bool, target: &str, body: &[u8]) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let verb = if is_post { Method::POST } else { Method::GET };
        let Some(matched) = self.0.find(&verb, path, |_| true) else { return };
        let parts = Parts { variables: &matched.variables, query, body };
        let Ok(message) = request::message(&matched.route, &parts) else { return };
        let read = prost_reflect::DynamicMessage::decode(matched.route.input(), message.as_slice());
        assert!(read.is_ok(), "{target}");
    }
}

/// The settings of a home.
pub fn settings(home: &Path) {
    match NodeConfig::load(home, &Overrides::default()) {
        Ok(loaded) => assert!(!loaded.settings.is_empty()),
        Err(error) => assert!(!error.0.is_empty() && error.0.iter().all(|problem| !problem.is_empty())),
    }
}

/// The manifest of a snapshot that a peer or a file offers.
pub fn snapshot(text: &[u8]) {
    let Ok(manifest) = Manifest::read(text) else { return };
    let again = Manifest::read(&manifest.to_json()).expect("own text is read");
    assert_eq!(again.to_json(), manifest.to_json());
    let _ = manifest.info();
}

/// A snapshot in one file, to be taken in among those of a home that has none.
pub fn archive(home: &Path, file: &Path) {
    if let Ok(info) = snapshots::load(home, file) {
        assert_eq!(snapshots::list(home).expect("what was taken in is listed"), std::slice::from_ref(&info));
        snapshots::delete(home, info.height, info.format).expect("what is listed can go");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A node's own words, of which the texts below are made.
    const WORDS: [&str; 20] = [
        "tm.event",
        "a.b",
        "=",
        "'NewBlock'",
        "'x",
        "5",
        "5.0",
        "<=",
        ">",
        " AND ",
        " CONTAINS ",
        " EXISTS",
        "TIME 2020",
        "&",
        "%41",
        "0x",
        "\"",
        "{",
        "}",
        " ",
    ];

    /// Numbers without a pattern, the same every time.
    struct Noise(u64);

    impl Noise {
        fn next(&mut self) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 33) as usize
        }
    }

    #[test]
    fn no_text_breaks_a_reader() {
        let mut noise = Noise(7);
        for _ in 0..20_000 {
            let text: String = (0..noise.next() % 10).map(|_| WORDS[noise.next() % WORDS.len()]).collect();
            query(&text, &["5", "x", "NewBlock"]);
            uri(&text);
            json_rpc(text.as_bytes());
            let params = format!(r#"{{"query":{text:?},"height":"5","evidence":[{text:?}]}}"#);
            json_rpc(format!(r#"{{"id":1,"method":"x","params":{params}}}"#).as_bytes());
            let frame = |method: &str| format!(r#"{{"id":1,"method":"{method}","params":{params}}}"#);
            frames(&["subscribe", "status", "subscribe", "unsubscribe", "unsubscribe_all"].map(frame).join("\n"));
            snapshot(text.as_bytes());
        }
    }

    #[test]
    fn no_bytes_break_the_codec() {
        let mut noise = Noise(9);
        for round in 0..50_000 {
            let length = noise.next() % 300;
            // Mostly small numbers, as lengths and kinds are.
            let mut byte =
                || if noise.next().is_multiple_of(4) { noise.next() as u8 } else { (noise.next() % 3) as u8 };
            let bytes: Vec<u8> = (0..length).map(|_| byte()).collect();
            consensus((round % 11) as u8, &bytes);
        }
    }

    #[test]
    fn requests_of_routes_become_messages_or_errors() {
        let rest = Rest::new();
        let paths = [
            "/cosmos/bank/v1beta1/balances/akash1x?pagination.limit=5&pagination.key=%zz",
            "/akash/market/v1beta5/orders/list?filters.state=open&filters.dseq=-1",
            "/cosmos/tx/v1beta1/txs?query=tx.height%3D5",
        ];
        for path in paths {
            for end in 0..path.len() {
                rest.request(false, &path[..end], b"");
                rest.request(true, &path[..end], b"{\"tx_bytes\":\"AA==\"}");
            }
        }
    }
}
