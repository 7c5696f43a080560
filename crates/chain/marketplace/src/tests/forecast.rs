//! What a client learns of a deployment's money without reckoning.

use akash_proto::akash::escrow::types::v1::State;
use akash_proto::akash::ext::escrow::v1::{QueryForecastRequest, QueryForecastResponse};
use akash_proto::cosmos::base::v1beta1::DecCoin;

use super::testnet::*;

fn forecast(net: &Testnet, dseq: u64) -> QueryForecastResponse {
    let request = QueryForecastRequest { owner: owner().to_string(), dseq };
    net.query("/akash.ext.escrow.v1.Query/Forecast", &request).unwrap()
}

fn whole(coin: &Option<DecCoin>) -> String {
    dec(coin.clone()).to_string().trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[test]
fn forecast_gives_live_balance_rate_and_end() {
    let mut net = Testnet::new();
    net.deploy(7, "100.5uact", "500000uact").unwrap();
    net.bid(7, "p1", "100.5uact").unwrap();
    net.end_block();
    let idle = forecast(&net, 7);
    assert_eq!((idle.runs_dry_at, idle.closes_at, idle.closes_at_time), (0, 0, None));
    assert_eq!(idle.funds.iter().map(|funds| whole(&funds.balance)).collect::<Vec<_>>(), ["500000"]);

    net.take(&bid(7, "p1")).unwrap();
    net.end_blocks(10); // nobody touches the account
    let answer = forecast(&net, 7);
    assert_eq!(answer.state(), State::Open);
    let funds = &answer.funds[0];
    let interval_seconds = answer.block_interval.unwrap().seconds;
    assert_eq!(whole(&funds.balance), "499095.5");
    assert_eq!((whole(&funds.rate_per_block).as_str(), whole(&funds.debt).as_str()), ("100.5", "0"));
    assert_eq!(whole(&funds.rate_per_day), (201 * 86_400 / interval_seconds / 2).to_string());
    assert_eq!(whole(&answer.payments[0].balance), "904.5");
    // 4975 blocks are covered from the height of the lease on.
    let created_at = net.lease_of(&lease(7, "p1")).created_at;
    assert_eq!((answer.runs_dry_at, answer.closes_at), (created_at + 4976, created_at + 4976));
    let left = answer.closes_at - answer.height;
    assert_eq!(answer.closes_at_time.unwrap().seconds, answer.time.unwrap().seconds + left * interval_seconds);
}

#[test]
fn forecast_is_what_happens() {
    let mut net = Testnet::new();
    net.set_grace(4);
    net.deploy(7, "100000uact", "500000uact").unwrap();
    net.bid(7, "p1", "100000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_block();
    let closes_at = forecast(&net, 7).closes_at;
    while net.bench.block.height < closes_at {
        net.end_block();
    }
    let answer = forecast(&net, 7);
    assert_eq!((whole(&answer.funds[0].balance), whole(&answer.funds[0].debt)), ("0".into(), "400000".into()));
    assert_eq!(whole(&answer.payments[0].unsettled), "400000");
    net.end_block();
    let answer = forecast(&net, 7);
    assert_eq!((answer.state(), answer.runs_dry_at, answer.payments.len()), (State::Overdrawn, 0, 0));
}

#[test]
fn there_is_no_forecast_of_nothing() {
    let net = Testnet::new();
    for (owner, dseq) in [(owner().to_string(), 9), (String::new(), 7), (owner().to_string(), 0)] {
        let request = QueryForecastRequest { owner, dseq };
        let path = "/akash.ext.escrow.v1.Query/Forecast";
        assert!(net.query::<_, QueryForecastResponse>(path, &request).is_err());
    }
}
