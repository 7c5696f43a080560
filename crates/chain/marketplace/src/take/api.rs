//! What other modules may ask of the fee.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::take::v1::Params;
use akash_types::num::Int;

use super::state;
use crate::fault;

/// The fee of paying out `amount` when `before` was paid out already: what it adds to the fee of the whole, so that
/// many small payouts cost as much as one. Never more than the amount.
pub fn fee(ctx: &mut Ctx, denom: &str, before: Int, amount: Int) -> Result<Int, TxError> {
    let rate = rate(&state::params(ctx)?, denom);
    reckon(rate, before, amount).ok_or_else(|| fault::broken("payout"))
}

fn rate(params: &Params, denom: &str) -> u32 {
    let found = params.denom_take_rates.iter().find(|rate| rate.denom == denom);
    found.map_or(params.default_take_rate, |rate| rate.rate)
}

fn reckon(percent: u32, before: Int, amount: Int) -> Option<Int> {
    let of = |sum: Int| sum.checked_mul(Int::from(percent))?.checked_div(Int::from(100u64));
    of(before.checked_add(amount)?)?.checked_sub(of(before)?)
}

#[cfg(test)]
mod tests {
    use akash_proto::akash::take::v1::DenomTakeRate;

    use super::*;

    #[test]
    fn each_denomination_has_a_rate() {
        let denom_take_rates = vec![DenomTakeRate { denom: "uakt".into(), rate: 2 }];
        let params = Params { denom_take_rates, default_take_rate: 20 };
        assert_eq!((rate(&params, "uakt"), rate(&params, "uact")), (2, 20));
    }

    #[test]
    fn fee_is_the_percentage_however_it_is_split() {
        for (percent, parts, expected) in [
            (20, vec![100], 20),
            (20, vec![4; 25], 20),
            (20, vec![99], 19),
            (2, vec![1; 100], 2),
            (0, vec![7, 5], 0),
            (100, vec![7, 5], 12),
        ] {
            let (mut before, mut fees) = (0u64, 0);
            for part in parts {
                let fee = reckon(percent, before.into(), Int::from(part)).and_then(Int::to_i64).unwrap();
                assert!((0..=part).contains(&fee));
                before += part.unsigned_abs();
                fees += fee;
            }
            assert_eq!(fees, expected, "{percent} %");
        }
    }
}
