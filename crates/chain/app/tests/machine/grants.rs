//! A second account of the grants for deposits: what was granted is what is left, what lies in escrow, and what was
//! spent.
//!
//! The books are kept from outside, by what queries answer before and after a block. Payments take an account's oldest
//! deposits first, and what they took in all is in the account; so it is known which grant paid how much. Where a block
//! gives or takes back a grant, or spends a deposit that was not there before it (a grace period ends so), nothing is
//! known of that grant, or of any, in that block.

use std::collections::{BTreeMap, BTreeSet};

use akash_app::AppView;
use akash_proto::akash::base::deposit::v1::Source;
use akash_proto::akash::escrow::id::v1::Scope;
use akash_proto::akash::escrow::types::v1 as escrow;
use akash_proto::akash::escrow::v1::{DepositAuthorization, QueryAccountsRequest, QueryAccountsResponse};
use akash_proto::cosmos::authz::v1beta1::{QueryGranterGrantsRequest, QueryGranterGrantsResponse};
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_types::num::Dec;
use prost::{Message, Name};

use super::known::ask;

/// Open accounts that a history never has more of.
const MANY: u64 = 10_000;

/// Granter and grantee.
pub type Pair = (String, String);

/// What is known of grants and of the deposits that they paid.
#[derive(Default)]
pub struct Books {
    left: BTreeMap<(Pair, String), Dec>,
    granted: BTreeSet<Pair>,
    open: BTreeMap<String, Account>,
}

struct Account {
    transferred: BTreeMap<String, Dec>,
    deposits: Vec<Deposit>,
}

struct Deposit {
    /// Whose grant paid it, if one did.
    pair: Option<Pair>,
    denom: String,
    amount: Dec,
}

/// How often the sum was looked at.
#[derive(Default)]
pub struct Compared {
    pub sums: u64,
    pub unknown_blocks: u64,
}

impl Books {
    pub fn read(view: &AppView, granters: &[String]) -> Self {
        let mut books = Self::default();
        for granter in granters {
            books.read_grants(view, granter);
        }
        for account in accounts(view, "open", "") {
            let id = account.id.as_ref().unwrap();
            let scope = if id.scope() == Scope::Bid { "bid" } else { "deployment" };
            books.open.insert(format!("{scope}/{}", id.xid), Account::new(account));
        }
        books
    }

    fn read_grants(&mut self, view: &AppView, granter: &str) {
        let request = QueryGranterGrantsRequest { granter: granter.to_owned(), pagination: None };
        let answer: QueryGranterGrantsResponse = ask(view, "/cosmos.authz.v1beta1.Query/GranterGrants", &request);
        for grant in answer.grants {
            let authorization = grant.authorization.unwrap();
            if authorization.type_url != DepositAuthorization::type_url() {
                continue;
            }
            let pair = (grant.granter, grant.grantee);
            let limits = DepositAuthorization::decode(authorization.value.as_slice()).unwrap().spend_limits;
            for coin in limits {
                self.left.insert((pair.clone(), coin.denom), coin.amount.parse().unwrap());
            }
            self.granted.insert(pair);
        }
    }

    /// Whether each grant that stood before and after a block is whole; of those in `changed` nothing is known.
    pub fn check(&self, view: &AppView, after: &Self, changed: &[Pair], seen: &mut Compared) -> Result<(), String> {
        let Some(spent) = self.spent(view, after) else {
            seen.unknown_blocks += 1;
            return Ok(());
        };
        let (before_sums, after_sums) = (self.sums(), after.sums());
        for (key, before) in &before_sums {
            let (pair, denom) = key;
            if changed.contains(pair) || !self.granted.contains(pair) || !after.granted.contains(pair) {
                continue;
            }
            let spent = spent.get(key).copied().unwrap_or(Dec::ZERO);
            let now = after_sums.get(key).copied().unwrap_or(Dec::ZERO);
            seen.sums += 1;
            if now.checked_add(spent) != Some(*before) {
                let (granter, grantee) = pair;
                return Err(format!(
                    "{granter} granted {grantee} {before}{denom}, {now} are there, {spent} were spent"
                ));
            }
        }
        Ok(())
    }

    /// What is left of a grant or lies in escrow.
    fn sums(&self) -> BTreeMap<(Pair, String), Dec> {
        let mut sums = self.left.clone();
        for deposit in self.open.values().flat_map(|account| &account.deposits) {
            if let Some(pair) = &deposit.pair {
                add(&mut sums, (pair.clone(), deposit.denom.clone()), deposit.amount);
            }
        }
        sums
    }

    /// What payments took from each grant, and the fractions that stay behind where an account ended.
    fn spent(&self, view: &AppView, after: &Self) -> Option<BTreeMap<(Pair, String), Dec>> {
        let mut spent = BTreeMap::new();
        for (xid, account) in &self.open {
            let ended = if after.open.contains_key(xid) { None } else { Some(ended(view, xid)) };
            let now = ended.as_ref().or_else(|| after.open.get(xid)).unwrap();
            let mut taken = now.transferred.clone();
            for (denom, amount) in &account.transferred {
                add(&mut taken, denom.clone(), -*amount);
            }
            for deposit in &account.deposits {
                let rest = taken.entry(deposit.denom.clone()).or_insert(Dec::ZERO);
                let mut part = deposit.amount.min(*rest);
                *rest = rest.checked_sub(part).unwrap();
                if ended.is_some() {
                    part = part.checked_add(deposit.amount.checked_sub(part).unwrap().fract()).unwrap();
                }
                if let Some(pair) = &deposit.pair {
                    add(&mut spent, (pair.clone(), deposit.denom.clone()), part);
                }
            }
            if taken.values().any(|rest| !rest.is_zero()) {
                return None;
            }
        }
        Some(spent)
    }
}

impl Account {
    fn new(stored: escrow::Account) -> Self {
        let state = stored.state.unwrap();
        let coin = |coin: &akash_proto::cosmos::base::v1beta1::DecCoin| {
            (coin.denom.clone(), Dec::from_wire(&coin.amount).unwrap())
        };
        let deposit = |deposit: &escrow::Depositor| {
            let (denom, amount) = coin(deposit.balance.as_ref().unwrap());
            let grantee = deposit.grantee.clone().unwrap_or_else(|| state.owner.clone());
            let is_granted = deposit.source() == Source::Grant;
            Deposit { pair: is_granted.then(|| (deposit.owner.clone(), grantee)), denom, amount }
        };
        Self {
            deposits: state.deposits.iter().map(deposit).collect(),
            transferred: state.transferred.iter().map(coin).collect(),
        }
    }
}

fn ended(view: &AppView, xid: &str) -> Account {
    let found = ["closed", "overdrawn"].into_iter().flat_map(|state| accounts(view, state, xid)).next();
    Account::new(found.unwrap())
}

fn accounts(view: &AppView, state: &str, xid: &str) -> Vec<escrow::Account> {
    let pagination = Some(PageRequest { limit: MANY, ..PageRequest::default() });
    let request = QueryAccountsRequest { state: state.into(), xid: xid.into(), pagination };
    let answer: QueryAccountsResponse = ask(view, "/akash.escrow.v1.Query/Accounts", &request);
    answer.accounts
}

fn add<K: Ord>(sums: &mut BTreeMap<K, Dec>, key: K, amount: Dec) {
    let sum = sums.entry(key).or_insert(Dec::ZERO);
    *sum = sum.checked_add(amount).unwrap();
}

#[test]
fn a_coin_that_is_lost_between_grant_and_lease_is_found() {
    let view = super::run::World::new().view();
    let (pair, denom) = (("granter".to_owned(), "grantee".to_owned()), "uact".to_owned());
    let books = |left: u64, deposited: u64, transferred: u64| {
        let deposit = Deposit { pair: Some(pair.clone()), denom: denom.clone(), amount: deposited.into() };
        let transferred = BTreeMap::from([(denom.clone(), transferred.into())]);
        Books {
            left: BTreeMap::from([((pair.clone(), denom.clone()), left.into())]),
            granted: BTreeSet::from([pair.clone()]),
            open: BTreeMap::from([("deployment/x".to_owned(), Account { transferred, deposits: vec![deposit] })]),
        }
    };
    let check = |after: Books| books(100, 50, 7).check(&view, &after, &[], &mut Compared::default());
    assert_eq!(check(books(100, 30, 27)), Ok(()), "the lease took twenty");
    assert_eq!(check(books(80, 70, 7)), Ok(()), "twenty more were deposited");
    let lost = "granter granted grantee 150.000000000000000000uact, 129.000000000000000000 are there, \
                20.000000000000000000 were spent";
    assert_eq!(check(books(99, 30, 27)), Err(lost.to_owned()));
    assert!(check(books(101, 30, 27)).is_err(), "nothing comes from nowhere either");
    let mut seen = Compared::default();
    assert_eq!(books(100, 50, 7).check(&view, &books(99, 30, 27), std::slice::from_ref(&pair), &mut seen), Ok(()));
    assert_eq!((seen.sums, seen.unknown_blocks), (0, 0), "a grant that was changed is not compared");
    assert_eq!(books(100, 50, 7).check(&view, &books(100, 30, 90), &[], &mut seen), Ok(()));
    assert_eq!(seen.unknown_blocks, 1, "more was spent than there was before");
}
