//! Lists are read from indexes: right rows, right totals, pages that neither skip nor repeat.

use akash_kernel::GrpcCode;
use akash_proto::akash::cert::v1::{
    CertificateFilter, MsgCreateCertificate, MsgRevokeCertificate, QueryCertificatesRequest, QueryCertificatesResponse,
};
use akash_proto::akash::deployment::v1beta4::{
    DeploymentFilters, QueryDeploymentRequest, QueryDeploymentResponse, QueryDeploymentsRequest,
    QueryDeploymentsResponse, QueryGroupRequest, QueryGroupResponse, QueryParamsRequest, QueryParamsResponse,
};
use akash_proto::akash::escrow::v1::{
    QueryAccountsRequest, QueryAccountsResponse, QueryPaymentsRequest, QueryPaymentsResponse,
};
use akash_proto::akash::ext;
use akash_proto::akash::market::v1::LeaseFilters;
use akash_proto::akash::market::v1beta5::{
    BidFilters, OrderFilters, QueryBidRequest, QueryBidResponse, QueryBidsRequest, QueryBidsResponse,
    QueryLeaseRequest, QueryLeaseResponse, QueryLeasesRequest, QueryLeasesResponse, QueryOrderRequest,
    QueryOrderResponse, QueryOrdersRequest, QueryOrdersResponse,
};
use akash_proto::akash::provider::v1beta4::{
    QueryProviderRequest, QueryProviderResponse, QueryProvidersRequest, QueryProvidersResponse,
};
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_types::cert::{Validity, generate};
use akash_types::id::DeploymentId;

use super::testnet::*;

/// Deployments 1 to 6. 1 and 2 are leased from p1, 3 from p2, 4 is closed, 5 and 6 have an open bid of p1 each.
fn market() -> Testnet {
    let mut net = Testnet::new();
    for dseq in 1..=6 {
        net.deploy(dseq, "100uact", "500000uact").unwrap();
    }
    for (dseq, provider) in [(1, "p1"), (2, "p1"), (3, "p2")] {
        net.bid(dseq, provider, "100uact").unwrap();
        net.take(&bid(dseq, provider)).unwrap();
    }
    for dseq in [4, 5, 6] {
        net.bid(dseq, "p1", "100uact").unwrap();
    }
    net.close(4).unwrap();
    net.end_block();
    net
}

fn page(limit: u64, key: &[u8]) -> Option<PageRequest> {
    Some(PageRequest { limit, key: key.to_vec(), count_total: key.is_empty(), ..PageRequest::default() })
}

fn deployments(net: &Testnet, filters: DeploymentFilters, limit: u64) -> (Vec<u64>, u64) {
    let (mut found, mut total, mut key) = (Vec::new(), 0, Vec::new());
    loop {
        let request = QueryDeploymentsRequest { filters: Some(filters.clone()), pagination: page(limit, &key) };
        let answer: QueryDeploymentsResponse =
            net.query("/akash.deployment.v1beta4.Query/Deployments", &request).unwrap();
        let next = answer.pagination.unwrap();
        total = total.max(next.total);
        for answer in answer.deployments {
            assert_eq!(answer.groups.len(), 1);
            assert!(answer.escrow_account.unwrap().id.is_some());
            found.push(answer.deployment.unwrap().id.unwrap().dseq);
        }
        if next.next_key.is_empty() {
            return (found, total);
        }
        key = next.next_key;
    }
}

#[test]
fn deployments_are_listed_by_owner_and_state() {
    let net = market();
    let filters = |owner: String, state: &str| DeploymentFilters { owner, dseq: 0, state: state.into() };
    let me = owner().to_string();
    for limit in [1, 2, 100] {
        let list = |owner: &str, state: &str| deployments(&net, filters(owner.to_owned(), state), limit);
        assert_eq!(list(&me, ""), (vec![1, 2, 3, 4, 5, 6], 6));
        assert_eq!(list("", ""), (vec![1, 2, 3, 5, 6, 4], 6), "in the order of the states");
        assert_eq!(list("", "active"), (vec![1, 2, 3, 5, 6], 5));
        assert_eq!(list(&me, "closed"), (vec![4], 1));
        assert_eq!(list(&account("stranger").to_string(), ""), (vec![], 0));
    }
    let one = DeploymentFilters { owner: me, dseq: 3, state: String::new() };
    assert_eq!(deployments(&net, one, 100), (vec![3], 1));
    let request = QueryDeploymentsRequest { filters: Some(filters(String::new(), "opn")), pagination: None };
    let answer =
        net.query::<_, QueryDeploymentsResponse>("/akash.deployment.v1beta4.Query/Deployments", &request).unwrap_err();
    assert_eq!(answer.text, "invalid state value");
}

#[test]
fn orders_are_listed_by_state() {
    let net = market();
    let list = |owner: &str, state: &str, limit, reverse| {
        let filters = OrderFilters { owner: owner.into(), state: state.into(), ..OrderFilters::default() };
        let pagination = Some(PageRequest { limit, reverse, count_total: true, ..PageRequest::default() });
        let request = QueryOrdersRequest { filters: Some(filters), pagination };
        let answer: QueryOrdersResponse = net.query("/akash.market.v1beta5.Query/Orders", &request).unwrap();
        let dseqs: Vec<u64> = answer.orders.into_iter().map(|order| order.id.unwrap().dseq).collect();
        (dseqs, answer.pagination.unwrap().total)
    };
    assert_eq!(list("", "open", 100, false), (vec![5, 6], 2));
    assert_eq!(list("", "active", 2, false), (vec![1, 2], 3));
    assert_eq!(list(&owner().to_string(), "closed", 100, false), (vec![4], 1));
    assert_eq!(list("", "", 100, false), (vec![5, 6, 1, 2, 3, 4], 6));
    assert_eq!(list(&owner().to_string(), "", 100, true), (vec![6, 5, 4, 3, 2, 1], 6));
}

#[test]
fn bids_and_leases_are_listed_by_provider_owner_and_state() {
    let net = market();
    let bids = |owner: &str, provider: &str, state: &str| {
        let filters =
            BidFilters { owner: owner.into(), provider: provider.into(), state: state.into(), ..BidFilters::default() };
        let request = QueryBidsRequest { filters: Some(filters), pagination: page(2, &[]) };
        let answer: QueryBidsResponse = net.query("/akash.market.v1beta5.Query/Bids", &request).unwrap();
        assert!(answer.bids.iter().all(|bid| bid.escrow_account.as_ref().is_some_and(|account| account.id.is_some())));
        answer.pagination.unwrap().total
    };
    let (me, p1, p2) = (owner().to_string(), account("p1").to_string(), account("p2").to_string());
    assert_eq!(bids("", "", ""), 6);
    assert_eq!(bids(&me, "", ""), 6);
    assert_eq!(bids("", &p1, ""), 5);
    assert_eq!(bids("", &p1, "open"), 2);
    assert_eq!(bids(&me, &p1, "active"), 2);
    assert_eq!(bids("", &p2, "open"), 0);
    assert_eq!(bids("", "", "closed"), 1);

    let leases = |provider: &str, state: &str, dseq| {
        let filters = LeaseFilters {
            provider: provider.into(),
            state: state.into(),
            owner: me.clone(),
            dseq,
            ..LeaseFilters::default()
        };
        let request = QueryLeasesRequest { filters: Some(filters), pagination: None };
        let answer: QueryLeasesResponse = net.query("/akash.market.v1beta5.Query/Leases", &request).unwrap();
        assert!(answer.leases.iter().all(|lease| lease.escrow_payment.as_ref().is_some_and(|paid| paid.id.is_some())));
        answer.pagination.unwrap().total
    };
    assert_eq!(leases("", "", 0), 3);
    assert_eq!(leases(&p1, "active", 0), 2);
    assert_eq!(leases(&p1, "", 2), 1);
    assert_eq!(leases(&p2, "closed", 0), 0);
}

#[test]
fn escrow_is_listed_by_state_and_by_parts_of_the_id() {
    let mut net = market();
    net.deploy(12, "100uact", "500000uact").unwrap();
    net.deploy(123, "100uact", "500000uact").unwrap();
    net.end_block();
    let accounts = |state: &str, xid: String| {
        let request = QueryAccountsRequest { state: state.into(), xid, pagination: None };
        let answer: QueryAccountsResponse = net.query("/akash.escrow.v1.Query/Accounts", &request).unwrap();
        answer.pagination.unwrap().total
    };
    let me = owner();
    assert_eq!(accounts("", String::new()), 8 + 6);
    assert_eq!(accounts("open", format!("deployment/{me}")), 7);
    assert_eq!(accounts("open", format!("bid/{me}")), 5);
    assert_eq!(accounts("", format!("{me}/12")), 1, "12 is not the beginning of 123");
    assert_eq!(accounts("", bid(5, "p1").to_string()), 1);

    let payments = |state: &str, xid: String| {
        let request = QueryPaymentsRequest { state: state.into(), xid, pagination: None };
        let answer: QueryPaymentsResponse = net.query("/akash.escrow.v1.Query/Payments", &request).unwrap();
        answer.pagination.unwrap().total
    };
    assert_eq!(payments("open", String::new()), 3);
    assert_eq!(payments("", format!("{me}/2")), 1);
    assert_eq!(payments("", format!("bid/{me}/2")), 0, "a bid's deposit pays nobody");
    assert_eq!(payments("closed", String::new()), 0);
    let of_lease = lease(2, "p1");
    assert_eq!(payments("", format!("{of_lease}/0")), 1);
    let request = QueryPaymentsRequest { xid: format!("{of_lease}/0/0"), ..QueryPaymentsRequest::default() };
    assert!(net.query::<_, QueryPaymentsResponse>("/akash.escrow.v1.Query/Payments", &request).is_err());
    let request = QueryPaymentsRequest { xid: "x/y".into(), ..QueryPaymentsRequest::default() };
    assert!(net.query::<_, QueryPaymentsResponse>("/akash.escrow.v1.Query/Payments", &request).is_err());
}

#[test]
fn single_objects_are_found_or_not() {
    let mut net = market();
    let id = |dseq| Some(DeploymentId::new(owner(), dseq).into());
    let path = "/akash.deployment.v1beta4.Query/Deployment";
    let found: QueryDeploymentResponse = net.query(path, &QueryDeploymentRequest { id: id(1) }).unwrap();
    assert_eq!(found.escrow_account.unwrap().state.unwrap().funds.len(), 1);
    let missing = net.query::<_, QueryDeploymentResponse>(path, &QueryDeploymentRequest { id: id(9) }).unwrap_err();
    assert_eq!((missing.grpc_code, missing.text.as_str()), (GrpcCode::NotFound, "Deployment not found"));

    let group = QueryGroupRequest { id: Some(group_of(1).into()) };
    let found: QueryGroupResponse = net.query("/akash.deployment.v1beta4.Query/Group", &group).unwrap();
    assert_eq!(found.group.unwrap().group_spec.unwrap().name, "group0");
    let request = QueryOrderRequest { id: Some(order(1).into()) };
    let found: QueryOrderResponse = net.query("/akash.market.v1beta5.Query/Order", &request).unwrap();
    assert_eq!(found.order.unwrap().id, Some(order(1).into()));
    let request = QueryBidRequest { id: Some(bid(1, "p1").into()) };
    let found: QueryBidResponse = net.query("/akash.market.v1beta5.Query/Bid", &request).unwrap();
    assert_eq!(found.bid.unwrap().id, Some(bid(1, "p1").into()));
    let request = QueryLeaseRequest { id: Some(lease(1, "p1").into()) };
    let found: QueryLeaseResponse = net.query("/akash.market.v1beta5.Query/Lease", &request).unwrap();
    let payment = found.escrow_payment.unwrap().id.unwrap();
    assert_eq!(payment.aid.unwrap().xid, format!("{}/1", owner()));
    assert_eq!(payment.xid, format!("1/1/{}", account("p1")));

    let found: QueryParamsResponse =
        net.query("/akash.deployment.v1beta4.Query/Params", &QueryParamsRequest {}).unwrap();
    assert_eq!(found.params.unwrap().min_deposits.len(), 2);
    let request = akash_proto::akash::market::v1beta5::QueryParamsRequest {};
    let found: akash_proto::akash::market::v1beta5::QueryParamsResponse =
        net.query("/akash.market.v1beta5.Query/Params", &request).unwrap();
    assert_eq!(found.params.unwrap().order_max_bids, 20);
    let request = ext::market::v1::QueryParamsRequest {};
    let found: ext::market::v1::QueryParamsResponse = net.query("/akash.ext.market.v1.Query/Params", &request).unwrap();
    assert!(found.params.unwrap().order_max_bids_per_provider > 0);
    net.set_grace(7);
    net.end_block();
    let request = ext::escrow::v1::QueryParamsRequest {};
    let found: ext::escrow::v1::QueryParamsResponse = net.query("/akash.ext.escrow.v1.Query/Params", &request).unwrap();
    assert_eq!(found.params.unwrap().grace_period_blocks, 7);
}

#[test]
fn sequence_of_a_bid_is_a_filter() {
    let net = market();
    for (bseq, expected) in [(0, 1), (1, 0)] {
        let filters = BidFilters { owner: owner().to_string(), dseq: 5, bseq, ..Default::default() };
        let request = QueryBidsRequest { filters: Some(filters), pagination: None };
        let found: QueryBidsResponse = net.query("/akash.market.v1beta5.Query/Bids", &request).unwrap();
        assert_eq!(found.bids.len(), expected, "bseq {bseq}");
    }
}

#[test]
fn providers_and_certificates_are_listed() {
    let mut net = Testnet::new();
    let list = QueryProvidersRequest { pagination: page(3, &[]) };
    let found: QueryProvidersResponse = net.query("/akash.provider.v1beta4.Query/Providers", &list).unwrap();
    assert_eq!((found.providers.len(), found.pagination.unwrap().total), (3, 4));
    let request = QueryProviderRequest { owner: account("p1").to_string() };
    let found: QueryProviderResponse = net.query("/akash.provider.v1beta4.Query/Provider", &request).unwrap();
    assert_eq!(found.provider.unwrap().host_uri, "https://p1.example.com:8443");
    let request = QueryProviderRequest { owner: owner().to_string() };
    let path = "/akash.provider.v1beta4.Query/Provider";
    assert!(net.query::<_, QueryProviderResponse>(path, &request).is_err());

    let valid = Validity { not_before: 1_700_000_000, not_after: 1_800_000_000 };
    let mut serials = Vec::new();
    for _ in 0..2 {
        let made = generate(&owner(), &[], valid).unwrap();
        let message = MsgCreateCertificate {
            owner: owner().to_string(),
            cert: made.cert_pem.into_bytes(),
            pubkey: made.pubkey_pem.into_bytes(),
        };
        net.send(&message).unwrap();
        serials.push(made.serial.to_string());
    }
    let id = akash_proto::akash::cert::v1::Id { owner: owner().to_string(), serial: serials[0].clone() };
    net.send(&MsgRevokeCertificate { id: Some(id) }).unwrap();
    net.end_block();
    let certificates = |owner: String, serial: &str, state: &str| {
        let filter = Some(CertificateFilter { owner, serial: serial.into(), state: state.into() });
        let request = QueryCertificatesRequest { filter, pagination: None };
        let answer: QueryCertificatesResponse = net.query("/akash.cert.v1.Query/Certificates", &request).unwrap();
        answer.certificates.into_iter().map(|entry| entry.serial).collect::<Vec<_>>()
    };
    let me = owner().to_string();
    assert_eq!(certificates(me.clone(), "", "").len(), 2);
    assert_eq!(certificates(me.clone(), "", "valid"), [serials[1].clone()]);
    assert_eq!(certificates(me.clone(), &serials[0], ""), [serials[0].clone()]);
    assert_eq!(certificates(me, &serials[0], "valid"), Vec::<String>::new());
    assert_eq!(certificates(String::new(), &serials[0], "revoked"), [serials[0].clone()]);
}
