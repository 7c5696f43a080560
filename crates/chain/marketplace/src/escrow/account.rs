//! An escrow account: money set aside for a deployment or a bid, and who put it there.

use akash_kernel::TxError;
use akash_proto::akash::base::deposit::v1::Source;
use akash_proto::akash::escrow::id::v1 as wire_id;
use akash_proto::akash::escrow::types::v1 as wire;
use akash_store::{CodecError, Key};
use akash_types::address::Address;
use akash_types::coin::{Coin, DecCoin};
use akash_types::id::{BidId, DeploymentId};
use akash_types::num::Dec;

use super::errors::EscrowError;
use super::payout::{Payout, Payouts};
use super::settlement::{self, Overflow};
use crate::fault;

/// What an account belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountId {
    Deployment(DeploymentId),
    Bid(BidId),
}

impl AccountId {
    pub fn to_wire(&self) -> wire_id::Account {
        let (scope, xid) = match self {
            Self::Deployment(id) => (wire_id::Scope::Deployment, id.to_string()),
            Self::Bid(id) => (wire_id::Scope::Bid, id.to_string()),
        };
        wire_id::Account { scope: scope.into(), xid }
    }

    /// Reads an id that somebody sent.
    pub fn from_wire(id: &wire_id::Account) -> Result<Self, EscrowError> {
        match wire_id::Scope::try_from(id.scope) {
            Ok(wire_id::Scope::Deployment) => id.xid.parse().map(Self::Deployment).map_err(|_| EscrowError::InvalidId),
            Ok(wire_id::Scope::Bid) => id.xid.parse().map(Self::Bid).map_err(|_| EscrowError::InvalidId),
            _ => Err(EscrowError::InvalidId),
        }
    }
}

impl Key for AccountId {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Deployment(id) => {
                out.push(1);
                id.encode(out);
            }
            Self::Bid(id) => {
                out.push(2);
                id.encode(out);
            }
        }
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        match u8::read(input)? {
            1 => DeploymentId::read(input).map(Self::Deployment),
            2 => BidId::read(input).map(Self::Bid),
            _ => Err(CodecError::Malformed("unknown scope of an account")),
        }
    }
}

/// One payment into an account. Refunds go back by this list, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    pub owner: Address,
    pub height: i64,
    pub source: Source,
    pub balance: DecCoin,
    /// Who used the owner's grant; `None` where no grant was used.
    pub grantee: Option<Address>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub owner: Address,
    pub state: wire::State,
    /// What left the funds for payments so far.
    pub transferred: Vec<DecCoin>,
    pub settled_at: i64,
    /// Free money by denomination, the main one first: the sum of the deposits while the account is open, the
    /// fractions that could not be refunded afterwards.
    pub funds: Vec<DecCoin>,
    pub deposits: Vec<Deposit>,
}

impl Account {
    pub fn new(id: AccountId, owner: Address, height: i64) -> Self {
        Self {
            id,
            owner,
            state: wire::State::Open,
            transferred: Vec::new(),
            settled_at: height,
            funds: Vec::new(),
            deposits: Vec::new(),
        }
    }

    pub fn funds_in(&self, denom: &str) -> Option<Dec> {
        self.funds.iter().find(|coin| coin.denom == denom).map(|coin| coin.amount)
    }

    pub fn add(&mut self, deposit: Deposit) -> Result<(), Overflow> {
        add_to(&mut self.funds, &deposit.balance)?;
        self.deposits.push(deposit);
        Ok(())
    }

    /// Takes money for payments out of the oldest deposits. The caller has seen that the funds suffice.
    pub fn spend(&mut self, denom: &str, amount: Dec) -> Result<(), Overflow> {
        if amount.is_zero() {
            return Ok(());
        }
        let mut left = amount;
        for deposit in self.deposits.iter_mut().filter(|deposit| deposit.balance.denom == denom) {
            let part = deposit.balance.amount.min(left);
            deposit.balance.amount = settlement::sub(deposit.balance.amount, part)?;
            left = settlement::sub(left, part)?;
        }
        self.deposits.retain(|deposit| deposit.balance.amount.is_positive());
        if !left.is_zero() {
            return Err(Overflow);
        }

        self.lower_funds(denom, amount)?;
        add_to(&mut self.transferred, &DecCoin { denom: denom.to_owned(), amount })
    }

    /// Gives the deposits back, whole units each, in their order. Fractions stay in the funds.
    pub fn refund(&mut self) -> Result<Payouts, Overflow> {
        let mut refunds = Vec::with_capacity(self.deposits.len());
        for deposit in std::mem::take(&mut self.deposits) {
            let amount = deposit.balance.amount.truncate();
            if amount.is_positive() {
                self.lower_funds(&deposit.balance.denom, Dec::from_int(amount).ok_or(Overflow)?)?;
                let coin = Coin { denom: deposit.balance.denom, amount };
                refunds.push(Payout::Refund { depositor: deposit.owner, coin, grantee: deposit.grantee });
            }
        }
        Ok(refunds)
    }

    fn lower_funds(&mut self, denom: &str, amount: Dec) -> Result<(), Overflow> {
        let entry = self.funds.iter_mut().find(|coin| coin.denom == denom).ok_or(Overflow)?;
        entry.amount = settlement::sub(entry.amount, amount)?;
        if entry.amount.is_negative() { Err(Overflow) } else { Ok(()) }
    }

    pub fn to_wire(&self) -> wire::Account {
        let state = wire::AccountState {
            owner: self.owner.to_string(),
            state: self.state.into(),
            transferred: self.transferred.iter().map(Into::into).collect(),
            settled_at: self.settled_at,
            funds: self.funds.iter().map(balance_to_wire).collect(),
            deposits: self.deposits.iter().map(|deposit| deposit_to_wire(deposit, &self.owner)).collect(),
        };
        wire::Account { id: Some(self.id.to_wire()), state: Some(state) }
    }

    /// Reads a record of ours.
    pub fn from_stored(stored: &wire::Account) -> Result<Self, TxError> {
        let broken = || fault::broken("escrow account");
        let id = AccountId::from_wire(stored.id.as_ref().ok_or_else(broken)?).map_err(|_| broken())?;
        let state = stored.state.as_ref().ok_or_else(broken)?;
        let coins = |coins: &[akash_proto::cosmos::base::v1beta1::DecCoin]| {
            coins.iter().map(|coin| DecCoin::try_from(coin).map_err(|_| broken())).collect::<Result<Vec<_>, _>>()
        };
        let owner = Address::parse(&state.owner).map_err(|_| broken())?;
        let deposits = state.deposits.iter().map(|deposit| deposit_from_stored(deposit, &owner));
        Ok(Self {
            id,
            deposits: deposits.collect::<Result<_, _>>()?,
            owner,
            state: wire::State::try_from(state.state).map_err(|_| broken())?,
            transferred: coins(&state.transferred)?,
            settled_at: state.settled_at,
            funds: state.funds.iter().map(balance_from_stored).collect::<Result<_, _>>()?,
        })
    }
}

/// Adds to the entry of the denomination, or appends one.
fn add_to(coins: &mut Vec<DecCoin>, more: &DecCoin) -> Result<(), Overflow> {
    match coins.iter_mut().find(|coin| coin.denom == more.denom) {
        Some(coin) => coin.amount = settlement::add(coin.amount, more.amount)?,
        None => coins.push(more.clone()),
    }
    Ok(())
}

fn balance_to_wire(coin: &DecCoin) -> wire::Balance {
    wire::Balance { denom: coin.denom.clone(), amount: coin.amount.to_wire() }
}

fn balance_from_stored(balance: &wire::Balance) -> Result<DecCoin, TxError> {
    let amount = Dec::from_wire(&balance.amount).map_err(|_| fault::broken("escrow funds"))?;
    Ok(DecCoin { denom: balance.denom.clone(), amount })
}

/// The grantee is written only where it is not the account's owner, whom clients expect.
fn deposit_to_wire(deposit: &Deposit, account_owner: &Address) -> wire::Depositor {
    let grantee = deposit.grantee.as_ref().filter(|grantee| *grantee != account_owner);
    wire::Depositor {
        owner: deposit.owner.to_string(),
        height: deposit.height,
        source: deposit.source.into(),
        balance: Some((&deposit.balance).into()),
        grantee: grantee.map(ToString::to_string),
    }
}

fn deposit_from_stored(stored: &wire::Depositor, account_owner: &Address) -> Result<Deposit, TxError> {
    let broken = || fault::broken("escrow deposit");
    let balance = stored.balance.as_ref().ok_or_else(broken)?;
    let source = Source::try_from(stored.source).map_err(|_| broken())?;
    let grantee = match (&stored.grantee, source) {
        (Some(text), _) => Some(Address::parse(text).map_err(|_| broken())?),
        (None, Source::Grant) => Some(account_owner.clone()),
        (None, _) => None,
    };
    Ok(Deposit {
        owner: Address::parse(&stored.owner).map_err(|_| broken())?,
        height: stored.height,
        source,
        balance: DecCoin::try_from(balance).map_err(|_| broken())?,
        grantee,
    })
}
