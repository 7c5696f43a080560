//! Each invariant is broken once, and says so.

use akash_kernel::Ctx;

use super::*;
use crate::escrow::account::Account;
use crate::escrow::payment::Payment;
use crate::tests::testnet::{Testnet, account as address, group_of, lease};

fn net() -> Testnet {
    let mut net = Testnet::with_lease();
    net.end_blocks(2);
    net.deposit(&address("stranger"), 7, "500uact").unwrap();
    net.end_block();
    net
}

fn broken_by(change: impl FnOnce(&mut Ctx)) -> Vec<&'static str> {
    let mut net = net();
    change(&mut net.bench.ctx());
    net.violations()
}

fn id() -> AccountId {
    AccountId::Deployment(group_of(7).deployment_id().clone())
}

/// Changes the stored account and nothing else.
fn with_account(ctx: &mut Ctx, change: impl FnOnce(&mut Account)) {
    let mut account = Account::from_stored(&ACCOUNTS.get(ctx, &id()).unwrap().unwrap()).unwrap();
    change(&mut account);
    ACCOUNTS.put(ctx, &id(), &account.to_wire()).unwrap();
}

fn with_payment(ctx: &mut Ctx, change: impl FnOnce(&mut Payment)) {
    let mut payment = Payment::from_stored(&PAYMENTS.get(ctx, &lease(7, "p1")).unwrap().unwrap()).unwrap();
    change(&mut payment);
    PAYMENTS.put(ctx, &lease(7, "p1"), &payment.to_wire()).unwrap();
}

const HOLDS: &str = "the module account holds funds and balances, fractions of what has ended";
const PAYMENTS_OPEN: &str = "only an open account has open payments";
const INDEXES: &str = "indexes equal scans";
const FUNDS: &str = "the funds of an open account are its deposits";

#[test]
fn nothing_is_broken_at_first() {
    assert_eq!(broken_by(|_| {}), Vec::<&str>::new());
}

#[test]
fn money_from_nowhere_is_found() {
    let atom: Dec = "0.000000000000000001".parse().unwrap();
    let found =
        broken_by(|ctx| with_payment(ctx, |payment| payment.balance = payment.balance.checked_add(atom).unwrap()));
    assert_eq!(found, [HOLDS]);
}

#[test]
fn money_that_went_astray_is_found() {
    let found = broken_by(|ctx| {
        let coins = akash_types::coin::Coins::from("1uact".parse::<akash_types::coin::Coin>().unwrap());
        bank::api::send(ctx, &Address::module(STORE), &address("stranger"), &coins).unwrap();
    });
    assert_eq!(found, [HOLDS]);
}

#[test]
fn funds_that_are_not_the_deposits_are_found() {
    let found = broken_by(|ctx| {
        with_account(ctx, |account| {
            account.deposits[0].balance.amount = account.deposits[0].balance.amount.checked_sub(Dec::ONE).unwrap();
        });
    });
    assert_eq!(found, [FUNDS]);
}

#[test]
fn an_ended_account_with_money_is_found() {
    let found = broken_by(|ctx| {
        let mut account = Account::from_stored(&ACCOUNTS.get(ctx, &id()).unwrap().unwrap()).unwrap();
        account.state = State::Closed;
        ACCOUNTS.archive(ctx, &id(), &account.to_wire()).unwrap();
    });
    assert_eq!(found, [HOLDS, INDEXES]);
}

#[test]
fn deposits_that_are_not_in_the_funds_are_found() {
    let found = broken_by(|ctx| with_account(ctx, |account| account.deposits[1].balance.denom = "uother".into()));
    assert_eq!(found, [FUNDS]);
}

#[test]
fn an_ended_account_with_open_payments_is_found() {
    let found = broken_by(|ctx| {
        ACCOUNTS_BY_STATE.remove(ctx, &(1, id())).unwrap();
        ACCOUNTS_BY_STATE.insert(ctx, &(3, id())).unwrap();
    });
    assert!(found.contains(&PAYMENTS_OPEN) && found.contains(&INDEXES), "{found:?}");
}

#[test]
fn a_payment_without_an_account_is_found() {
    let found = broken_by(|ctx| {
        let (old, new) = (lease(7, "p1"), lease(9, "p1"));
        let mut payment = Payment::from_stored(&PAYMENTS.get(ctx, &old).unwrap().unwrap()).unwrap();
        payment.id = new.clone();
        payment.balance = Dec::ZERO;
        payment.state = State::Closed;
        state::insert_payment(ctx, &payment).unwrap();
    });
    assert_eq!(found, [PAYMENTS_OPEN]);
}

#[test]
fn deposits_out_of_order_are_found() {
    let found = broken_by(|ctx| with_account(ctx, |account| account.deposits.swap(0, 1)));
    assert_eq!(found, ["deposits lie in the order in which they came"]);
}

#[test]
fn an_ended_payment_that_was_not_paid_is_found() {
    let found = broken_by(|ctx| {
        let id = lease(7, "p1");
        let mut payment = Payment::from_stored(&PAYMENTS.get(ctx, &id).unwrap().unwrap()).unwrap();
        payment.state = State::Closed;
        payment.balance = Dec::ONE;
        PAYMENTS.archive(ctx, &id, &payment.to_wire()).unwrap();
    });
    assert_eq!(found, [HOLDS, INDEXES]);
}

#[test]
fn each_index_is_looked_at() {
    let changes: &[fn(&mut Ctx)] = &[
        |ctx| ACCOUNTS_BY_STATE.insert(ctx, &(2, id())).unwrap(),
        |ctx| PAYMENTS_BY_STATE.insert(ctx, &(2, lease(7, "p1"))).unwrap(),
        |ctx| state::DUE.insert(ctx, &(1_000_000, id())).unwrap(),
        |ctx| ended::add(ctx, &state::ENDED_ACCOUNTS, &2).unwrap(),
        |ctx| ended::add(ctx, &state::ENDED_PAYMENTS, &2).unwrap(),
    ];
    for (number, change) in changes.iter().enumerate() {
        let found = broken_by(change);
        assert!(found.contains(&INDEXES), "change {number}: {found:?}");
    }
}
