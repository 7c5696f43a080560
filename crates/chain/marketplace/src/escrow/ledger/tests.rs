use akash_proto::akash::base::deposit::v1::Source;
use akash_types::address::Address;
use akash_types::coin::DecCoin;
use akash_types::id::{DeploymentId, LeaseId};
use proptest::prelude::*;

use super::super::account::{AccountId, Deposit};
use super::*;

const DENOM: &str = "uact";
/// Long enough that nothing ends in these tests.
const FOR_EVER: u64 = u64::MAX;

fn dec(text: &str) -> Dec {
    text.parse().expect("a decimal")
}

fn ledger(rates: &[Dec]) -> Ledger {
    let owner = Address::module("owner");
    let deployment = DeploymentId::new(owner.clone(), 1);
    let mut account = Account::new(AccountId::Deployment(deployment.clone()), owner, 10);
    account.funds.push(DecCoin { denom: DENOM.to_owned(), amount: Dec::ZERO });
    let payment = |(gseq, rate): (u32, &Dec)| {
        let provider = Address::module("provider");
        let id = LeaseId::from(deployment.group(gseq).order(1).bid(provider.clone()));
        Payment::new(id, provider, DecCoin { denom: DENOM.to_owned(), amount: *rate })
    };
    Ledger { account, payments: (1..).zip(rates).map(payment).collect() }
}

fn deposit(ledger: &mut Ledger, amount: u64) {
    if amount == 0 {
        return;
    }
    let balance = DecCoin { denom: DENOM.to_owned(), amount: Dec::from(amount) };
    let deposit =
        Deposit { owner: Address::module("owner"), height: 10, source: Source::Balance, balance, grantee: None };
    ledger.account.add(deposit).expect("small numbers");
}

fn funds(ledger: &Ledger) -> Dec {
    ledger.account.funds_in(DENOM).expect("the main denomination is there")
}

fn earned(ledger: &Ledger) -> Dec {
    settlement::sum(&ledger.payments.iter().map(|payment| payment.balance).collect::<Vec<_>>()).expect("small numbers")
}

#[test]
fn a_ledger_in_grace_stays_at_the_last_height_that_was_covered() {
    for (deposited, height, grace, standing, settled_at) in [
        (100, 20, 0, Some(Standing::Covered), 20),
        (100, 20, 5, Some(Standing::Covered), 20),
        (100, 21, 5, None, 20),
        (100, 25, 5, None, 20),
        (100, 26, 5, Some(Standing::RanDry), 26),
        (100, 21, 0, Some(Standing::RanDry), 21),
        (105, 24, 5, None, 20),
        (0, 11, 5, None, 10),
        (0, 10, 5, Some(Standing::Covered), 10),
    ] {
        let mut ledger = ledger(&[dec("10")]);
        deposit(&mut ledger, deposited);
        let found = ledger.settle_with_grace(height, grace).unwrap();
        assert_eq!((found, ledger.account.settled_at), (standing, settled_at), "{deposited} at {height}, {grace}");
        assert_eq!(ledger.is_open(), standing != Some(Standing::RanDry));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// However often an account is looked at while it is short of money, and however its money comes: once the debt is
    /// covered, everybody has earned what one settlement would have given, and nothing was made or lost on the way.
    #[test]
    fn a_debt_that_is_covered_leaves_no_trace(
        rates in prop::collection::vec(1u64..1_000_000_000_000_000_000, 1..4),
        steps in prop::collection::vec((0i64..20, prop_oneof![Just(0u64), 0u64..30]), 1..12),
    ) {
        let rates: Vec<Dec> = rates.iter().map(|atoms| dec(&format!("0.{atoms:018}"))).collect();
        let per_block = settlement::sum(&rates).unwrap();
        let mut ledger = ledger(&rates);
        let (mut height, mut deposited) = (10, 0);
        for (blocks, amount) in steps {
            height += blocks;
            deposit(&mut ledger, amount);
            deposited += amount;
            let due = ledger.due().unwrap().unwrap();
            let standing = ledger.settle_with_grace(height, FOR_EVER).unwrap();

            let settled = if due <= height { due - 1 } else { height };
            prop_assert_eq!((standing.is_none(), ledger.account.settled_at), (due <= height, settled));
            let blocks = u64::try_from(settled - 10).unwrap();
            prop_assert_eq!(earned(&ledger), settlement::times(per_block, blocks).unwrap());
            prop_assert_eq!(settlement::add(funds(&ledger), earned(&ledger)).unwrap(), Dec::from(deposited));
            prop_assert!(!funds(&ledger).is_negative());
        }

        deposit(&mut ledger, 1_000_000);
        prop_assert_eq!(ledger.settle_with_grace(height, FOR_EVER).unwrap(), Some(Standing::Covered));
        let blocks = u64::try_from(height - 10).unwrap();
        for (payment, rate) in ledger.payments.iter().zip(&rates) {
            prop_assert_eq!(payment.balance, settlement::times(*rate, blocks).unwrap());
        }
    }
}
