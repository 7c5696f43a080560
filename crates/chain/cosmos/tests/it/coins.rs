//! Moving coins through `bank::api`.

use akash_cosmos::{auth, bank};
use akash_kernel::TxError;
use akash_types::address::Address;
use akash_types::num::Int;

use crate::bench::{address, check_invariants, coins, empty};

#[test]
fn supply_follows_minting_and_burning() {
    let mut bench = empty();
    let ctx = &mut bench.ctx();
    bank::api::mint(ctx, "bme", &coins("100uact,7uakt")).expect("bme mints");
    bank::api::module_to_account(ctx, "bme", &address(1), &coins("40uact")).expect("it has them");
    bank::api::account_to_module(ctx, &address(1), "escrow", &coins("15uact")).expect("it has them");
    bank::api::burn(ctx, "bme", &coins("60uact,7uakt")).expect("it has them");

    assert_eq!(bank::api::supply_of(ctx, "uact").expect("readable"), Int::from(40u64));
    assert_eq!(bank::api::supply_of(ctx, "uakt").expect("readable"), Int::ZERO);
    assert_eq!(bank::api::balance(ctx, &address(1), "uact").expect("readable"), Int::from(25u64));
    assert_eq!(bank::api::balance(ctx, &Address::module("escrow"), "uact").expect("readable"), Int::from(15u64));
    check_invariants(&mut bench);
}

#[test]
fn receiver_without_an_account_gets_one() {
    let mut bench = empty();
    let ctx = &mut bench.ctx();
    bank::api::mint(ctx, "bme", &coins("3uakt")).expect("bme mints");
    assert_eq!(auth::api::account(ctx, &address(1)).expect("readable"), None);
    bank::api::module_to_account(ctx, "bme", &address(1), &coins("3uakt")).expect("it has them");
    assert!(auth::api::has_account(ctx, &address(1)).expect("readable"));
}

#[test]
fn more_than_there_is_cannot_move() {
    let mut bench = empty();
    let ctx = &mut bench.ctx();
    bank::api::mint(ctx, "bme", &coins("3uakt")).expect("bme mints");
    let error = bank::api::module_to_account(ctx, "bme", &address(1), &coins("4uakt")).unwrap_err();
    assert_eq!(error.to_string(), "spendable balance 3uakt is smaller than 4uakt: insufficient funds");
    assert!(matches!(bank::api::burn(ctx, "bme", &coins("4uakt")), Err(TxError::Reject(_))));
}

#[test]
fn module_accounts_are_no_ordinary_receivers() {
    let mut bench = empty();
    let ctx = &mut bench.ctx();
    bank::api::mint(ctx, "bme", &coins("3uakt")).expect("bme mints");
    let escrow = Address::module("escrow");
    let error = bank::api::module_to_account(ctx, "bme", &escrow, &coins("1uakt")).unwrap_err();
    assert_eq!(error.to_string(), format!("{escrow} is not allowed to receive funds: unauthorized"));
    bank::api::module_to_module(ctx, "bme", "escrow", &coins("1uakt")).expect("between modules they may");
}

#[test]
fn module_without_the_permission_is_our_own_mistake() {
    let mut bench = empty();
    let ctx = &mut bench.ctx();
    assert!(matches!(bank::api::mint(ctx, "escrow", &coins("1uakt")), Err(TxError::Fault(_))));
    assert!(matches!(bank::api::burn(ctx, "escrow", &coins("1uakt")), Err(TxError::Fault(_))));
    let unknown = bank::api::account_to_module(ctx, &address(1), "nobody", &coins("1uakt"));
    assert!(matches!(unknown, Err(TxError::Fault(_))));
}

#[test]
fn sending_to_oneself_changes_nothing() {
    let mut bench = empty();
    let ctx = &mut bench.ctx();
    bank::api::mint(ctx, "bme", &coins("9uakt")).expect("bme mints");
    bank::api::module_to_account(ctx, "bme", &address(1), &coins("9uakt")).expect("it has them");
    bank::api::send(ctx, &address(1), &address(1), &coins("5uakt")).expect("it has them");
    assert_eq!(bank::api::balance(ctx, &address(1), "uakt").expect("readable"), Int::from(9u64));
    check_invariants(&mut bench);
}
