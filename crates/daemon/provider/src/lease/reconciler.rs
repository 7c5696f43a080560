//! The shell of the plan: reads facts, performs actions, remembers failures.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use akash_cluster::{ClusterError, Workload};
use akash_types::id::LeaseId;
use futures::future::join_all;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::funds::Funds;
use super::money::{self, Payments, Rhythm};
use super::plan::{Action, Live, Picture, plan};
use super::records::Records;
use crate::bid::demand::Demand;
use crate::chain::follow::Heard;
use crate::chain::hint::Hint;
use crate::chain::view::LeaseView;
use crate::chain::{Answer, Head};
use crate::core::Core;
use crate::disk::DiskError;
use crate::fact::Fact;
use crate::journal::Phase;
use crate::manifest::workload;
use crate::tx::Intent;

/// Passes in a row while each one changes something; the next trigger does the rest.
const MAX_PASSES: usize = 4;
/// Between two comparisons, whatever the settings say.
const SHORTEST: Duration = Duration::from_millis(10);
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_MOST: Duration = Duration::from_secs(60);

pub struct Reconciler {
    core: Arc<Core>,
    records: Records,
    /// Time granted to every tenant after we start, because we could not be reached before.
    started: u64,
    /// Since when a lease has been seen not to run as it should.
    failing_since: BTreeMap<LeaseId, Instant>,
    retries: BTreeMap<LeaseId, Retry>,
    funds: Funds,
}

struct Retry {
    wait: Duration,
    not_before: Instant,
}

impl Reconciler {
    pub fn open(core: Arc<Core>) -> Result<Self, DiskError> {
        let records = Records::open(&core.config.home)?;
        let funds = Funds::new(Arc::clone(&core));
        Ok(Self {
            core,
            records,
            started: Core::now(),
            failing_since: BTreeMap::new(),
            retries: BTreeMap::new(),
            funds,
        })
    }

    /// Reconciles until dropped; leases are left running.
    pub async fn run(mut self) {
        let mut hints = self.core.heard.hints();
        let mut sent = self.core.queue.changed();
        let mut compare = interval(self.core.config.settings.compare_every.max(SHORTEST));
        compare.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut known: BTreeSet<LeaseId> = BTreeSet::new();
        loop {
            let retry = self.next_retry();
            tokio::select! {
                _ = compare.tick() => {}
                () = self.core.poke.notified() => {}
                Ok(()) = sent.changed() => {}
                () = sleep_until(retry) => {}
                hint = Heard::next(&mut hints) => {
                    if !concerns(hint.as_ref(), &known) {
                        continue;
                    }
                }
            }
            for _ in 0..MAX_PASSES {
                match self.pass().await {
                    Ok((leases, acted)) => {
                        known = leases;
                        if !acted {
                            break;
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "leases are unknown; everything stays as it is");
                        break;
                    }
                }
            }
        }
    }

    /// One complete comparison. Gives the leases it knows of, and whether anything was changed.
    async fn pass(&mut self) -> Answer<(BTreeSet<LeaseId>, bool)> {
        let head = self.core.trust.head(self.core.chain.as_ref()).await?;
        self.funds.measure(head.height);
        let running = self.running().await;
        let (kept, wanted) = self.kept();
        let leases = self.leases(&head, &kept, &running).await?;
        let picture = Picture { leases, kept, wanted, running };
        let (ends, others): (Vec<_>, Vec<_>) =
            plan(&picture).into_iter().partition(|action| matches!(action, Action::Teardown(_)));
        let mut acted = self.tear_down(ends).await;
        for action in others {
            acted |= self.perform(action).await;
        }
        self.forget_ended(&picture);
        if acted {
            self.core.refresh_inventory().await;
        }
        Ok((picture.leases.into_keys().collect(), acted))
    }

    /// Our own workloads: a backend may be shared, and what others deployed there is not ours to judge.
    async fn running(&self) -> Fact<BTreeMap<LeaseId, Workload>> {
        match self.core.cluster.deployments().await {
            Ok(workloads) => {
                let ours = workloads.into_iter().filter(|workload| workload.lease.provider == self.core.address);
                Fact::Yes(ours.map(|workload| (workload.lease.clone(), workload)).collect())
            }
            Err(error) => {
                tracing::warn!(%error, "the cluster does not say what runs");
                Fact::Unknown(error.to_string())
            }
        }
    }

    /// The leases with a manifest, and what these ask for.
    fn kept(&self) -> (BTreeSet<LeaseId>, BTreeMap<LeaseId, Workload>) {
        let (mut kept, mut wanted) = (BTreeSet::new(), BTreeMap::new());
        for manifest in self.core.manifests.all() {
            kept.insert(manifest.lease.clone());
            match workload::build(&manifest, &self.core.config) {
                Ok(workload) => {
                    wanted.insert(manifest.lease.clone(), workload);
                }
                Err(error) => self.core.set_trouble(&manifest.lease, Some(error.to_string())),
            }
        }
        (kept, wanted)
    }

    /// Where each lease stands that appears anywhere.
    async fn leases(
        &mut self,
        head: &Head,
        kept: &BTreeSet<LeaseId>,
        running: &Fact<BTreeMap<LeaseId, Workload>>,
    ) -> Answer<BTreeMap<LeaseId, Fact<Live>>> {
        let live = self.core.chain.live_leases(&self.core.address).await?;
        let mut ids: BTreeSet<LeaseId> = kept.clone();
        ids.extend(running.yes().into_iter().flat_map(|running| running.keys().cloned()));
        ids.extend(self.records.leases().cloned());
        let mut leases = BTreeMap::new();
        for view in live {
            ids.remove(&view.id);
            leases.insert(view.id.clone(), self.live(&view, head, kept, running).await);
        }
        for id in ids {
            // It is not in the list of live leases: ask for it by name, because only its own record is a confirmed no.
            let fact = match self.core.chain.lease(&id).await {
                Ok(Some(view)) if view.live => self.live(&view, head, kept, running).await,
                Ok(Some(_) | None) => Fact::No,
                Err(error) => Fact::Unknown(error.to_string()),
            };
            leases.insert(id, fact);
        }
        Ok(leases)
    }

    async fn live(
        &mut self,
        view: &LeaseView,
        head: &Head,
        kept: &BTreeSet<LeaseId>,
        running: &Fact<BTreeMap<LeaseId, Workload>>,
    ) -> Fact<Live> {
        let now = Core::now();
        let record = match self.records.of(&view.id, now) {
            Ok(record) => record,
            Err(error) => return Fact::Unknown(error.to_string()),
        };
        let deployed = running.yes().is_some_and(|running| running.contains_key(&view.id));
        if !deployed && !self.core.is_held(&view.id.order) {
            self.hold(view).await;
        }
        let settings = &self.core.config.settings;
        let patience = settings.manifest_timeout.as_secs();
        let overdue_at = record.first_seen.max(self.started).saturating_add(patience);
        let rhythm = Rhythm {
            period_s: settings.withdrawal_period.as_secs(),
            check_s: settings.funds_check.as_secs(),
            pause_s: settings.shortest_withdrawal_pause.as_secs(),
        };
        let since_withdrawal_s = now.saturating_sub(record.withdrawn_at);
        let left_s = self.funds.left_s(view, head).await;
        Fact::Yes(Live {
            manifest_overdue: !kept.contains(&view.id) && now >= overdue_at,
            unstable: deployed && self.is_unstable(&view.id).await,
            withdraw: money::is_due(Payments { since_withdrawal_s, left_s }, rhythm),
            reclaimable: view.reclaimable,
        })
    }

    /// Room for a lease that nothing runs for yet, after a restart.
    async fn hold(&self, view: &LeaseView) {
        let deployment = self.core.chain.deployment(view.id.deployment_id()).await;
        let Ok(Some(deployment)) = deployment else { return };
        let spec = deployment.groups.iter().find(|(gseq, _)| *gseq == view.id.gseq()).map(|(_, spec)| spec);
        if let Some(demand) = spec.and_then(|spec| Demand::read(spec).ok()) {
            let reservation = self.core.inventory.reserve_anyway(&view.id.order, &demand);
            self.core.hold(view.id.order.clone(), reservation);
        }
    }

    /// Seen not to run for longer than we put up with. Not seeing is not the same as seeing that it does not.
    async fn is_unstable(&mut self, lease: &LeaseId) -> bool {
        match self.core.cluster.lease_status(lease).await {
            Ok(Some(status)) if !status.is_ready() => {
                let since = *self.failing_since.entry(lease.clone()).or_insert_with(Instant::now);
                since.elapsed() >= self.core.config.settings.unstable_after
            }
            Ok(_) => {
                self.failing_since.remove(lease);
                false
            }
            Err(_) => {
                self.failing_since.remove(lease);
                false
            }
        }
    }

    /// All at once: each waits for its containers to end in their own time, and others wait for the room.
    async fn tear_down(&mut self, mut ends: Vec<Action>) -> bool {
        ends.retain(|action| self.begin(action));
        let cluster = &self.core.cluster;
        let results = join_all(ends.iter().map(|action| cluster.teardown(action.lease()))).await;
        let mut acted = false;
        for (action, result) in ends.iter().zip(results) {
            acted |= self.settle(action, result.map(|()| true).map_err(|error| error.to_string()));
        }
        acted
    }

    /// Performs one action. Gives whether something may be different now.
    async fn perform(&mut self, action: Action) -> bool {
        if !self.begin(&action) {
            return false;
        }
        let result = self.attempt(&action).await;
        self.settle(&action, result)
    }

    /// Records that an action begins, unless it failed a moment ago.
    fn begin(&self, action: &Action) -> bool {
        let (lease, name) = (action.lease(), action.name());
        if self.retries.get(lease).is_some_and(|retry| Instant::now() < retry.not_before) {
            return false;
        }
        tracing::info!(%lease, action = name, "acting");
        self.core.journal.record(Core::now(), Phase::Begin, name, lease, None);
        true
    }

    /// Records how an action ended.
    fn settle(&mut self, action: &Action, result: Result<bool, String>) -> bool {
        let (lease, name) = (action.lease().clone(), action.name());
        match result {
            Ok(acted) => {
                self.core.journal.record(Core::now(), Phase::Done, name, &lease, None);
                self.core.set_trouble(&lease, None);
                self.retries.remove(&lease);
                acted
            }
            Err(error) => {
                tracing::warn!(%lease, action = name, error, "failed; it is tried again");
                self.core.journal.record(Core::now(), Phase::Failed, name, &lease, Some(&error));
                self.core.set_trouble(&lease, Some(error));
                let wait = self.retries.get(&lease).map_or(RETRY_FIRST, |retry| (retry.wait * 2).min(RETRY_MOST));
                self.retries.insert(lease, Retry { wait, not_before: Instant::now() + wait });
                false
            }
        }
    }

    async fn attempt(&mut self, action: &Action) -> Result<bool, String> {
        let cluster = &self.core.cluster;
        let say = |error: ClusterError| error.to_string();
        match action {
            Action::Deploy(workload) => cluster.deploy(workload).await.map_err(say).map(|()| true),
            Action::Teardown(lease) => cluster.teardown(lease).await.map_err(say).map(|()| true),
            Action::Forget(lease) => {
                self.core.manifests.forget(lease).map_err(|error| error.to_string()).map(|()| true)
            }
            Action::Close { lease, reason } => {
                let intent = Intent::close_lease(lease, *reason);
                self.core.queue.push(intent).map_err(|error| error.to_string()).map(|()| false)
            }
            Action::Withdraw(lease) => {
                self.core.queue.push(Intent::withdraw(lease)).map_err(|error| error.to_string())?;
                let now = Core::now();
                let mut record = self.records.of(lease, now).map_err(|error| error.to_string())?;
                record.withdrawn_at = now;
                self.records.put(record).map_err(|error| error.to_string()).map(|()| false)
            }
        }
    }

    /// Nothing is left of these leases anywhere: not on chain, not in the cluster, no manifest.
    fn forget_ended(&mut self, picture: &Picture) {
        let Some(running) = picture.running.yes() else { return };
        for (lease, fact) in &picture.leases {
            if fact.is_no() && !running.contains_key(lease) && !picture.kept.contains(lease) {
                self.core.release(&lease.order);
                self.core.set_trouble(lease, None);
                self.failing_since.remove(lease);
                self.retries.remove(lease);
                self.funds.forget(lease);
                if let Err(error) = self.records.forget(lease) {
                    tracing::error!(%error, %lease, "the record cannot be removed");
                }
            }
        }
    }

    fn next_retry(&self) -> Option<Instant> {
        let now = Instant::now();
        self.retries.values().map(|retry| retry.not_before).filter(|at| *at > now).min()
    }
}

/// Whether a hint is about a lease we look after. An order that we won is announced by the bid side.
fn concerns(hint: Option<&Hint>, known: &BTreeSet<LeaseId>) -> bool {
    match hint {
        None => true,
        Some(Hint::Order(order)) => known.iter().any(|lease| lease.order == *order),
        Some(Hint::Deployment(deployment)) => known.iter().any(|lease| lease.deployment_id() == deployment),
        Some(Hint::Provider(_)) => false,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
