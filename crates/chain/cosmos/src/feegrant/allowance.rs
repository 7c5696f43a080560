//! The kinds of allowance and what each lets a fee take.

use std::collections::BTreeSet;

use akash_kernel::{Ctx, Time, TxError, sdk_error};
use akash_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use akash_proto::cosmos::feegrant::v1beta1::{AllowedMsgAllowance, BasicAllowance, PeriodicAllowance};
use akash_types::coin::Coins;
use prost::{Message, Name};
use prost_types::{Any, Duration, Timestamp};

use super::errors::FeegrantError;
use crate::read;

/// What comparing one message type costs.
const LISTED_MESSAGE_GAS: u64 = 10;
/// Entries of one list, several times the messages that there are. Every fee paid from the allowance reads them all.
const MAX_MESSAGES: usize = 1000;
/// Allowances within allowances deeper than this are refused.
const MAX_DEPTH: u8 = 4;

/// An allowance, decoded.
#[derive(Clone, Debug, PartialEq)]
pub enum Allowance {
    Basic(BasicAllowance),
    Periodic(PeriodicAllowance),
    /// The inner one, for the listed messages only.
    AllowedMessages(Box<Allowance>, Vec<String>),
}

/// Whether something is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    Some,
    Nothing,
}

impl Allowance {
    /// Reads an allowance; one of an unknown kind is refused.
    pub fn from_any(any: &Any) -> Result<Self, TxError> {
        Self::from_any_at(any, MAX_DEPTH)
    }

    fn from_any_at(any: &Any, depth: u8) -> Result<Self, TxError> {
        let depth = depth.checked_sub(1).ok_or_else(|| sdk_error::invalid_request("allowances are nested too deep"))?;
        let wrong = |error: prost::DecodeError| sdk_error::unpack_any(error.to_string());
        let value = any.value.as_slice();
        if any.type_url == BasicAllowance::type_url() {
            Ok(Self::Basic(BasicAllowance::decode(value).map_err(wrong)?))
        } else if any.type_url == PeriodicAllowance::type_url() {
            Ok(Self::Periodic(PeriodicAllowance::decode(value).map_err(wrong)?))
        } else if any.type_url == AllowedMsgAllowance::type_url() {
            let allowed = AllowedMsgAllowance::decode(value).map_err(wrong)?;
            let empty = || FeegrantError::NoAllowance.with("allowance should not be empty");
            let inner = Self::from_any_at(&allowed.allowance.ok_or_else(empty)?, depth)?;
            Ok(Self::AllowedMessages(Box::new(inner), allowed.allowed_messages))
        } else {
            Err(sdk_error::invalid_type(format!("expected feegrant.FeeAllowanceI, got {}", any.type_url)))
        }
    }

    pub fn to_any(&self) -> Any {
        match self {
            Self::Basic(basic) => pack(basic),
            Self::Periodic(periodic) => pack(periodic),
            Self::AllowedMessages(inner, messages) => {
                pack(&AllowedMsgAllowance { allowance: Some(inner.to_any()), allowed_messages: messages.clone() })
            }
        }
    }

    /// What can be said without state.
    pub fn validate(&self) -> Result<(), TxError> {
        match self {
            Self::Basic(basic) => validate_basic(basic),
            Self::Periodic(periodic) => validate_periodic(periodic),
            Self::AllowedMessages(_, messages) if messages.is_empty() => {
                Err(FeegrantError::NoMessages.with("allowed messages shouldn't be empty"))
            }
            Self::AllowedMessages(_, messages) if messages.len() > MAX_MESSAGES => {
                Err(sdk_error::invalid_request(format!("more than {MAX_MESSAGES} allowed messages")))
            }
            Self::AllowedMessages(inner, _) => inner.validate(),
        }
    }

    /// When it ends, if ever.
    pub fn expiration(&self) -> Result<Option<Time>, TxError> {
        match self {
            Self::Basic(basic) => expiration(basic),
            Self::Periodic(periodic) => periodic.basic.as_ref().map_or(Ok(None), expiration),
            Self::AllowedMessages(inner, _) => inner.expiration(),
        }
    }

    /// Takes a fee from it, for a transaction with these messages.
    pub fn take(&mut self, ctx: &mut Ctx, fee: &Coins, messages: &[String]) -> Result<Rest, TxError> {
        match self {
            Self::Basic(basic) => take_basic(ctx, basic, fee),
            Self::Periodic(periodic) => take_periodic(ctx, periodic, fee),
            Self::AllowedMessages(inner, allowed) => {
                check_messages(ctx, allowed, messages)?;
                inner.take(ctx, fee, messages)
            }
        }
    }
}

/// Pays for each entry of either list before it is looked at.
fn check_messages(ctx: &mut Ctx, allowed: &[String], messages: &[String]) -> Result<(), TxError> {
    for _ in allowed {
        ctx.consume_gas(LISTED_MESSAGE_GAS, "check msg")?;
    }
    let allowed: BTreeSet<&String> = allowed.iter().collect();
    for message in messages {
        ctx.consume_gas(LISTED_MESSAGE_GAS, "check msg")?;
        if !allowed.contains(message) {
            return Err(FeegrantError::MessageNotAllowed.with("message does not exist in allowed messages"));
        }
    }
    Ok(())
}

fn validate_basic(basic: &BasicAllowance) -> Result<(), TxError> {
    if !basic.spend_limit.is_empty() && Coins::try_from(basic.spend_limit.as_slice()).is_err() {
        let text = format!("send amount is invalid: {}", read::print(&basic.spend_limit));
        return Err(sdk_error::invalid_coins(text));
    }
    if basic.expiration.is_some_and(|expiration| expiration.seconds < 0) {
        return Err(FeegrantError::InvalidDuration.with("expiration time cannot be negative"));
    }
    expiration(basic).map(|_| ())
}

fn validate_periodic(periodic: &PeriodicAllowance) -> Result<(), TxError> {
    let basic = periodic.basic.clone().unwrap_or_default();
    validate_basic(&basic)?;
    let limit = Coins::try_from(periodic.period_spend_limit.as_slice()).map_err(|_| {
        let text = format!("spend amount is invalid: {}", read::print(&periodic.period_spend_limit));
        sdk_error::invalid_coins(text)
    })?;
    if limit.is_empty() {
        return Err(sdk_error::invalid_coins("spend limit must be positive"));
    }
    if Coins::try_from(periodic.period_can_spend.as_slice()).is_err() {
        let text = format!("can spend amount is invalid: {}", read::print(&periodic.period_can_spend));
        return Err(sdk_error::invalid_coins(text));
    }
    let known = |denom: &str| basic.spend_limit.iter().any(|coin| coin.denom == denom);
    if !basic.spend_limit.is_empty() && limit.iter().any(|coin| !known(&coin.denom)) {
        let text = "period spend limit has different currency than basic spend limit";
        return Err(sdk_error::invalid_coins(text));
    }
    let period = periodic.period.unwrap_or_default();
    if period.seconds < 0 || period.nanos < 0 || period.nanos >= 1_000_000_000 {
        return Err(FeegrantError::InvalidDuration.with("negative clock step"));
    }
    read::time(&periodic.period_reset.unwrap_or_default()).map(|_| ())
}

fn expiration(basic: &BasicAllowance) -> Result<Option<Time>, TxError> {
    basic.expiration.as_ref().map(read::time).transpose()
}

fn take_basic(ctx: &Ctx, basic: &mut BasicAllowance, fee: &Coins) -> Result<Rest, TxError> {
    if expiration(basic)?.is_some_and(|expiration| expiration < ctx.time()) {
        return Err(FeegrantError::LimitExpired.with("basic allowance"));
    }
    take_limit(&mut basic.spend_limit, fee, "basic allowance")
}

fn take_periodic(ctx: &Ctx, periodic: &mut PeriodicAllowance, fee: &Coins) -> Result<Rest, TxError> {
    let basic = periodic.basic.get_or_insert_default();
    if expiration(basic)?.is_some_and(|expiration| expiration < ctx.time()) {
        return Err(FeegrantError::LimitExpired.with("absolute limit"));
    }
    let reset = read::time(&periodic.period_reset.unwrap_or_default())?;
    if ctx.time() >= reset {
        periodic.period_can_spend = smaller(&basic.spend_limit, &periodic.period_spend_limit)?;
        let next = plus(reset, periodic.period.unwrap_or_default())?;
        let next = if ctx.time() > next { plus(ctx.time(), periodic.period.unwrap_or_default())? } else { next };
        periodic.period_reset = Some(timestamp(next));
    }
    let left = stored(&periodic.period_can_spend)?
        .checked_sub(fee)
        .ok_or_else(|| FeegrantError::LimitExceeded.with("period limit"))?;
    periodic.period_can_spend = read::to_proto(&left);
    take_limit(&mut basic.spend_limit, fee, "absolute limit")
}

/// Takes the fee from a limit; an empty one is none.
fn take_limit(limit: &mut Vec<ProtoCoin>, fee: &Coins, name: &str) -> Result<Rest, TxError> {
    if limit.is_empty() {
        return Ok(Rest::Some);
    }
    let left = stored(limit)?.checked_sub(fee).ok_or_else(|| FeegrantError::LimitExceeded.with(name))?;
    *limit = read::to_proto(&left);
    Ok(if left.is_empty() { Rest::Nothing } else { Rest::Some })
}

/// What one period may spend: its limit, or what is left of the whole when that is less.
fn smaller(whole: &[ProtoCoin], period: &[ProtoCoin]) -> Result<Vec<ProtoCoin>, TxError> {
    let covers = stored(whole)?.covers(&stored(period)?);
    Ok(if covers || whole.is_empty() { period.to_vec() } else { whole.to_vec() })
}

fn stored(coins: &[ProtoCoin]) -> Result<Coins, TxError> {
    Coins::try_from(coins).map_err(|error| TxError::Fault(format!("stored allowance: {error}")))
}

fn plus(time: Time, period: Duration) -> Result<Time, TxError> {
    let nanos = i64::from(time.nanos) + i64::from(period.nanos);
    let seconds = time.seconds.checked_add(period.seconds).and_then(|sum| sum.checked_add(nanos / 1_000_000_000));
    let too_late = || FeegrantError::InvalidDuration.with("the period leads beyond all times");
    let nanos = u32::try_from(nanos % 1_000_000_000).map_err(|_| too_late())?;
    Ok(Time { seconds: seconds.ok_or_else(too_late)?, nanos })
}

fn timestamp(time: Time) -> Timestamp {
    Timestamp { seconds: time.seconds, nanos: i32::try_from(time.nanos).unwrap_or(0) }
}

fn pack<M: Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coins(text: &str) -> Vec<ProtoCoin> {
        read::to_proto(&Coins::parse(text).expect("coins"))
    }

    #[test]
    fn period_gives_the_smaller_of_its_limit_and_the_rest() {
        let chosen = |whole: &str, period: &str| smaller(&coins(whole), &coins(period)).expect("sound");
        assert_eq!(chosen("", "5uakt"), coins("5uakt"));
        assert_eq!(chosen("9uakt", "5uakt"), coins("5uakt"));
        assert_eq!(chosen("3uakt", "5uakt"), coins("3uakt"));
    }

    #[test]
    fn sum_of_times_carries_and_does_not_wrap() {
        let half = Time { seconds: 1, nanos: 600_000_000 };
        let sum = plus(half, Duration { seconds: 1, nanos: 600_000_000 }).expect("in range");
        assert_eq!(sum, Time { seconds: 3, nanos: 200_000_000 });
        assert!(plus(half, Duration { seconds: i64::MAX, nanos: 0 }).is_err());
    }

    #[test]
    fn allowances_nest_within_a_bound() {
        let mut any = Allowance::Basic(BasicAllowance::default()).to_any();
        for _ in 0..3 {
            any = pack(&AllowedMsgAllowance { allowance: Some(any), allowed_messages: vec!["/a".to_owned()] });
        }
        assert_eq!(Allowance::from_any(&any).expect("three levels around it").to_any(), any);
        let deeper = pack(&AllowedMsgAllowance { allowance: Some(any), allowed_messages: vec!["/a".to_owned()] });
        assert!(Allowance::from_any(&deeper).is_err());
    }
}
