//! Leases that ended at the end of a block, where providers do not look: the next withdrawal tells them. Who does not
//! ask within a week or so reads the state of the lease by other means; nothing is kept for ever.

use akash_kernel::{Ctx, TxError};
use akash_store::{Range, key_bytes};
use akash_types::id::LeaseId;

use super::state::{UNANNOUNCED, UNANNOUNCED_BY_HEIGHT};

/// A week of blocks of five seconds.
const KEPT_BLOCKS: u64 = 120_960;
/// Most that one block forgets: more than the gas of a sweep can note.
const MAX_FORGOTTEN: usize = 4_000;

/// Notes a lease that ended, or is about to, at this height.
pub fn note(ctx: &mut Ctx, id: &LeaseId, height: i64) -> Result<(), TxError> {
    let height = height.unsigned_abs();
    UNANNOUNCED.put(ctx, id, &height)?;
    UNANNOUNCED_BY_HEIGHT.insert(ctx, &(height, id.clone()))
}

/// Whether the end of a lease is still to be told; from now on it is not.
pub fn take(ctx: &mut Ctx, id: &LeaseId) -> Result<bool, TxError> {
    if !UNANNOUNCED.has(ctx, id)? {
        return Ok(false); // nearly always
    }
    let height = UNANNOUNCED.get(ctx, id)?.unwrap_or_default();
    UNANNOUNCED.remove(ctx, id)?;
    UNANNOUNCED_BY_HEIGHT.remove(ctx, &(height, id.clone()))?;
    Ok(true)
}

/// Forgets what nobody asked for.
pub fn forget(ctx: &mut Ctx) -> Result<(), TxError> {
    let Some(last) = ctx.height().unsigned_abs().checked_sub(KEPT_BLOCKS) else { return Ok(()) };
    let range = Range { end: Some(key_bytes(&last)), ..Range::default() };
    for (_, id) in UNANNOUNCED_BY_HEIGHT.scan_range(ctx, range, MAX_FORGOTTEN)? {
        take(ctx, &id)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use akash_kernel::testing::Bench;

    use super::*;
    use crate::tests::testnet::{Testnet, bid, lease};

    #[test]
    fn what_nobody_asks_for_is_forgotten() {
        let mut net = Testnet::new();
        net.deploy(7, "500000uact", "500000uact").unwrap();
        net.bid(7, "p1", "500000uact").unwrap();
        net.take(&bid(7, "p1")).unwrap();
        net.end_blocks(3);
        let is_kept = |net: &mut Testnet| UNANNOUNCED.has(&mut net.bench.ctx(), &lease(7, "p1")).unwrap();
        assert!(is_kept(&mut net));
        net.bench.block.height += i64::try_from(KEPT_BLOCKS).unwrap() - 2;
        forget(&mut net.bench.ctx()).unwrap();
        assert!(is_kept(&mut net), "it ended in the second block of the lease");
        net.bench.block.height += 2;
        forget(&mut net.bench.ctx()).unwrap();
        assert!(!is_kept(&mut net));
        assert_eq!(net.violations(), Vec::<&str>::new());
    }

    #[test]
    fn what_is_still_to_be_told_is_kept_by_the_chain_that_follows() {
        let mut net = Testnet::new();
        net.bench.block.height = i64::try_from(2 * KEPT_BLOCKS).unwrap();
        net.deploy(7, "500000uact", "500000uact").unwrap();
        net.bid(7, "p1", "500000uact").unwrap();
        net.take(&bid(7, "p1")).unwrap();
        net.end_blocks(3);
        let noted = UNANNOUNCED.get(&mut net.bench.ctx(), &lease(7, "p1")).unwrap();
        let (exported, height) = (net.modules.export_genesis(&mut net.bench.ctx()).unwrap(), net.bench.block.height);

        let mut bench = Bench::new(&net.modules.stores());
        bench.block.height = 0;
        net.modules.init_genesis(&mut bench.ctx(), &exported).unwrap();
        bench.block.height = height;
        forget(&mut bench.ctx()).unwrap();
        assert!(noted.is_some());
        assert_eq!(UNANNOUNCED.get(&mut bench.ctx(), &lease(7, "p1")).unwrap(), noted);
    }
}
