//! How long the money lasts: reads accounts now and then, and measures how fast blocks come.

use std::collections::BTreeMap;
use std::sync::Arc;

use akash_types::id::LeaseId;
use tokio::time::Instant;

use super::money;
use crate::chain::view::LeaseView;
use crate::chain::{Answer, ChainError, Head};
use crate::core::Core;

pub struct Funds {
    core: Arc<Core>,
    projections: BTreeMap<LeaseId, Projection>,
    pace: Pace,
}

/// When a lease's money was projected to end, as of when.
#[derive(Clone, Copy)]
struct Projection {
    made: Instant,
    left_s: Option<u64>,
}

/// How fast blocks come: the mean over everything seen by this process.
#[derive(Default)]
struct Pace {
    first: Option<(u64, Instant)>,
    block_ms: Option<u64>,
}

impl Funds {
    pub fn new(core: Arc<Core>) -> Self {
        Self { core, projections: BTreeMap::new(), pace: Pace::default() }
    }

    pub fn measure(&mut self, height: u64) {
        let now = Instant::now();
        match self.pace.first {
            None => self.pace.first = Some((height, now)),
            Some((first, at)) if height > first => {
                let elapsed = u64::try_from(now.duration_since(at).as_millis()).unwrap_or(u64::MAX);
                self.pace.block_ms = Some(elapsed / (height - first));
            }
            Some(_) => {}
        }
    }

    /// Seconds until the money ends, if that is known; asked for again when the time for the check has come.
    pub async fn left_s(&mut self, view: &LeaseView, head: &Head) -> Option<u64> {
        let check = self.core.config.settings.funds_check;
        if let Some(projection) = self.projections.get(&view.id) {
            let age = projection.made.elapsed();
            let left = projection.left_s.map(|left| left.saturating_sub(age.as_secs()));
            if age < check && left.is_none_or(|left| left > 0) {
                return left;
            }
        }
        match self.project(view, head).await {
            Ok(left_s) => {
                if self.pace.block_ms.is_some() {
                    self.projections.insert(view.id.clone(), Projection { made: Instant::now(), left_s });
                } // otherwise it is made anew at the next pass, when there is something to measure by
                left_s
            }
            Err(error) => {
                tracing::warn!(%error, lease = %view.id, "the funds of a lease are unknown");
                None
            }
        }
    }

    pub fn forget(&mut self, lease: &LeaseId) {
        self.projections.remove(lease);
    }

    async fn project(&self, view: &LeaseView, head: &Head) -> Answer<Option<u64>> {
        let id = view.id.deployment_id();
        let deployment = self.core.chain.deployment(id).await?;
        let deployment = deployment.ok_or_else(|| ChainError(format!("no deployment {id}")))?;
        let leases = self.core.chain.leases_of(id).await?;
        let blocks = money::blocks_left(&deployment.escrow, &leases, &view.price.denom, head.height);
        Ok(match (blocks, self.pace.block_ms) {
            (Some(0), _) => Some(0),
            (Some(blocks), Some(block_ms)) => Some(blocks.saturating_mul(block_ms) / 1000),
            _ => None,
        })
    }
}
