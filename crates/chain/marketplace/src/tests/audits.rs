//! What auditors sign, and what an order makes of it.

use akash_kernel::TxError;
use akash_proto::akash::audit::v1::{
    MsgDeleteProviderAttributes, MsgSignProviderAttributes, QueryAllProvidersAttributesRequest,
    QueryAuditorAttributesRequest, QueryProviderAttributesRequest, QueryProviderAuditorRequest, QueryProvidersResponse,
};
use akash_proto::akash::base::attributes::v1::{Attribute, PlacementRequirements, SignedBy};
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use expect_test::expect;

use super::testnet::*;

fn pairs(pairs: &[(&str, &str)]) -> Vec<Attribute> {
    let pair = |(key, value): &(&str, &str)| Attribute { key: (*key).into(), value: (*value).into() };
    pairs.iter().map(pair).collect()
}

fn sign(net: &mut Testnet, provider: &str, auditor: &str, attributes: &[(&str, &str)]) -> Result<(), TxError> {
    net.send(&MsgSignProviderAttributes {
        owner: account(provider).to_string(),
        auditor: account(auditor).to_string(),
        attributes: pairs(attributes),
    })
}

fn take_back(net: &mut Testnet, provider: &str, auditor: &str, keys: &[&str]) -> Result<(), TxError> {
    net.send(&MsgDeleteProviderAttributes {
        owner: account(provider).to_string(),
        auditor: account(auditor).to_string(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
    })
}

fn one(net: &Testnet, provider: &str, auditor: &str) -> Result<Vec<Attribute>, String> {
    let request =
        QueryProviderAuditorRequest { owner: account(provider).to_string(), auditor: account(auditor).to_string() };
    let answer: QueryProvidersResponse =
        net.query("/akash.audit.v1.Query/ProviderAuditorAttributes", &request).map_err(|error| error.text)?;
    Ok(answer.providers[0].attributes.clone())
}

#[test]
fn signatures_are_merged_and_taken_back() {
    let mut net = Testnet::new();
    sign(&mut net, "p1", "a1", &[("tier", "gold"), ("region", "eu")]).unwrap();
    assert_eq!(net.typed_events(), ["EventTrustedAuditorCreated"]);
    sign(&mut net, "p1", "a1", &[("region", "us")]).unwrap();
    net.end_block();
    assert_eq!(one(&net, "p1", "a1"), Ok(pairs(&[("region", "us"), ("tier", "gold")])));

    check(take_back(&mut net, "p1", "a1", &["none"]), expect![[r#"audit/3: "none": attribute not found"#]]);
    check(take_back(&mut net, "p2", "a1", &[]), expect!["audit/1: invalid provider: address not found"]);
    take_back(&mut net, "p1", "a1", &["region"]).unwrap();
    assert_eq!(net.typed_events(), ["EventTrustedAuditorDeleted"]);
    net.end_block();
    assert_eq!(one(&net, "p1", "a1"), Ok(pairs(&[("tier", "gold")])));

    take_back(&mut net, "p1", "a1", &["tier"]).unwrap();
    net.end_block();
    assert_eq!(one(&net, "p1", "a1"), Err("invalid provider: address not found".to_owned()));
}

/// Defect 17 #17, kept: anything can be signed for anyone, in any form.
#[test]
fn defect_17_is_kept_anybody_signs_anything() {
    let mut net = Testnet::new();
    sign(&mut net, "nobody", "a1", &[("1 not a key!", "x")]).unwrap();
    let key = "k".repeat(257);
    assert!(sign(&mut net, "p1", "a1", &[(&key, "")]).is_err());
}

#[test]
fn audits_are_listed_by_provider_and_by_auditor() {
    let mut net = Testnet::new();
    for (provider, auditor) in [("p1", "a1"), ("p1", "a2"), ("p2", "a1"), ("p3", "a1")] {
        sign(&mut net, provider, auditor, &[("k", auditor)]).unwrap();
    }
    net.end_block();
    let page = || Some(PageRequest { limit: 2, count_total: true, ..PageRequest::default() });
    let counts = |answer: QueryProvidersResponse| (answer.providers.len(), answer.pagination.unwrap().total);

    let request = QueryAllProvidersAttributesRequest { pagination: page() };
    assert_eq!(counts(net.query("/akash.audit.v1.Query/AllProvidersAttributes", &request).unwrap()), (2, 4));
    let request = QueryProviderAttributesRequest { owner: account("p1").to_string(), pagination: page() };
    assert_eq!(counts(net.query("/akash.audit.v1.Query/ProviderAttributes", &request).unwrap()), (2, 2));
    let request = QueryAuditorAttributesRequest { auditor: account("a1").to_string(), pagination: page() };
    assert_eq!(counts(net.query("/akash.audit.v1.Query/AuditorAttributes", &request).unwrap()), (2, 3));
}

/// An order whose provider must have these auditors' word for `tier=gold`.
fn order_signed_by(all_of: &[&str], any_of: &[&str]) -> Testnet {
    let mut net = Testnet::new();
    let names = |names: &[&str]| names.iter().map(|name| account(name).to_string()).collect();
    let mut deployment = create_deployment(7, &["100uact"], "1000000uact");
    deployment.groups[0].requirements = Some(PlacementRequirements {
        signed_by: Some(SignedBy { all_of: names(all_of), any_of: names(any_of) }),
        attributes: pairs(&[("tier", "gold")]),
    });
    net.send(&deployment).unwrap();
    net
}

#[test]
fn orders_that_name_auditors_take_bids_of_audited_providers_only() {
    let mismatch = || expect!["market/5: attribute mismatch"];
    let mut net = order_signed_by(&["a1", "a2"], &["a3", "a4"]);
    check(net.bid(7, "p1", "100uact"), mismatch());
    for auditor in ["a1", "a2"] {
        sign(&mut net, "p1", auditor, &[("tier", "gold"), ("more", "x")]).unwrap();
    }
    check(net.bid(7, "p1", "100uact"), mismatch());
    sign(&mut net, "p1", "a4", &[("tier", "silver")]).unwrap();
    check(net.bid(7, "p1", "100uact"), mismatch());
    sign(&mut net, "p1", "a4", &[("tier", "gold")]).unwrap();
    check(net.bid(7, "p1", "100uact"), expect!["ok"]);
    check(net.bid(7, "p2", "100uact"), mismatch());
}
