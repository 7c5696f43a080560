//! The deposit that comes with a message. Pure.

use akash_kernel::{TxError, sdk_error};
use akash_proto::akash::base::deposit::v1 as wire;
use akash_types::coin::Coin;
use akash_types::num::Int;

use crate::errors::SharedError;

/// A deposit of an acceptable form: an amount, and where it may be taken from, in order of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    pub amount: Coin,
    pub sources: Vec<wire::Source>,
}

impl Deposit {
    /// At least one source, none twice; an amount that is not negative and fits into 63 bits.
    pub fn read(deposit: Option<&wire::Deposit>) -> Result<Self, TxError> {
        let deposit = deposit.ok_or_else(|| sdk_error::invalid_coins("deposit is missing"))?;
        let coin = deposit.amount.as_ref().ok_or_else(|| sdk_error::invalid_coins("deposit has no amount"))?;
        let amount = Coin::try_from(coin).map_err(|error| sdk_error::invalid_coins(format!("deposit: {error}")))?;
        if amount.amount.is_negative() || amount.amount > Int::from(i64::MAX) {
            return Err(sdk_error::invalid_coins(format!("deposit {amount}")));
        }
        Ok(Self { amount, sources: sources(&deposit.sources)? })
    }
}

fn sources(numbers: &[i32]) -> Result<Vec<wire::Source>, TxError> {
    if numbers.is_empty() {
        return Err(SharedError::InvalidDepositSource.because("no deposit source"));
    }
    let mut sources = Vec::with_capacity(numbers.len());
    for number in numbers {
        let source = match wire::Source::try_from(*number) {
            Ok(source) if source != wire::Source::Invalid => source,
            _ => return Err(SharedError::InvalidDepositSource.because(format!("source {number}"))),
        };
        if sources.contains(&source) {
            return Err(SharedError::InvalidDepositSource.because(format!("source {number} is named twice")));
        }
        sources.push(source);
    }
    Ok(sources)
}
