//! Desired against actual: which actions bring what runs in line with the leases on chain. A pure function.
//!
//! | lease on chain | manifest kept | runs        | action                                    |
//! |----------------|---------------|-------------|-------------------------------------------|
//! | live           | yes           | no, or old  | deploy                                    |
//! | live           | yes           | as wanted   | —                                         |
//! | live           | no            | yes         | — (it runs; the tenant may send it again) |
//! | live           | no            | no          | close the lease when its time is over     |
//! | over           | any           | yes         | tear down                                 |
//! | over           | yes           | no          | forget the manifest                       |
//! | unknown        | any           | any         | —                                         |
//!
//! Where the cluster does not answer, "runs" is unknown, and nothing is deployed, torn down or closed for a missing
//! manifest.

use std::collections::{BTreeMap, BTreeSet};

use akash_cluster::Workload;
use akash_proto::akash::market::v1::LeaseClosedReason;
use akash_types::id::LeaseId;

use crate::fact::Fact;

/// Everything that was read, of our own leases only.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Each lease that appears anywhere: on chain, among the manifests, or among the workloads.
    pub leases: BTreeMap<LeaseId, Fact<Live>>,
    /// Leases with a manifest on disk.
    pub kept: BTreeSet<LeaseId>,
    /// What these manifests ask for, where that can be run.
    pub wanted: BTreeMap<LeaseId, Workload>,
    /// What the backend holds.
    pub running: Fact<BTreeMap<LeaseId, Workload>>,
}

/// What matters of a live lease.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// The time in which the tenant has to send the manifest is over.
    pub manifest_overdue: bool,
    /// It has been seen not to run for longer than we put up with.
    pub unstable: bool,
    pub withdraw: bool,
    /// The provider may not close it at once: a notice period was agreed.
    pub reclaimable: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Teardown(LeaseId),
    Forget(LeaseId),
    Deploy(Box<Workload>),
    Close { lease: LeaseId, reason: LeaseClosedReason },
    Withdraw(LeaseId),
}

impl Action {
    pub const fn lease(&self) -> &LeaseId {
        match self {
            Self::Deploy(workload) => &workload.lease,
            Self::Teardown(lease) | Self::Forget(lease) | Self::Withdraw(lease) | Self::Close { lease, .. } => lease,
        }
    }

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Teardown(_) => "teardown",
            Self::Forget(_) => "forget",
            Self::Deploy(_) => "deploy",
            Self::Close { .. } => "close",
            Self::Withdraw(_) => "withdraw",
        }
    }
}

/// The actions, teardowns first: they free room and host names that others may wait for.
#[must_use]
pub fn plan(picture: &Picture) -> Vec<Action> {
    let mut actions = Vec::new();
    for (lease, fact) in &picture.leases {
        match fact {
            Fact::Unknown(_) => {}
            Fact::No => actions.extend(end(picture, lease)),
            Fact::Yes(live) => actions.extend(keep(picture, lease, live)),
        }
    }
    actions.sort_by_key(rank);
    actions
}

const fn rank(action: &Action) -> u8 {
    match action {
        Action::Teardown(_) => 0,
        Action::Forget(_) => 1,
        Action::Deploy(_) => 2,
        Action::Close { .. } => 3,
        Action::Withdraw(_) => 4,
    }
}

fn end(picture: &Picture, lease: &LeaseId) -> Option<Action> {
    let running = picture.running.yes()?;
    if running.contains_key(lease) {
        return Some(Action::Teardown(lease.clone()));
    }
    picture.kept.contains(lease).then(|| Action::Forget(lease.clone()))
}

fn keep(picture: &Picture, lease: &LeaseId, live: &Live) -> Vec<Action> {
    let mut actions = Vec::new();
    let close = |reason| Action::Close { lease: lease.clone(), reason };
    if let Some(running) = picture.running.yes() {
        let actual = running.get(lease);
        let has_manifest = picture.kept.contains(lease);
        match picture.wanted.get(lease) {
            Some(wanted) if actual != Some(wanted) => actions.push(Action::Deploy(Box::new(wanted.clone()))),
            None if actual.is_none() && !has_manifest && live.manifest_overdue && !live.reclaimable => {
                actions.push(close(LeaseClosedReason::ManifestTimeout));
            }
            Some(_) if live.unstable && !live.reclaimable => {
                actions.push(close(LeaseClosedReason::Unstable));
            }
            _ => {}
        }
    }
    if live.withdraw {
        actions.push(Action::Withdraw(lease.clone()));
    }
    actions
}

#[cfg(test)]
mod tests {
    use akash_types::address::Address;

    use super::*;

    fn lease() -> LeaseId {
        let (owner, provider) = (Address::from_bytes(&[1; 20]).unwrap(), Address::from_bytes(&[2; 20]).unwrap());
        format!("{owner}/9/1/1/{provider}").parse().unwrap()
    }

    fn workload(version: u8) -> Workload {
        Workload { lease: lease(), group: "g".into(), version_hash: [version; 32], services: Vec::new() }
    }

    fn actions(fact: Fact<Live>, manifest: Option<u8>, running: Fact<Option<u8>>) -> Vec<&'static str> {
        let one = |version: u8| BTreeMap::from([(lease(), workload(version))]);
        let picture = Picture {
            leases: BTreeMap::from([(lease(), fact)]),
            kept: manifest.map(|_| lease()).into_iter().collect(),
            wanted: manifest.map(one).unwrap_or_default(),
            running: match running {
                Fact::Yes(version) => Fact::Yes(version.map(one).unwrap_or_default()),
                Fact::No => Fact::No,
                Fact::Unknown(why) => Fact::Unknown(why),
            },
        };
        plan(&picture).iter().map(Action::name).collect()
    }

    fn live() -> Fact<Live> {
        Fact::Yes(Live::default())
    }

    fn unknown<T>() -> Fact<T> {
        Fact::Unknown("down".into())
    }

    #[test]
    fn the_table_of_the_front_page_holds() {
        let overdue = || Fact::Yes(Live { manifest_overdue: true, ..Live::default() });
        type Row = (Fact<Live>, Option<u8>, Fact<Option<u8>>, Vec<&'static str>);
        let table: Vec<Row> = vec![
            (live(), Some(1), Fact::Yes(None), vec!["deploy"]),
            (live(), Some(2), Fact::Yes(Some(1)), vec!["deploy"]),
            (live(), Some(1), Fact::Yes(Some(1)), vec![]),
            (live(), Some(1), unknown(), vec![]),
            (live(), None, Fact::Yes(None), vec![]),
            (live(), None, Fact::Yes(Some(1)), vec![]),
            (overdue(), None, Fact::Yes(None), vec!["close"]),
            (overdue(), None, Fact::Yes(Some(1)), vec![]),
            (overdue(), None, unknown(), vec![]),
            (Fact::No, Some(1), Fact::Yes(Some(1)), vec!["teardown"]),
            (Fact::No, None, Fact::Yes(Some(1)), vec!["teardown"]),
            (Fact::No, Some(1), Fact::Yes(None), vec!["forget"]),
            (Fact::No, None, Fact::Yes(None), vec![]),
            (Fact::No, Some(1), unknown(), vec![]),
        ];
        for (fact, manifest, running, expected) in table {
            let shown = format!("{fact:?} {manifest:?} {running:?}");
            assert_eq!(actions(fact, manifest, running), expected, "{shown}");
        }
    }

    #[test]
    fn an_unknown_lease_is_never_touched() {
        for manifest in [None, Some(1), Some(2)] {
            for running in [unknown(), Fact::Yes(None), Fact::Yes(Some(1))] {
                assert!(actions(unknown(), manifest, running).is_empty());
            }
        }
    }

    #[test]
    fn money_and_failures_have_actions_of_their_own() {
        let broke = Fact::Yes(Live { withdraw: true, ..Live::default() });
        assert_eq!(actions(broke, Some(1), unknown()), ["withdraw"]);
        let failing = Live { unstable: true, ..Live::default() };
        assert_eq!(actions(Fact::Yes(failing.clone()), Some(1), Fact::Yes(Some(1))), ["close"]);
        assert_eq!(actions(Fact::Yes(failing.clone()), Some(2), Fact::Yes(Some(1))), ["deploy"]);
        let with_notice = Live { reclaimable: true, ..failing };
        assert!(actions(Fact::Yes(with_notice), Some(1), Fact::Yes(Some(1))).is_empty());
    }
}
