//! The ledger of promises: one lock, short critical sections, no waiting inside.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use akash_cluster::Node;
use akash_types::id::OrderId;

use super::Amounts;
use crate::bid::demand::{Demand, UnitDemand};

/// The shared ledger.
#[derive(Clone, Default)]
pub struct Inventory(Arc<Mutex<Ledger>>);

/// Room that is held for one order, or for the lease that came of it, until this value is dropped.
#[must_use = "dropping a reservation gives its room back"]
pub struct Reservation {
    ledger: Arc<Mutex<Ledger>>,
    number: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    #[error("the cluster has not told its inventory")]
    Unknown,
    #[error("not enough room for unit {unit}")]
    Full { unit: u32 },
}

/// What a status page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Promised, and not yet counted by the cluster.
    pub pending: Vec<Amounts>,
    /// Per node: name, what tenants may use at most, what is left of it.
    pub nodes: Vec<(String, Amounts, Amounts)>,
}

#[derive(Default)]
pub(super) struct Ledger {
    /// `None` until the cluster has answered once, and again while it does not.
    nodes: Option<Vec<Node>>,
    reservations: BTreeMap<u64, Entry>,
    next: u64,
}

struct Entry {
    order: OrderId,
    /// By index of the node in the reading it was made from.
    placed: BTreeMap<usize, Amounts>,
    /// The cluster's own figures contain it.
    absorbed: bool,
}

impl Inventory {
    /// Takes the cluster's figures as the new truth. `deployed` must have been read *before* `nodes`, so that a
    /// workload is at worst counted twice for a moment, never not at all.
    pub fn refresh(&self, nodes: Vec<Node>, deployed: &BTreeSet<OrderId>) {
        let mut ledger = lock(&self.0);
        for entry in ledger.reservations.values_mut() {
            entry.absorbed = deployed.contains(&entry.order);
        }
        ledger.nodes = Some(nodes);
    }

    /// The cluster does not answer: promise nothing new until it does.
    pub fn forget(&self) {
        lock(&self.0).nodes = None;
    }

    /// Holds room for every replica of the group, or nothing at all.
    pub fn reserve(&self, order: &OrderId, demand: &Demand) -> Result<Reservation, NoRoom> {
        let mut ledger = lock(&self.0);
        let placed = ledger.place(demand)?;
        Ok(self.enter(&mut ledger, order, placed))
    }

    /// Holds the room of a promise already made, whether or not it fits (after a restart, or after nodes went away).
    pub fn reserve_anyway(&self, order: &OrderId, demand: &Demand) -> Reservation {
        let mut ledger = lock(&self.0);
        let placed = ledger.place(demand).unwrap_or_else(|_| BTreeMap::from([(0, total(demand))]));
        self.enter(&mut ledger, order, placed)
    }

    pub fn totals(&self) -> Totals {
        let ledger = lock(&self.0);
        let pending = ledger.reservations.values().filter(|entry| !entry.absorbed);
        let sum = |entry: &Entry| entry.placed.values().fold(Amounts::default(), |sum, part| sum.plus(*part));
        let free = ledger.free().unwrap_or_default();
        let nodes = ledger.nodes.iter().flatten().zip(free);
        Totals {
            pending: pending.map(sum).collect(),
            nodes: nodes.map(|(node, free)| (node.name.clone(), Amounts::allocatable(node), free)).collect(),
        }
    }

    fn enter(&self, ledger: &mut Ledger, order: &OrderId, placed: BTreeMap<usize, Amounts>) -> Reservation {
        let number = ledger.next;
        ledger.next += 1;
        ledger.reservations.insert(number, Entry { order: order.clone(), placed, absorbed: false });
        Reservation { ledger: Arc::clone(&self.0), number }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        lock(&self.ledger).reservations.remove(&self.number);
    }
}

impl Ledger {
    /// First fit, the largest units first: a group is declined only if no such order fits it.
    fn place(&self, demand: &Demand) -> Result<BTreeMap<usize, Amounts>, NoRoom> {
        let mut free = self.free().ok_or(NoRoom::Unknown)?;
        let mut units: Vec<&UnitDemand> = demand.units.iter().collect();
        units.sort_by_key(|unit| std::cmp::Reverse((unit.gpu_units, unit.cpu_milli, unit.memory_bytes)));
        let mut placed: BTreeMap<usize, Amounts> = BTreeMap::new();
        for unit in units {
            let each = Amounts::of_replica(unit);
            for _ in 0..unit.count {
                let node = free.iter().position(|room| each.fits_in(*room)).ok_or(NoRoom::Full { unit: unit.id })?;
                free[node] = free[node].minus(each);
                let held = placed.entry(node).or_default();
                *held = held.plus(each);
            }
        }
        Ok(placed)
    }

    fn free(&self) -> Option<Vec<Amounts>> {
        let mut free: Vec<Amounts> = self.nodes.as_ref()?.iter().map(Amounts::available).collect();
        for entry in self.reservations.values().filter(|entry| !entry.absorbed) {
            for (node, held) in &entry.placed {
                if let Some(room) = free.get_mut(*node) {
                    *room = room.minus(*held);
                }
            }
        }
        Some(free)
    }
}

fn total(demand: &Demand) -> Amounts {
    let units = demand.units.iter();
    units.fold(Amounts::default(), |sum, unit| sum.plus(Amounts::of_replica(unit).times(unit.count)))
}

/// The sections under the lock do not panic half way, so a poisoned lock still guards a whole ledger.
fn lock(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use akash_cluster::ResourcePair;
    use akash_types::address::Address;

    use super::*;
    use crate::bid::demand::tests::{group, unit};

    fn order(oseq: u32) -> OrderId {
        let owner = Address::from_bytes(&[7; 20]).unwrap();
        format!("{owner}/5/1/{oseq}").parse().unwrap()
    }

    fn node(name: &str, cpu_milli: u64) -> Node {
        let pair = |allocatable| ResourcePair { allocatable, allocated: 0 };
        Node {
            name: name.into(),
            cpu_milli: pair(cpu_milli),
            memory_bytes: pair(1 << 40),
            ephemeral_bytes: pair(1 << 40),
            gpu_units: pair(0),
        }
    }

    fn demand(count: u32, cpu_milli: u64) -> Demand {
        Demand::read(&group(vec![unit(1, count, cpu_milli, 64, "1")])).unwrap()
    }

    #[test]
    fn nothing_is_promised_before_the_cluster_has_spoken() {
        let inventory = Inventory::default();
        assert_eq!(inventory.reserve(&order(1), &demand(1, 1)).err(), Some(NoRoom::Unknown));
    }

    #[test]
    fn a_dropped_reservation_gives_its_room_back_at_once() {
        let inventory = Inventory::default();
        inventory.refresh(vec![node("a", 1000)], &BTreeSet::new());
        for _ in 0..100 {
            let held = inventory.reserve(&order(1), &demand(1, 600)).unwrap();
            assert_eq!(inventory.reserve(&order(2), &demand(1, 600)).err(), Some(NoRoom::Full { unit: 1 }));
            drop(held);
        }
    }

    #[test]
    fn replicas_spread_over_nodes_and_a_group_is_placed_whole_or_not_at_all() {
        let inventory = Inventory::default();
        inventory.refresh(vec![node("a", 1000), node("b", 500)], &BTreeSet::new());
        assert!(inventory.reserve(&order(1), &demand(4, 500)).is_err());
        let held = inventory.reserve(&order(1), &demand(3, 500)).unwrap();
        assert!(inventory.totals().nodes.iter().all(|(_, _, free)| free.cpu_milli == 0));
        drop(held);
    }

    #[test]
    fn a_deployed_reservation_is_not_counted_twice() {
        let inventory = Inventory::default();
        inventory.refresh(vec![node("a", 1000)], &BTreeSet::new());
        let _held = inventory.reserve(&order(1), &demand(1, 600)).unwrap();
        let mut used = node("a", 1000);
        used.cpu_milli.allocated = 600;
        inventory.refresh(vec![used], &BTreeSet::from([order(1)]));
        assert_eq!(inventory.totals().nodes[0].2.cpu_milli, 400);
        assert!(inventory.totals().pending.is_empty());
    }

    #[test]
    fn an_old_promise_is_held_even_where_it_does_not_fit() {
        let inventory = Inventory::default();
        let held = inventory.reserve_anyway(&order(1), &demand(1, 600));
        inventory.refresh(vec![node("a", 500)], &BTreeSet::new());
        assert_eq!(inventory.totals().nodes[0].2.cpu_milli, 0);
        drop(held);
        assert_eq!(inventory.totals().nodes[0].2.cpu_milli, 500);
    }
}
