//! What feegrant stores.

use akash_kernel::{Ctx, Event, TxError, sdk_error};
use akash_proto::cosmos::feegrant::v1beta1::Grant;
use akash_store::{Index, Map, Record};
use akash_types::address::Address;

use super::STORE;
use super::allowance::Allowance;
use crate::rows;

/// Grantee and granter.
pub type Pair = (Address, Address);

/// Allowances by pair. Those that expired stay until they are pruned.
pub const ALLOWANCES: Map<Pair, Grant> = Map::new(STORE, 1);
/// (granter, grantee) of every allowance.
pub const BY_GRANTER: Index<(Address, Address)> = Index::new(STORE, 2);
/// Expiration in seconds and nanoseconds, and pair, of every allowance that has one.
pub const BY_EXPIRATION: Index<((i64, u32), Pair)> = Index::new(STORE, 3);

/// Expired allowances that the end of one block removes.
pub const PRUNED_PER_BLOCK: usize = 200;
/// Expired allowances that one message removes.
pub const PRUNED_PER_MESSAGE: usize = 75;

pub fn find(ctx: &mut Ctx, pair: &Pair) -> Result<Option<Allowance>, TxError> {
    let Some(grant) = ALLOWANCES.get(ctx, pair)? else { return Ok(None) };
    let any = grant.allowance.unwrap_or_default();
    Allowance::from_any(&any).map(Some).map_err(|error| TxError::Fault(format!("stored allowance: {error}")))
}

pub fn not_found() -> TxError {
    sdk_error::not_found("fee-grant not found")
}

/// Writes an allowance in place of the one that is there. Its expiration never changes while it is used.
pub fn put(ctx: &mut Ctx, pair: &Pair, allowance: &Allowance) -> Result<(), TxError> {
    let (grantee, granter) = pair;
    let grant =
        Grant { granter: granter.to_string(), grantee: grantee.to_string(), allowance: Some(allowance.to_any()) };
    ALLOWANCES.put(ctx, pair, &grant)
}

/// Writes a new allowance with its indexes.
pub fn insert(ctx: &mut Ctx, pair: &Pair, allowance: &Allowance) -> Result<(), TxError> {
    put(ctx, pair, allowance)?;
    index_allowance(ctx, pair, allowance)
}

/// Writes the index rows of a record.
pub fn index(ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
    let Some((pair, grant)) = ALLOWANCES.decode(record)? else { return Ok(()) };
    index_allowance(ctx, &pair, &Allowance::from_any(&grant.allowance.unwrap_or_default())?)
}

fn index_allowance(ctx: &mut Ctx, pair: &Pair, allowance: &Allowance) -> Result<(), TxError> {
    let (grantee, granter) = pair.clone();
    BY_GRANTER.insert(ctx, &(granter, grantee))?;
    match allowance.expiration()? {
        Some(time) => BY_EXPIRATION.insert(ctx, &((time.seconds, time.nanos), pair.clone())),
        None => Ok(()),
    }
}

pub fn remove(ctx: &mut Ctx, pair: &Pair) -> Result<(), TxError> {
    let allowance = find(ctx, pair)?.ok_or_else(not_found)?;
    if let Some(time) = allowance.expiration()? {
        BY_EXPIRATION.remove(ctx, &((time.seconds, time.nanos), pair.clone()))?;
    }
    let (grantee, granter) = pair.clone();
    BY_GRANTER.remove(ctx, &(granter, grantee))?;
    ALLOWANCES.remove(ctx, pair)
}

/// Removes allowances whose time is over, the oldest first.
pub fn prune(ctx: &mut Ctx, limit: usize) -> Result<(), TxError> {
    for (_, pair) in BY_EXPIRATION.scan_range(ctx, rows::until(ctx.time()), limit)? {
        remove(ctx, &pair)?;
    }
    Ok(())
}

/// Announces what happened to the allowance of a pair.
pub fn announce(ctx: &mut Ctx, kind: &str, (grantee, granter): &Pair) {
    let (granter, grantee) = (granter.to_string(), grantee.to_string());
    ctx.emit_event(Event::new(kind, &[("granter", &granter), ("grantee", &grantee)]));
}
