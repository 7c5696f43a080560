use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use akash_types::address::Address;
use akash_types::coin::DecCoin;
use akash_types::id::{DeploymentId, LeaseId, OrderId};

use super::*;
use crate::deploy::facts::Waited;
use crate::gateway::{LeaseStatus, ServiceStatus};

fn address(byte: u8) -> Address {
    Address::from_bytes(&[byte; 20]).unwrap()
}

fn order(gseq: u32) -> OrderId {
    DeploymentId { owner: address(1), dseq: 7 }.group(gseq).order(1)
}

fn offer(provider: u8, price: &str) -> Offer {
    Offer { bid: order(1).bid(address(provider)), price: DecCoin::new("uact", price.parse().unwrap()).unwrap() }
}

fn lease() -> LeaseId {
    LeaseId { order: order(1), provider: address(2), bseq: 0 }
}

fn status(available: u32, errors: &[&str]) -> ServiceFact {
    let web = ServiceStatus {
        name: "web".to_owned(),
        available,
        total: 1,
        updated_replicas: 1,
        uris: vec!["x.localhost:8080".to_owned()],
        ..ServiceStatus::default()
    };
    let services = BTreeMap::from([("web".to_owned(), web)]);
    let errors = errors.iter().map(|error| (*error).to_owned()).collect();
    ServiceFact::Status(LeaseStatus { services, errors, ..LeaseStatus::default() })
}

fn journal() -> Journal {
    Journal {
        file: "/app.yaml".into(),
        owner: address(1).to_string(),
        dseq: 7,
        hash: "aa".to_owned(),
        services: vec!["web".to_owned()],
        sent: BTreeSet::new(),
        was_ready: false,
    }
}

fn active() -> Facts {
    Facts {
        deployment: Presence::Active { hash: "aa".to_owned(), groups: vec![1] },
        orders: vec![OpenOrder { id: order(1), offers: Vec::new() }],
        leases: Vec::new(),
        ended: None,
        certified: true,
        waited: Waited::default(),
    }
}

fn leased(fact: ServiceFact) -> Facts {
    Facts { orders: Vec::new(), leases: vec![StandingLease { id: lease(), status: fact }], ..active() }
}

fn check(journal: &Journal, facts: &Facts, expected: Action) {
    assert_eq!(next(journal, 1, facts, &Limits::default()), expected);
}

#[test]
fn what_is_absent_is_created_and_what_is_closed_ends_it() {
    check(&journal(), &Facts { deployment: Presence::Absent, ..active() }, Action::Create);
    check(&journal(), &Facts { deployment: Presence::Closed, ..active() }, Action::Fail(Reason::Closed));
}

#[test]
fn another_hash_is_announced_but_other_groups_cannot_be() {
    let changed = |groups| Facts { deployment: Presence::Active { hash: "bb".to_owned(), groups }, ..active() };
    check(&journal(), &changed(vec![1]), Action::Update);
    check(&journal(), &changed(vec![1, 2]), Action::Fail(Reason::OtherGroups));
}

#[test]
fn certificate_comes_before_bids_are_taken() {
    check(&journal(), &Facts { certified: false, ..active() }, Action::PublishCertificate);
}

#[test]
fn no_offer_in_time_closes_the_deployment() {
    check(&journal(), &active(), Action::Wait("offers of providers".to_owned()));
    let waited = Waited { for_bids: Duration::from_secs(60), ..Waited::default() };
    check(&journal(), &Facts { waited, ..active() }, Action::CloseForLackOfBids);
}

#[test]
fn lack_of_offers_for_one_group_does_not_end_the_others() {
    let waited = Waited { for_bids: Duration::from_secs(60), ..Waited::default() };
    let deployment = Presence::Active { hash: "aa".to_owned(), groups: vec![1, 2] };
    let orders = vec![OpenOrder { id: order(2), offers: Vec::new() }];
    let facts = Facts { deployment, orders, waited, ..leased(status(1, &[])) };
    let reason = "no provider offers to run group 2; the other groups run on".to_owned();
    let expected = Action::Fail(Reason::NotReady(Duration::from_secs(60), reason));
    assert_eq!(next(&journal(), 2, &facts, &Limits::default()), expected);
}

#[test]
fn replicas_of_the_manifest_before_are_not_ready() {
    let mut sent = journal();
    sent.sent.insert((lease(), "aa".to_owned()));
    let mut old = status(1, &[]);
    if let ServiceFact::Status(status) = &mut old {
        status.services.values_mut().for_each(|service| service.updated_replicas = 0);
    }
    check(&sent, &leased(old), Action::Wait("web 0/1 updated".to_owned()));
}

#[test]
fn cheapest_offer_wins_after_a_moment_for_better_ones() {
    let offers = vec![offer(3, "10.5"), offer(4, "10.25"), offer(2, "10.25")];
    let facts = Facts { orders: vec![OpenOrder { id: order(1), offers }], ..active() };
    check(&journal(), &facts, Action::Wait("better offers".to_owned()));
    let waited = Waited { for_better: Duration::from_secs(2), ..Waited::default() };
    check(&journal(), &Facts { waited, ..facts }, Action::Lease(vec![order(1).bid(address(2))]));
}

#[test]
fn group_without_order_and_lease_says_why_its_lease_ended() {
    let facts = Facts { orders: Vec::new(), ended: Some("unstable".to_owned()), ..active() };
    check(&journal(), &facts, Action::Fail(Reason::LeaseEnded("unstable".to_owned())));
}

#[test]
fn manifest_is_sent_once_and_again_if_the_provider_has_nothing() {
    check(&journal(), &leased(status(0, &[])), Action::SendManifest(lease()));
    let mut sent = journal();
    sent.sent.insert((lease(), "aa".to_owned()));
    check(&sent, &leased(ServiceFact::Nothing), Action::SendManifest(lease()));
    let waited = Waited { for_ready: Duration::from_secs(300), ..Waited::default() };
    let failed = |text: &str, seconds| Action::Fail(Reason::NotReady(Duration::from_secs(seconds), text.to_owned()));
    check(&sent, &Facts { waited, ..leased(ServiceFact::Nothing) }, failed("the provider has not begun", 300));
    let waited = Waited { for_ready: Duration::from_secs(40), in_trouble: Duration::from_secs(30), ..waited };
    let trouble = leased(status(0, &["image not found"]));
    check(&sent, &Facts { waited, ..trouble }, failed("web 0/1, image not found", 40));
    check(&sent, &leased(status(0, &["image not found"])), Action::Wait("web 0/1, image not found".to_owned()));
    check(&sent, &leased(status(1, &[])), Action::Done(vec!["http://x.localhost:8080".to_owned()]));
}

#[test]
fn silent_gateway_is_waited_for_and_then_given_as_the_reason() {
    let mut sent = journal();
    sent.sent.insert((lease(), "aa".to_owned()));
    let facts = leased(ServiceFact::Unknown("refused".to_owned()));
    let reason = "the provider does not answer: refused".to_owned();
    check(&sent, &facts, Action::Wait(reason.clone()));
    let waited = Waited { for_ready: Duration::from_secs(300), ..Waited::default() };
    let failed = Action::Fail(Reason::NotReady(waited.for_ready, reason));
    check(&sent, &Facts { waited, ..facts }, failed);
}
