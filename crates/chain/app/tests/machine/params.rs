//! Messages that change one value of the parameters in force.

use akash_proto::akash::deployment::v1beta4 as deployment;
use akash_proto::akash::ext::{deployment::v1 as deployment_ext, escrow::v1 as escrow_ext, market::v1 as market_ext};
use akash_proto::akash::market::v1beta5 as market;
use akash_proto::akash::take::v1 as take;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_types::tx::encode_any;
use prost_types::Any;

use super::known::ask;
use super::run::World;
use super::step::{Change, Denom, STABLE};

pub fn parameters(world: &World, by: u8, change: Change) -> Any {
    let authority = world.address(by).to_string();
    let view = &world.view();
    match change {
        Change::Take { percent } => {
            let rate = |denom: Denom, rate| take::DenomTakeRate { denom: denom.name().into(), rate };
            let rates = vec![rate(Denom::Stable, percent / 2), rate(Denom::Uakt, percent / 10)];
            let params = take::Params { denom_take_rates: rates, default_take_rate: percent };
            encode_any(&take::MsgUpdateParams { authority, params: Some(params) })
        }
        Change::Grace { .. } | Change::Depositors { .. } => {
            let path = "/akash.ext.escrow.v1.Query/Params";
            let answer: escrow_ext::QueryParamsResponse = ask(view, path, &escrow_ext::QueryParamsRequest {});
            let mut params = answer.params.unwrap();
            match change {
                Change::Grace { blocks } => params.grace_period_blocks = blocks,
                Change::Depositors { most } => (params.max_deposits, params.reserved_deposits) = (most, 1),
                _ => {}
            }
            encode_any(&escrow_ext::MsgUpdateParams { authority, params: Some(params) })
        }
        Change::BidsPerProvider { most } => {
            let path = "/akash.ext.market.v1.Query/Params";
            let answer: market_ext::QueryParamsResponse = ask(view, path, &market_ext::QueryParamsRequest {});
            let params = market_ext::Params { order_max_bids_per_provider: most, ..answer.params.unwrap() };
            encode_any(&market_ext::MsgUpdateParams { authority, params: Some(params) })
        }
        Change::Replicas { most } => {
            let path = "/akash.ext.deployment.v1.Query/Params";
            let answer: deployment_ext::QueryParamsResponse = ask(view, path, &deployment_ext::QueryParamsRequest {});
            let params = deployment_ext::Params { max_replicas: most, ..answer.params.unwrap() };
            encode_any(&deployment_ext::MsgUpdateParams { authority, params: Some(params) })
        }
        Change::Deposits { stable } => {
            let path = "/akash.deployment.v1beta4.Query/Params";
            let answer: deployment::QueryParamsResponse = ask(view, path, &deployment::QueryParamsRequest {});
            let params = deployment::Params { min_deposits: with_stable(answer.params.unwrap().min_deposits, stable) };
            encode_any(&deployment::MsgUpdateParams { authority, params: Some(params) })
        }
        Change::Bids { stable, most } => {
            let path = "/akash.market.v1beta5.Query/Params";
            let answer: market::QueryParamsResponse = ask(view, path, &market::QueryParamsRequest {});
            let mut params = answer.params.unwrap();
            params.bid_min_deposits = with_stable(params.bid_min_deposits, stable);
            params.order_max_bids = most;
            encode_any(&market::MsgUpdateParams { authority, params: Some(params) })
        }
    }
}

fn with_stable(mut coins: Vec<Coin>, stable: bool) -> Vec<Coin> {
    coins.retain(|coin| coin.denom != STABLE);
    if stable {
        coins.insert(0, Coin { denom: STABLE.into(), amount: "500000".into() });
    }
    coins
}
