//! Epochs on a running chain.

use akash_proto::akash::epochs::v1beta1::{
    QueryCurrentEpochRequest, QueryCurrentEpochResponse, QueryEpochInfosRequest, QueryEpochInfosResponse,
};
use serde_json::json;

use super::testnet::*;

const CURRENT: &str = "/akash.epochs.v1beta1.Query/CurrentEpoch";

fn current(net: &Testnet, id: &str) -> Result<i64, String> {
    let request = QueryCurrentEpochRequest { identifier: id.to_owned() };
    let answer = net.query::<_, QueryCurrentEpochResponse>(CURRENT, &request);
    answer.map(|answer| answer.current_epoch).map_err(|error| error.text)
}

fn start(net: &mut Testnet, epochs: serde_json::Value) -> Result<(), akash_kernel::TxError> {
    let state = json!({ "epochs": { "epochs": epochs } });
    net.modules.init_genesis(&mut net.bench.ctx(), state.as_object().unwrap())
}

#[test]
fn a_minute_is_twelve_blocks_of_five_seconds() {
    let mut net = Testnet::new();
    let zero = "0001-01-01T00:00:00Z";
    start(
        &mut net,
        json!([{ "id": "minute", "start_time": zero, "duration": "60s" }, { "id": "day", "duration": "86400s" }]),
    )
    .unwrap();
    net.end_block();
    assert_eq!(current(&net, "minute"), Ok(0), "a block begins before anybody counts");
    net.end_block();
    assert_eq!(current(&net, "minute"), Ok(1));
    let begins = |net: &mut Testnet| crate::epochs::api::has_begun(&mut net.bench.ctx(), "minute").unwrap();
    let mut blocks = 0;
    while !begins(&mut net) {
        net.end_block();
        blocks += 1;
    }
    net.end_block();
    assert_eq!((blocks, current(&net, "minute"), current(&net, "day")), (11, Ok(2), Ok(1)));
    assert!(!begins(&mut net));
    let answer: QueryEpochInfosResponse =
        net.query("/akash.epochs.v1beta1.Query/EpochInfos", &QueryEpochInfosRequest {}).unwrap();
    assert_eq!(answer.epochs.iter().map(|info| info.id.as_str()).collect::<Vec<_>>(), ["day", "minute"]);
    assert_eq!(current(&net, "year"), Err("not available identifier".to_owned()));
    assert_eq!(current(&net, ""), Err("identifier is empty".to_owned()));
}

#[test]
fn epochs_of_a_wrong_form_start_no_chain() {
    for (epochs, part) in [
        (json!([{ "id": "", "duration": "60s" }]), "name"),
        (json!([{ "id": "minute", "duration": "0s" }]), "length"),
        (json!([{ "id": "minute" }]), "length"),
        (json!([{ "id": "minute", "duration": "60s", "current_epoch": "-1" }]), "negative"),
        (json!([{ "id": "minute", "duration": "60s" }, { "id": "minute", "duration": "60s" }]), "twice"),
    ] {
        let error = start(&mut Testnet::new(), epochs.clone()).unwrap_err().to_string();
        assert!(error.contains(part), "{epochs}: {error}");
    }
}
