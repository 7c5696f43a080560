//! The end of each block: accounts whose money and grace period end at this height are settled, paid out and closed,
//! and their deployments with them; orders that expire are closed. Nobody has to touch them.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::ext::escrow::v1::EventGracePeriodStarted;

use super::api;
use crate::escrow::api::{self as escrow, AccountId, Standing};
use crate::market::api as market;

/// The work after which one block does no more here, in gas: reading and writing what hangs on a deployment, whether
/// that is one lease or a hundred bids. What does not fit waits for the next block, its debt growing.
pub const MAX_GAS: u64 = 200_000_000;
/// Accounts looked up at a time.
const STEP_ACCOUNTS: usize = 16;
/// Most grace periods announced in one block. Everything about them is decided by heights; the event is a courtesy.
const MAX_ANNOUNCED: usize = 1000;

pub fn sweep(ctx: &mut Ctx) -> Result<(), TxError> {
    sweep_within(ctx, MAX_GAS)
}

fn sweep_within(ctx: &mut Ctx, gas: u64) -> Result<(), TxError> {
    let end = ctx.gas_used().saturating_add(gas);
    announce_grace(ctx)?;
    close_dry(ctx, end)?;
    expire_orders(ctx, end)
}

fn close_dry(ctx: &mut Ctx, end: u64) -> Result<(), TxError> {
    loop {
        let accounts = escrow::due(ctx, STEP_ACCOUNTS)?;
        if accounts.is_empty() {
            return Ok(());
        }
        for account in accounts {
            let id = deployment_of(account)?;
            if escrow::settle(ctx, &AccountId::Deployment(id.clone()))? == Standing::RanDry {
                market::announce_later(ctx, &id)?;
                api::ran_dry(ctx, &id)?;
            }
            if ctx.gas_used() >= end {
                return Ok(());
            }
        }
    }
}

fn expire_orders(ctx: &mut Ctx, end: u64) -> Result<(), TxError> {
    while let Some(order) = market::next_expired(ctx)? {
        market::expire(ctx, &order)?;
        if ctx.gas_used() >= end {
            break;
        }
    }
    Ok(())
}

fn announce_grace(ctx: &mut Ctx) -> Result<(), TxError> {
    let (accounts, ends_at) = escrow::entering_grace(ctx, MAX_ANNOUNCED)?;
    for account in accounts {
        let id = deployment_of(account)?;
        ctx.emit(&EventGracePeriodStarted { id: Some((&id).into()), ends_at });
    }
    Ok(())
}

fn deployment_of(account: AccountId) -> Result<akash_types::id::DeploymentId, TxError> {
    match account {
        AccountId::Deployment(id) => Ok(id),
        AccountId::Bid(id) => Err(TxError::Fault(format!("the account of bid {id} has no payments and is due"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::testnet::{Testnet, bid, lease};

    /// What one block has no room for, the next ones do; the debt is counted all the same.
    #[test]
    fn sweep_does_a_bounded_amount_of_work() {
        let mut net = Testnet::new();
        for dseq in 1..=4 {
            net.deploy(dseq, "500000uact", "500000uact").unwrap();
            net.bid(dseq, "p1", "500000uact").unwrap();
            net.take(&bid(dseq, "p1")).unwrap();
        }
        net.end_block();
        net.bench.block.height += 1; // two blocks are owed, one is covered
        let due = |net: &mut Testnet| escrow::due(&mut net.bench.ctx(), 10).unwrap().len();
        let mut left = vec![due(&mut net)];
        for _ in 0..4 {
            sweep_within(&mut net.bench.ctx(), 1).unwrap();
            left.push(due(&mut net));
        }
        assert_eq!(left, [4, 3, 2, 1, 0]);
        assert_eq!(net.payment(&lease(4, "p1")).state(), akash_proto::akash::escrow::types::v1::State::Overdrawn);
    }
}
