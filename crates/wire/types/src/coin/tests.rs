use proptest::prelude::*;

use super::{Coin, CoinError, Coins, DecCoin, DecCoins, MAX_COINS, validate_denom};
use crate::num::Int;
use akash_proto::cosmos::base::v1beta1 as proto;

fn coins(text: &str) -> Coins {
    text.parse().unwrap()
}

#[test]
fn denominations() {
    for denom in ["uakt", "abc", "ibc/170C677610AC31DF0904FFE09CD3B5C657492170E7E52372E48756B71E56F2F1", "a:b.c_d-e"] {
        assert_eq!(validate_denom(denom), Ok(()), "{denom}");
    }
    for denom in ["", "ab", "1abc", "uakt ", "üakt", "a,b"] {
        assert_eq!(validate_denom(denom), Err(CoinError::Denom(denom.to_owned())));
    }
    assert!(validate_denom(&"a".repeat(128)).is_ok());
    assert!(validate_denom(&"a".repeat(129)).is_err());
}

#[test]
fn coins_are_read_as_the_tools_write_them() {
    assert_eq!("5uakt".parse::<Coin>().unwrap(), Coin::new("uakt", 5).unwrap());
    assert_eq!("5.9  uakt".parse::<Coin>().unwrap(), Coin::new("uakt", 5).unwrap());
    for text in ["", "uakt", "5", "-5uakt", "5ua", "5 5uakt", ".5uakt", "5uakt,6uact"] {
        assert!(text.parse::<Coin>().is_err(), "{text:?}");
    }
    assert_eq!("0.025uakt".parse::<DecCoin>().unwrap().to_string(), "0.025000000000000000uakt");
}

#[test]
fn sets_are_sorted_unique_and_positive() {
    assert_eq!(coins("2uakt,1uact,0abc").to_string(), "1uact,2uakt");
    assert_eq!(coins(""), Coins::new());
    assert_eq!("1uakt,2uakt".parse::<Coins>(), Err(CoinError::Duplicate("uakt".to_owned())));

    let coin = |denom: &str, amount: &str| proto::Coin { denom: denom.to_owned(), amount: amount.to_owned() };
    let strict = |coins: &[proto::Coin]| Coins::try_from(coins).map_err(|e| e.to_string());
    assert_eq!(strict(&[coin("uact", "1"), coin("uakt", "2")]), Ok(coins("1uact,2uakt")));
    assert_eq!(strict(&[coin("uakt", "1"), coin("uact", "2")]).unwrap_err(), "denomination uact is not sorted");
    assert_eq!(strict(&[coin("uakt", "1"), coin("uakt", "2")]).unwrap_err(), "duplicate denomination uakt");
    assert_eq!(strict(&[coin("uakt", "0")]).unwrap_err(), "coin 0uakt amount is not positive");
    assert_eq!(strict(&[coin("uakt", "-1")]).unwrap_err(), "negative coin amount: -1");
}

#[test]
fn sums_and_differences() {
    let have = coins("5uact,7uakt");
    assert_eq!(have.clone().checked_add(&coins("1uakt,1abc")), Some(coins("1abc,5uact,8uakt")));
    assert_eq!(have.clone().checked_sub(&coins("5uact,1uakt")), Some(coins("6uakt")));
    assert_eq!(have.clone().checked_sub(&coins("6uact")), None);
    assert_eq!(have.clone().checked_sub(&coins("1abc")), None);
    assert!(have.covers(&coins("5uact")) && !have.covers(&coins("5uact,8uakt")));
    assert_eq!(have.amount_of("uakt"), Int::from(7));
    assert_eq!(have.amount_of("none"), Int::ZERO);
}

#[test]
fn sum_has_no_more_denominations_than_a_set_may_have() {
    let denom = |number: usize| Coins::from(Coin::new(format!("denom{number:05}"), 1).unwrap());
    let sum = |numbers: std::ops::Range<usize>| {
        numbers.rev().try_fold(Coins::new(), |sum, number| sum.checked_add(&denom(number)))
    };
    let full = sum(0..MAX_COINS).unwrap();
    assert_eq!(full.len(), MAX_COINS);
    assert_eq!(full.clone().checked_add(&denom(7)).unwrap().amount_of("denom00007"), Int::from(2));
    assert_eq!(full.checked_add(&denom(MAX_COINS)), None);
    assert_eq!(sum(0..1_000_000), None, "and it says so before it grows");
}

#[test]
fn fractional_sets_cut_to_whole_coins() {
    let prices: DecCoins = "1.5uakt,0.5uact".parse().unwrap();
    assert_eq!(prices.truncate(), coins("1uakt"));
    assert_eq!(prices.checked_sub_coin(&"2uakt".parse().unwrap()), None);
}

#[test]
fn json_form_has_texts() {
    let json = serde_json::to_string(&coins("1uact,2uakt")).unwrap();
    assert_eq!(json, r#"[{"denom":"uact","amount":"1"},{"denom":"uakt","amount":"2"}]"#);
    assert_eq!(serde_json::from_str::<Coins>(&json).unwrap(), coins("1uact,2uakt"));
    assert!(serde_json::from_str::<Coin>(r#"{"denom":"uakt","amount":"-1"}"#).is_err());
}

fn any_set() -> impl Strategy<Value = Coins> {
    proptest::collection::btree_map("[a-e]{3}", 1_u64.., 0..8).prop_map(|coins| {
        let coins = coins.into_iter().map(|(denom, amount)| Coin::new(denom, amount).unwrap());
        Coins::from_vec(coins.collect()).unwrap()
    })
}

proptest! {
    #[test]
    fn what_was_added_can_be_taken(a in any_set(), b in any_set()) {
        let sum = a.clone().checked_add(&b).unwrap();
        prop_assert_eq!(sum.clone().checked_sub(&b), Some(a.clone()));
        prop_assert_eq!(b.clone().checked_add(&a), Some(sum.clone()));
        prop_assert_eq!(Coins::from_sorted(sum.as_slice().to_vec()), Ok(sum.clone()));
        prop_assert_eq!(coins(&sum.to_string()), sum);
    }

    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let _ = text.parse::<Coin>();
        let _ = text.parse::<Coins>();
        let _ = text.parse::<DecCoins>();
    }
}
