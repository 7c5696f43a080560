//! The three messages, one for each way in which coins become free; the first has two.

use akash_kernel::{Ctx, Registry, TxError, sdk_error};
use akash_proto::cosmos::vesting::v1beta1::{
    BaseVestingAccount, ContinuousVestingAccount, DelayedVestingAccount, MsgCreatePeriodicVestingAccount,
    MsgCreatePeriodicVestingAccountResponse, MsgCreatePermanentLockedAccount, MsgCreatePermanentLockedAccountResponse,
    MsgCreateVestingAccount, MsgCreateVestingAccountResponse, PeriodicVestingAccount, PermanentLockedAccount,
};
use akash_types::address::Address;
use akash_types::coin::Coins;

use crate::auth::{self, VestingAccount};
use crate::{bank, read};

/// Periods of one account: more than ten years of days. Whatever spends from it reads them all.
const MAX_PERIODS: usize = 4096;

pub fn register(registry: &mut Registry) {
    registry.message(|msg: &MsgCreateVestingAccount| read::signer(&msg.from_address), |_| Ok(()), create);
    registry.message(
        |msg: &MsgCreatePermanentLockedAccount| read::signer(&msg.from_address),
        |_| Ok(()),
        create_permanent_locked,
    );
    registry.message(
        |msg: &MsgCreatePeriodicVestingAccount| read::signer(&msg.from_address),
        |_| Ok(()),
        create_periodic,
    );
}

fn create(ctx: &mut Ctx, msg: MsgCreateVestingAccount) -> Result<MsgCreateVestingAccountResponse, TxError> {
    let gift = Gift::read(&msg.from_address, &msg.to_address, read::positive_coins(&msg.amount)?)?;
    if msg.end_time <= 0 {
        return Err(sdk_error::invalid_request("invalid end time"));
    }
    let base_vesting_account = Some(gift.base(msg.end_time));
    let account = if msg.delayed {
        VestingAccount::Delayed(DelayedVestingAccount { base_vesting_account })
    } else {
        let start_time = ctx.time().seconds;
        VestingAccount::Continuous(ContinuousVestingAccount { base_vesting_account, start_time })
    };
    gift.give(ctx, account)?;
    Ok(MsgCreateVestingAccountResponse {})
}

fn create_permanent_locked(
    ctx: &mut Ctx,
    msg: MsgCreatePermanentLockedAccount,
) -> Result<MsgCreatePermanentLockedAccountResponse, TxError> {
    let gift = Gift::read(&msg.from_address, &msg.to_address, read::positive_coins(&msg.amount)?)?;
    let base_vesting_account = Some(gift.base(0));
    gift.give(ctx, VestingAccount::PermanentLocked(PermanentLockedAccount { base_vesting_account }))?;
    Ok(MsgCreatePermanentLockedAccountResponse {})
}

fn create_periodic(
    ctx: &mut Ctx,
    msg: MsgCreatePeriodicVestingAccount,
) -> Result<MsgCreatePeriodicVestingAccountResponse, TxError> {
    let start_time = msg.start_time;
    if start_time < 1 {
        return Err(sdk_error::invalid_request(format!(
            "invalid start time of {start_time}, length must be greater than 0"
        )));
    }
    if msg.vesting_periods.is_empty() {
        read::positive_coins(&[])?; // refused like any message without coins
    }
    if msg.vesting_periods.len() > MAX_PERIODS {
        return Err(sdk_error::invalid_request(format!("more than {MAX_PERIODS} vesting periods")));
    }
    let too_much = || sdk_error::invalid_request("vesting periods are too long or too large");
    let (mut total, mut end) = (Coins::new(), start_time);
    for (index, period) in msg.vesting_periods.iter().enumerate() {
        if period.length < 1 {
            return Err(sdk_error::invalid_request(format!(
                "invalid period length of {} in period {index}, length must be greater than 0",
                period.length
            )));
        }
        total = total.checked_add(&read::positive_coins(&period.amount)?).ok_or_else(too_much)?;
        end = end.checked_add(period.length).ok_or_else(too_much)?;
    }
    let gift = Gift::read(&msg.from_address, &msg.to_address, total)?;
    let base_vesting_account = Some(gift.base(end));
    let vesting_periods = msg.vesting_periods;
    gift.give(
        ctx,
        VestingAccount::Periodic(PeriodicVestingAccount { base_vesting_account, start_time, vesting_periods }),
    )?;
    Ok(MsgCreatePeriodicVestingAccountResponse {})
}

/// Coins for somebody who has no account yet.
struct Gift {
    from: Address,
    to: Address,
    amount: Coins,
}

impl Gift {
    fn read(from: &str, to: &str, amount: Coins) -> Result<Self, TxError> {
        Ok(Self { from: read::address("'from'", from)?, to: read::address("'to'", to)?, amount })
    }

    fn base(&self, end_time: i64) -> BaseVestingAccount {
        BaseVestingAccount { original_vesting: read::to_proto(&self.amount), end_time, ..BaseVestingAccount::default() }
    }

    fn give(self, ctx: &mut Ctx, account: VestingAccount) -> Result<(), TxError> {
        bank::api::check_send_enabled(ctx, &self.amount)?;
        bank::api::check_receiver(&self.to)?;
        if auth::api::has_account(ctx, &self.to)? {
            return Err(sdk_error::invalid_request(format!("account {} already exists", self.to)));
        }

        auth::api::create_vesting(ctx, &self.to, account)?;
        bank::api::send(ctx, &self.from, &self.to, &self.amount)
    }
}
