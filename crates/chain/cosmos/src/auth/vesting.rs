//! Accounts whose coins become free in time.
//!
//! An account keeps what it was given at first (`original_vesting`) and a schedule; what is not free yet can be neither
//! sent nor paid as a fee. Coins that arrive otherwise are always free. The account stays of its kind when all is free.

use std::sync::LazyLock;

use akash_kernel::{Time, TxError};
use akash_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use akash_proto::cosmos::vesting::v1beta1::{
    BaseVestingAccount, ContinuousVestingAccount, DelayedVestingAccount, PeriodicVestingAccount, PermanentLockedAccount,
};
use akash_types::coin::{Coin, Coins};
use akash_types::num::{Dec, Int};
use prost::{Message, Name};
use prost_types::Any;

use crate::read::plain;

/// A vesting account, by its schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum Vesting {
    /// Evenly from start to end.
    Continuous(ContinuousVestingAccount),
    /// All at the end.
    Delayed(DelayedVestingAccount),
    /// A part at the end of each period.
    Periodic(PeriodicVestingAccount),
    /// Never.
    PermanentLocked(PermanentLockedAccount),
}

static NOTHING: LazyLock<BaseVestingAccount> = LazyLock::new(BaseVestingAccount::default);

impl Vesting {
    /// Whether this is the type URL of a vesting account.
    #[must_use]
    pub fn is_type(type_url: &str) -> bool {
        type_url.starts_with("/cosmos.vesting.")
    }

    /// Nothing when the account is of another kind.
    pub fn from_any(any: &Any) -> Option<Result<Self, prost::DecodeError>> {
        let value = any.value.as_slice();
        let url = &any.type_url;
        if *url == ContinuousVestingAccount::type_url() {
            Some(Message::decode(value).map(Self::Continuous))
        } else if *url == DelayedVestingAccount::type_url() {
            Some(Message::decode(value).map(Self::Delayed))
        } else if *url == PeriodicVestingAccount::type_url() {
            Some(Message::decode(value).map(Self::Periodic))
        } else if *url == PermanentLockedAccount::type_url() {
            Some(Message::decode(value).map(Self::PermanentLocked))
        } else {
            None
        }
    }

    #[must_use]
    pub fn to_any(&self) -> Any {
        fn pack<M: Name>(message: &M) -> Any {
            Any { type_url: M::type_url(), value: message.encode_to_vec() }
        }
        match self {
            Self::Continuous(account) => pack(account),
            Self::Delayed(account) => pack(account),
            Self::Periodic(account) => pack(account),
            Self::PermanentLocked(account) => pack(account),
        }
    }

    /// The part that all of them have.
    #[must_use]
    pub fn base_vesting(&self) -> &BaseVestingAccount {
        let base = match self {
            Self::Continuous(account) => account.base_vesting_account.as_ref(),
            Self::Delayed(account) => account.base_vesting_account.as_ref(),
            Self::Periodic(account) => account.base_vesting_account.as_ref(),
            Self::PermanentLocked(account) => account.base_vesting_account.as_ref(),
        };
        base.unwrap_or(&NOTHING)
    }

    pub fn base_vesting_mut(&mut self) -> &mut BaseVestingAccount {
        match self {
            Self::Continuous(account) => account.base_vesting_account.get_or_insert_default(),
            Self::Delayed(account) => account.base_vesting_account.get_or_insert_default(),
            Self::Periodic(account) => account.base_vesting_account.get_or_insert_default(),
            Self::PermanentLocked(account) => account.base_vesting_account.get_or_insert_default(),
        }
    }

    /// What cannot be spent now: what is not free yet, less what of it is delegated.
    pub fn locked(&self, now: Time) -> Result<Coins, TxError> {
        let base = self.base_vesting();
        let (original, delegated) = (stored(&base.original_vesting)?, stored(&base.delegated_vesting)?);
        let past = self.past_periods(now.seconds)?;
        let mut locked = Vec::new();
        for coin in original.iter() {
            let free = self.free(now.seconds, coin, &past)?;
            let rest = difference(coin.amount, free)?;
            let rest = difference(rest, delegated.amount_of(&coin.denom).min(rest))?;
            locked.push(Coin { denom: coin.denom.clone(), amount: rest });
        }
        Coins::from_vec(locked).map_err(|error| TxError::Fault(format!("locked coins: {error}")))
    }

    /// What all periods give that are over at a time, in seconds.
    fn past_periods(&self, now: i64) -> Result<Coins, TxError> {
        let (mut free, Self::Periodic(account)) = (Coins::new(), self) else { return Ok(Coins::new()) };
        let mut end = account.start_time;
        for period in &account.vesting_periods {
            end = end.saturating_add(period.length);
            if end > now {
                break;
            }
            let sum = free.checked_add(&stored(&period.amount)?);
            free = sum.ok_or_else(|| TxError::Fault("vested coins are out of range".to_owned()))?;
        }
        Ok(free)
    }

    /// How much of one original coin is free at a time, in seconds; `past` is what past periods gave.
    fn free(&self, now: i64, original: &Coin, past: &Coins) -> Result<Int, TxError> {
        let end = self.base_vesting().end_time;
        match self {
            Self::PermanentLocked(_) => Ok(Int::ZERO),
            Self::Delayed(_) => Ok(if now >= end { original.amount } else { Int::ZERO }),
            Self::Continuous(account) if now <= account.start_time => Ok(Int::ZERO),
            Self::Continuous(_) if now >= end => Ok(original.amount),
            Self::Continuous(account) => {
                let share = || {
                    let passed = Dec::from_int(Int::from(now.checked_sub(account.start_time)?))?;
                    let whole = Dec::from_int(Int::from(end.checked_sub(account.start_time)?))?;
                    Dec::from_int(original.amount)?.checked_mul(passed.checked_quo(whole)?)?.round()
                };
                share().ok_or_else(|| TxError::Fault(format!("vested part of {original} is out of range")))
            }
            Self::Periodic(_) => Ok(past.amount_of(&original.denom).min(original.amount)),
        }
    }

    /// What has to hold of an account that a genesis file brings.
    // PARITY(vesting/ended-at-start): a message may name an end that is past, so an account may end before it starts;
    // the reference then refuses its own export. Page: docs/parity/transactions.md. Vector:
    // `account_that_ends_before_it_starts_survives_export_and_import`.
    pub fn validate(&self) -> Result<(), TxError> {
        let base = self.base_vesting();
        let (original, delegated) = (given(&base.original_vesting)?, given(&base.delegated_vesting)?);
        given(&base.delegated_free)?;
        if !original.covers(&delegated) {
            return Err(plain("delegated vesting amount cannot be greater than original vesting amount"));
        }
        if base.end_time < 0 {
            return Err(plain("end time cannot be negative"));
        }
        match self {
            Self::PermanentLocked(_) if base.end_time > 0 => {
                Err(plain("permanently vested accounts cannot have an end-time"))
            }
            Self::Periodic(account) => validate_periods(account, &original),
            _ => Ok(()),
        }
    }
}

fn validate_periods(account: &PeriodicVestingAccount, original: &Coins) -> Result<(), TxError> {
    let mut end = account.start_time;
    let mut sum = Coins::new();
    for period in &account.vesting_periods {
        let amount = given(&period.amount)?;
        if period.length < 0 {
            return Err(plain(format!("period length {} is negative", period.length)));
        }
        end = end.checked_add(period.length).ok_or_else(|| plain("vesting periods end beyond all times"))?;
        sum = sum.checked_add(&amount).ok_or_else(|| plain("vesting periods hold too many coins"))?;
    }
    if end != account.base_vesting_account.as_ref().map_or(0, |base| base.end_time) {
        return Err(plain("vesting end time does not match length of all vesting periods"));
    }
    if sum != *original {
        return Err(plain("original vesting coins does not match the sum of all coins in vesting periods"));
    }
    Ok(())
}

fn stored(coins: &[ProtoCoin]) -> Result<Coins, TxError> {
    Coins::try_from(coins).map_err(|error| TxError::Fault(format!("stored vesting account: {error}")))
}

fn given(coins: &[ProtoCoin]) -> Result<Coins, TxError> {
    Coins::try_from(coins).map_err(|error| plain(format!("vesting account: {error}")))
}

fn difference(whole: Int, part: Int) -> Result<Int, TxError> {
    let rest = whole.checked_sub(part).filter(|rest| !rest.is_negative());
    rest.ok_or_else(|| TxError::Fault("a vesting account has less than nothing locked".to_owned()))
}

#[cfg(test)]
mod tests {
    use akash_proto::cosmos::vesting::v1beta1::Period;

    use super::*;

    fn coins(text: &str) -> Vec<ProtoCoin> {
        crate::read::to_proto(&Coins::parse(text).expect("coins"))
    }

    fn base(original: &str, delegated: &str, end_time: i64) -> Option<BaseVestingAccount> {
        Some(BaseVestingAccount {
            original_vesting: coins(original),
            delegated_vesting: coins(delegated),
            end_time,
            ..BaseVestingAccount::default()
        })
    }

    fn locked(account: &Vesting, times: &[i64]) -> Vec<String> {
        let at = |seconds: &i64| account.locked(Time { seconds: *seconds, nanos: 0 }).expect("sound").to_string();
        times.iter().map(at).collect()
    }

    #[test]
    fn continuous_account_frees_evenly_with_banker_rounding() {
        let account = Vesting::Continuous(ContinuousVestingAccount {
            base_vesting_account: base("10uact,1000uakt", "", 103),
            start_time: 100,
        });
        assert_eq!(account.validate(), Ok(()));
        let expected = ["10uact,1000uakt", "10uact,1000uakt", "7uact,667uakt", "3uact,333uakt", "", ""];
        assert_eq!(locked(&account, &[0, 100, 101, 102, 103, i64::MAX]), expected);
    }

    #[test]
    fn delayed_account_frees_all_at_its_end_and_permanent_one_never() {
        let delayed = Vesting::Delayed(DelayedVestingAccount { base_vesting_account: base("5uakt", "", 100) });
        assert_eq!(locked(&delayed, &[99, 100]), ["5uakt", ""]);
        let permanent = PermanentLockedAccount { base_vesting_account: base("5uakt", "", 0) };
        assert_eq!(locked(&Vesting::PermanentLocked(permanent), &[0, i64::MAX]), ["5uakt", "5uakt"]);
    }

    #[test]
    fn periodic_account_frees_whole_periods() {
        let period = |length, amount: &str| Period { length, amount: coins(amount) };
        let account = Vesting::Periodic(PeriodicVestingAccount {
            base_vesting_account: base("9uakt", "", 130),
            start_time: 100,
            vesting_periods: vec![period(10, "4uakt"), period(20, "5uakt")],
        });
        assert_eq!(account.validate(), Ok(()));
        assert_eq!(locked(&account, &[100, 109, 110, 129, 130]), ["9uakt", "9uakt", "5uakt", "5uakt", ""]);
    }

    #[test]
    fn delegated_coins_are_not_locked_a_second_time() {
        let account = Vesting::Delayed(DelayedVestingAccount { base_vesting_account: base("5uakt", "2uakt", 100) });
        assert_eq!(locked(&account, &[99, 100]), ["3uakt", ""]);
    }

    #[test]
    fn contradictions_are_refused() {
        let refused = |account: &Vesting| account.validate().expect_err("it was taken").to_string();
        let over = DelayedVestingAccount { base_vesting_account: base("5uakt", "6uakt", 100) };
        let text = "delegated vesting amount cannot be greater than original vesting amount";
        assert_eq!(refused(&Vesting::Delayed(over)), text);
        let ending = PermanentLockedAccount { base_vesting_account: base("5uakt", "", 1) };
        let text = "permanently vested accounts cannot have an end-time";
        assert_eq!(refused(&Vesting::PermanentLocked(ending)), text);
        let short = PeriodicVestingAccount { base_vesting_account: base("5uakt", "", 100), ..Default::default() };
        assert!(refused(&Vesting::Periodic(short)).starts_with("vesting end time does not match"));
    }
}
