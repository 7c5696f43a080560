//! The messages of the module.

mod close_bid;
mod close_lease;
mod create_bid;
mod create_lease;
mod ext_params;
mod params;
mod set_order_expiry;
mod start_reclaim;
mod withdraw_lease;

use std::ops::RangeInclusive;

use akash_kernel::{Registry, TxError};
use akash_types::id::LeaseId;

use super::errors::MarketError;
use crate::escrow::api::AccountId;

pub use ext_params::check as check_ext_params;
pub use params::check as check_params;

/// Reasons that a provider may give for ending a lease.
const PROVIDER_REASONS: RangeInclusive<i32> = 10_000..=19_999;

pub fn register(registry: &mut Registry) {
    create_bid::register(registry);
    close_bid::register(registry);
    create_lease::register(registry);
    close_lease::register(registry);
    withdraw_lease::register(registry);
    start_reclaim::register(registry);
    set_order_expiry::register(registry);
    params::register(registry);
    ext_params::register(registry);
}

fn check_provider_reason(reason: i32) -> Result<(), TxError> {
    if PROVIDER_REASONS.contains(&reason) {
        return Ok(());
    }
    Err(MarketError::InvalidLeaseClosedReason.because(format!("{reason} is no reason of a provider")))
}

/// The account out of which a lease is paid.
fn account_of(lease: &LeaseId) -> AccountId {
    AccountId::Deployment(lease.deployment_id().clone())
}
