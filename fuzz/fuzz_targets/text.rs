//! Short texts: addresses, identifiers, numbers, coins, paths, mnemonics, serial numbers, times, durations.

#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use akash_fuzz::choice;
use akash_types::address::{Address, Prefix, decode_bech32, encode_bech32};
use akash_types::cert::Serial;
use akash_types::coin::{Coin, Coins, DecCoin, DecCoins, validate_denom};
use akash_types::id::{BidId, DeploymentId, GroupId, LeaseId, OrderId};
use akash_types::json::Rfc3339;
use akash_types::key::{HdPath, Mnemonic};
use akash_types::num::{Dec, Int};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = choice(data, 17) else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    match kind {
        0 => address(text),
        1 => bech32(text),
        2 => same::<DeploymentId>(text),
        3 => same::<GroupId>(text),
        4 => same::<OrderId>(text),
        5 => same::<BidId>(text),
        6 => same::<LeaseId>(text),
        7 => decimal(text),
        8 => integer(text),
        9 => same::<Coin>(text),
        10 => coins(text),
        11 => same::<DecCoin>(text),
        12 => same::<DecCoins>(text),
        13 => same::<HdPath>(text),
        14 => mnemonic(text),
        15 => same::<Serial>(text),
        _ => same::<Rfc3339>(text),
    }
});

/// What is read is written, and read again as the same.
fn same<T: FromStr + Display + PartialEq + Debug>(text: &str) {
    let Ok(value) = text.parse::<T>() else { return };
    let written = value.to_string();
    assert!(written.len() <= text.len() + 1024);
    let Ok(again) = written.parse::<T>() else { panic!("{text:?} became {written:?}, which is none") };
    assert_eq!(again, value);
    assert_eq!(again.to_string(), written);
}

fn address(text: &str) {
    same::<Address>(text);
    for prefix in [Prefix::Account, Prefix::ValidatorOperator, Prefix::ValidatorConsensus] {
        let Ok(address) = Address::parse_prefix(text, prefix) else { continue };
        assert_eq!(address.with_prefix(prefix), text.to_lowercase());
        assert_eq!(Address::from_bytes(address.as_bytes()).as_ref(), Ok(&address));
    }
}

fn bech32(text: &str) {
    let Ok((prefix, bytes)) = decode_bech32(text) else { return };
    assert_eq!(encode_bech32(&prefix, &bytes), Ok(text.to_lowercase()));
}

fn integer(text: &str) {
    let Ok(value) = text.parse::<Int>() else { return };
    assert_eq!(value.to_string(), text);
    let next = value.checked_add(Int::from(1_u64));
    assert!(next.is_none_or(|next| next.checked_sub(Int::from(1_u64)) == Some(value)));
    assert_eq!(-(-value), value);
}

fn decimal(text: &str) {
    let Some((a, b)) = text.split_once(' ') else { return same::<Dec>(text) };
    let (Ok(a), Ok(b)) = (a.parse::<Dec>(), b.parse::<Dec>()) else { return };
    assert_eq!(Dec::from_wire(&a.to_wire()), Ok(a));
    assert_eq!(a.checked_mul(b), b.checked_mul(a));
    assert_eq!(a.checked_add(b), b.checked_add(a));
    if let Some(sum) = a.checked_add(b) {
        assert_eq!(sum.checked_sub(b), Some(a));
    }
    if !b.is_zero() {
        assert_eq!(b.checked_quo(b), Some(Dec::ONE));
    }
    let _ = (a.checked_quo(b), a.checked_quo_truncate(b), a.checked_mul_truncate(b), a.round(), a.checked_ceil());
    let whole = Dec::from_int(a.truncate()).and_then(|whole| whole.checked_add(a.fract()));
    assert_eq!(whole, Some(a));
}

fn coins(text: &str) {
    same::<Coins>(text);
    let Ok(coins) = text.parse::<Coins>() else { return };
    for coin in &coins {
        assert_eq!(validate_denom(&coin.denom), Ok(()));
        assert!(coin.amount.is_positive());
        assert_eq!(coins.amount_of(&coin.denom), coin.amount);
    }
    assert_eq!(coins.checked_sub(&coins), Some(Coins::new()));
    if let Some(twice) = coins.checked_add(&coins) {
        assert_eq!(twice.checked_sub(&coins).as_ref(), Some(&coins));
    }
}

fn mnemonic(text: &str) {
    let Ok(mnemonic) = Mnemonic::parse(text) else { return };
    let words = mnemonic.words();
    let again = Mnemonic::parse(&words).expect("own words are words");
    assert_eq!(*again.words(), *words);
}
