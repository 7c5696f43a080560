//! The decision: from what is remembered and what is known to what to do next. Pure.

use std::time::Duration;

use akash_types::id::{BidId, LeaseId};

use super::facts::{Facts, Offer, OpenOrder, Presence, ServiceFact, StandingLease, Waited};
use super::{Journal, Limits};
use crate::gateway::ServiceStatus;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Create,
    /// The file changed: announce the new hash.
    Update,
    PublishCertificate,
    Wait(String),
    /// One bid for each order, in one transaction.
    Lease(Vec<BidId>),
    SendManifest(LeaseId),
    /// All services run and, unless there are none to be had, these are their URLs.
    Done(Vec<String>),
    /// Nobody offered: get the deposit back.
    CloseForLackOfBids,
    Fail(Reason),
}

/// Why it cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    Closed,
    LeaseEnded(String),
    OtherGroups,
    /// After so long, and why.
    NotReady(Duration, String),
}

/// Decides. `groups` is the number of groups of the file.
#[must_use]
pub fn next(journal: &Journal, groups: usize, facts: &Facts, limits: &Limits) -> Action {
    let (hash, numbers) = match &facts.deployment {
        Presence::Absent => return Action::Create,
        Presence::Closed => return Action::Fail(Reason::Closed),
        Presence::Active { hash, groups } => (hash, groups),
    };
    if numbers.len() != groups {
        return Action::Fail(Reason::OtherGroups);
    }
    if *hash != journal.hash {
        return Action::Update;
    }
    if !facts.certified {
        return Action::PublishCertificate;
    }

    let without: Vec<u32> = numbers.iter().copied().filter(|gseq| !has_lease(facts, *gseq)).collect();
    if without.is_empty() { after_lease(journal, facts, limits) } else { before_lease(&without, facts, limits) }
}

fn has_lease(facts: &Facts, gseq: u32) -> bool {
    facts.leases.iter().any(|lease| lease.id.order.gseq() == gseq)
}

fn before_lease(without: &[u32], facts: &Facts, limits: &Limits) -> Action {
    let orders: Vec<&OpenOrder> =
        without.iter().filter_map(|gseq| facts.orders.iter().find(|order| order.id.gseq() == *gseq)).collect();
    if orders.len() < without.len() {
        let reason = facts.ended.clone().unwrap_or_else(|| "no order is open".to_owned());
        return Action::Fail(Reason::LeaseEnded(reason));
    }

    let chosen: Vec<BidId> = orders.iter().filter_map(|order| cheapest(&order.offers)).collect();
    if chosen.len() < orders.len() {
        if facts.waited.for_bids >= limits.bids {
            return without_bids(facts, without);
        }
        return Action::Wait("offers of providers".to_owned());
    }
    if facts.waited.for_better < limits.better_bids {
        return Action::Wait("better offers".to_owned());
    }
    Action::Lease(chosen)
}

/// Closing would end what other groups run, so that is left to the tenant.
fn without_bids(facts: &Facts, without: &[u32]) -> Action {
    if facts.leases.is_empty() {
        return Action::CloseForLackOfBids;
    }
    let groups: Vec<String> = without.iter().map(ToString::to_string).collect();
    let reason = format!("no provider offers to run group {}; the other groups run on", groups.join(", "));
    Action::Fail(Reason::NotReady(facts.waited.for_bids, reason))
}

/// The lowest price; of equal ones the first by provider, so that every run chooses alike.
fn cheapest(offers: &[Offer]) -> Option<BidId> {
    offers
        .iter()
        .min_by(|a, b| (&a.price.amount, &a.bid).cmp(&(&b.price.amount, &b.bid)))
        .map(|offer| offer.bid.clone())
}

fn after_lease(journal: &Journal, facts: &Facts, limits: &Limits) -> Action {
    for lease in &facts.leases {
        let sent = journal.sent.contains(&(lease.id.clone(), journal.hash.clone()));
        let lost = lease.status == ServiceFact::Nothing && facts.waited.for_ready < limits.ready;
        if !sent || lost {
            return Action::SendManifest(lease.id.clone());
        }
    }
    let missing: Vec<String> = facts.leases.iter().filter_map(what_is_missing).collect();
    if missing.is_empty() {
        return Action::Done(facts.leases.iter().flat_map(urls).collect());
    }
    let reasons = missing.join("; ");
    let Waited { for_ready, in_trouble, .. } = facts.waited;
    if for_ready >= limits.ready || in_trouble >= limits.trouble {
        return Action::Fail(Reason::NotReady(for_ready, reasons));
    }
    Action::Wait(reasons)
}

/// Whether the provider of a lease says why something does not run.
pub fn is_in_trouble(lease: &StandingLease) -> bool {
    matches!(&lease.status, ServiceFact::Status(status) if !status.errors.is_empty())
}

/// Why a lease is not ready yet; `None` when it is.
fn what_is_missing(lease: &StandingLease) -> Option<String> {
    match &lease.status {
        ServiceFact::Unknown(reason) => Some(format!("the provider does not answer: {reason}")),
        ServiceFact::Nothing => Some("the provider has not begun".to_owned()),
        ServiceFact::Status(status) if status.services.is_empty() => Some("the provider has not begun".to_owned()),
        ServiceFact::Status(status) => {
            let mut parts: Vec<String> = status.services.values().filter_map(how_far_behind).collect();
            if parts.is_empty() {
                return None;
            }
            parts.extend(status.errors.iter().cloned());
            Some(parts.join(", "))
        }
    }
}

/// Replicas of the manifest before do not count: they are there until the new ones have taken over.
fn how_far_behind(service: &ServiceStatus) -> Option<String> {
    let ServiceStatus { name, available, total, updated_replicas: updated, .. } = service;
    match (available < total, updated < total) {
        (true, _) => Some(format!("{name} {available}/{total}")),
        (false, true) => Some(format!("{name} {updated}/{total} updated")),
        (false, false) => None,
    }
}

fn urls(lease: &StandingLease) -> Vec<String> {
    let ServiceFact::Status(status) = &lease.status else { return Vec::new() };
    let uris = status.services.values().flat_map(|service| &service.uris);
    uris.map(|uri| if uri.contains("://") { uri.clone() } else { format!("http://{uri}") }).collect()
}

#[cfg(test)]
mod tests;
