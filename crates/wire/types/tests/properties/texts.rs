//! Short texts: addresses, bech32, identifiers, numbers, coins, times, paths, mnemonics, serial numbers.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use akash_types::address::{Address, Prefix, decode_bech32, encode_bech32};
use akash_types::cert::Serial;
use akash_types::coin::{Coin, Coins, DecCoin, DecCoins};
use akash_types::id::{BidId, DeploymentId, GroupId, LeaseId, OrderId};
use akash_types::json::Rfc3339;
use akash_types::key::{HdPath, Mnemonic};
use akash_types::num::{Dec, Int};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

fn same<T: FromStr + Display + PartialEq + Debug>(value: &T) -> TestCaseResult {
    let text = value.to_string();
    let Ok(again) = text.parse::<T>() else { return Err(TestCaseError::fail(format!("{text:?} is not read"))) };
    prop_assert_eq!(&again, value);
    prop_assert_eq!(again.to_string(), text);
    Ok(())
}

/// A text that is accepted is the text of its value.
fn exact<T: FromStr + Display>(text: &str) -> TestCaseResult {
    if let Ok(value) = text.parse::<T>() {
        prop_assert_eq!(value.to_string(), text);
    }
    Ok(())
}

fn accepted<T: FromStr + Display + PartialEq + Debug>(text: &str) -> TestCaseResult {
    text.parse::<T>().map_or(Ok(()), |value| same(&value))
}

fn address() -> impl Strategy<Value = Address> {
    proptest::collection::vec(any::<u8>(), 20..=32).prop_map(|bytes| Address::from_bytes(&bytes).unwrap())
}

fn int() -> impl Strategy<Value = Int> {
    (any::<i128>(), any::<i64>(), any::<bool>()).prop_map(|(wide, narrow, large)| {
        let wide = Int::from(wide);
        if large { wide.checked_mul(Int::from(narrow)).unwrap_or(wide) } else { Int::from(narrow) }
    })
}

fn dec() -> impl Strategy<Value = Dec> {
    int().prop_map(|scaled| Dec::from_wire(&scaled.to_string()).unwrap())
}

fn denom() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9/:._-]{2,30}"
}

proptest! {
    #[test]
    fn addresses_come_back_under_every_prefix(address in address()) {
        same(&address)?;
        for prefix in [Prefix::Account, Prefix::ValidatorOperator, Prefix::ValidatorConsensus] {
            prop_assert_eq!(Address::parse_prefix(&address.with_prefix(prefix), prefix), Ok(address.clone()));
        }
    }

    #[test]
    fn bech32_comes_back(prefix in "[a-z]{1,20}", bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let text = encode_bech32(&prefix, &bytes).unwrap();
        prop_assert_eq!(decode_bech32(&text), Ok((prefix, bytes)));
    }

    #[test]
    fn identifiers_come_back(
        owner in address(), provider in address(), dseq in 1_u64.., gseq in 1_u32.., oseq in 1_u32.., bseq: u32,
    ) {
        let deployment = DeploymentId::new(owner, dseq);
        let group = deployment.group(gseq);
        let order = group.order(oseq);
        let bid = BidId::new(order.clone(), provider, bseq);
        same(&deployment)?;
        same(&group)?;
        same(&order)?;
        same(&bid)?;
        same(&LeaseId::from(bid))?;
    }

    #[test]
    fn accepted_identifiers_come_back(text in "akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0(/[0-9]{1,3}){1,3}") {
        let provider = format!("{text}/akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0");
        accepted::<DeploymentId>(&text)?;
        accepted::<GroupId>(&text)?;
        accepted::<OrderId>(&text)?;
        accepted::<BidId>(&provider)?;
        accepted::<LeaseId>(&provider)?;
    }

    #[test]
    fn numbers_come_back(int in int(), dec in dec()) {
        same(&int)?;
        same(&dec)?;
        prop_assert_eq!(Dec::from_wire(&dec.to_wire()), Ok(dec));
        let json = serde_json::to_string(&int).unwrap();
        prop_assert_eq!(serde_json::from_str::<Int>(&json).unwrap(), int);
        let json = serde_json::to_string(&dec).unwrap();
        prop_assert_eq!(serde_json::from_str::<Dec>(&json).unwrap(), dec);
    }

    #[test]
    fn accepted_integers_are_exact(text in "-?[0-9]{1,90}", short in "-?[0-1]{1,3}") {
        exact::<Int>(&text)?;
        exact::<Int>(&short)?;
    }

    #[test]
    fn sums_and_products_of_decimals_are_those_of_integers(a: i64, b: i64) {
        let whole = |value: i64| Dec::from_int(Int::from(value)).unwrap();
        let of = |value: i128| Dec::from_int(Int::from(value));
        prop_assert_eq!(whole(a).checked_add(whole(b)), of(i128::from(a) + i128::from(b)));
        prop_assert_eq!(whole(a).checked_sub(whole(b)), of(i128::from(a) - i128::from(b)));
        prop_assert_eq!(whole(a).checked_mul(whole(b)), of(i128::from(a) * i128::from(b)));
        if b != 0 {
            let quotient = whole(a).checked_quo_truncate(whole(b)).unwrap();
            prop_assert_eq!(quotient.truncate(), Int::from(i128::from(a) / i128::from(b)));
        }
    }

    #[test]
    fn coins_come_back(amounts in proptest::collection::btree_map(denom(), 1_u64.., 1..5), places in 1_u64..) {
        let coins: Vec<_> = amounts.iter().map(|(denom, amount)| Coin::new(denom, *amount).unwrap()).collect();
        same(&coins[0])?;
        same(&Coins::from_vec(coins.clone()).unwrap())?;
        let amount = Dec::from_wire(&places.to_string()).unwrap();
        let coins: Vec<_> = amounts.keys().map(|denom| DecCoin::new(denom, amount).unwrap()).collect();
        same(&coins[0])?;
        same(&DecCoins::from_vec(coins).unwrap())?;
    }

    #[test]
    fn times_come_back(seconds in -62_135_596_800_i64..=253_402_300_799, nanos in 0_u32..1_000_000_000) {
        same(&Rfc3339 { seconds, nanos })?;
    }

    #[test]
    fn paths_come_back(account in 0_u32..1 << 31, index in 0_u32..1 << 31) {
        same(&HdPath::akash(account, index).unwrap())?;
    }

    #[test]
    fn serial_numbers_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..=40)) {
        same(&Serial::from_bytes(&bytes).unwrap())?;
    }

    /// Of a wrong word or a wrong order one in sixteen or fewer passes by chance, and is what it says.
    #[test]
    fn accepted_mnemonics_come_back(at in 0_usize..12, word in "(abandon|zoo|legal|winner|thank|year|x)") {
        let mut words = vec!["abandon"; 11];
        words.push("about");
        words[at] = &word;
        if let Ok(mnemonic) = Mnemonic::parse(&words.join(" ")) {
            let read = mnemonic.words();
            prop_assert_eq!(read.as_str(), words.join(" "));
        }
    }
}
