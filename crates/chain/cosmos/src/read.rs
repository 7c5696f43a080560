//! Reading the parts of messages, with the refusals that all modules share.

use akash_kernel::{QueryError, Reject, Time, TxError, sdk_error};
use akash_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use akash_types::address::Address;
use akash_types::coin::Coins;
use prost_types::Timestamp;

/// An address of a message; `role` says whose.
pub fn address(role: &str, text: &str) -> Result<Address, TxError> {
    Address::parse(text).map_err(|error| sdk_error::invalid_address(format!("invalid {role} address: {error}")))
}

/// The only signer of a message.
pub fn signer(text: &str) -> Result<Vec<Address>, TxError> {
    Ok(vec![address("signer", text)?])
}

/// An address of a query.
pub fn asked_address(text: &str) -> Result<Address, QueryError> {
    Address::parse(text).map_err(|error| QueryError::invalid_argument(format!("invalid address: {error}")))
}

/// Coins that are sorted, unique and positive; at least one.
pub fn positive_coins(coins: &[ProtoCoin]) -> Result<Coins, TxError> {
    match Coins::try_from(coins) {
        Ok(amount) if !coins.is_empty() => Ok(amount),
        // No coins print as nothing, with the colon behind it.
        _ => Err(sdk_error::invalid_coins("").context(print(coins))),
    }
}

/// Coins as they came, for an error text.
pub fn print(coins: &[ProtoCoin]) -> String {
    coins.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect::<Vec<_>>().join(",")
}

/// Coins as messages carry them.
pub fn to_proto(coins: &Coins) -> Vec<ProtoCoin> {
    coins.iter().map(ProtoCoin::from).collect()
}

/// A time of a message. Nothing when its nanoseconds are no fraction of a second.
pub fn time(timestamp: &Timestamp) -> Result<Time, TxError> {
    let nanos = u32::try_from(timestamp.nanos).ok().filter(|nanos| *nanos < 1_000_000_000);
    let nanos = nanos.ok_or_else(|| sdk_error::invalid_request(format!("{} is no fraction", timestamp.nanos)))?;
    Ok(Time { seconds: timestamp.seconds, nanos })
}

/// An error that was never registered: codespace `undefined`, code 1, the bare text.
pub fn plain(text: impl Into<String>) -> TxError {
    Reject { codespace: "undefined", code: 1, text: text.into() }.into()
}
