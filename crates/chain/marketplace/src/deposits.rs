//! Least deposits by denomination, a parameter of deployments and of bids: the denominations that may be used. Pure.

use akash_proto::cosmos::base::v1beta1::Coin as WireCoin;
use akash_types::coin::Coin;
use akash_types::num::Int;

/// Least deposits are below this, as the reference demands.
const TOO_LARGE: i64 = (1 << 31) - 1;

/// The least deposit in a denomination; `None` when it may not be used.
pub fn least(params: &[WireCoin], denom: &str) -> Option<Int> {
    params.iter().find(|coin| coin.denom == denom).and_then(|coin| coin.amount.parse().ok())
}

/// Checks a new list: at least one coin, none twice, each below 2^31 - 1. Says what is wrong.
pub fn check(params: &[WireCoin]) -> Result<(), String> {
    if params.is_empty() {
        return Err("no minimum deposit".to_owned());
    }
    for (index, wire) in params.iter().enumerate() {
        let coin = Coin::try_from(wire).map_err(|error| error.to_string())?;
        if coin.amount >= Int::from(TOO_LARGE) {
            return Err(format!("minimum deposit {coin} is too large"));
        }
        if params.iter().take(index).any(|earlier| earlier.denom == wire.denom) {
            return Err(format!("minimum deposit in {} is given twice", wire.denom));
        }
    }
    Ok(())
}

/// The same list sorted by denomination, as parameters are kept.
pub fn sorted(mut params: Vec<WireCoin>) -> Vec<WireCoin> {
    params.sort_by(|a, b| a.denom.cmp(&b.denom));
    params
}
