//! Pages of lists: what is counted, where they go on, and what a filter costs.

use akash_proto::akash::deployment::v1beta4::{DeploymentFilters, QueryDeploymentsRequest, QueryDeploymentsResponse};
use akash_proto::akash::market::v1beta5::{
    BidFilters, OrderFilters, QueryBidsRequest, QueryBidsResponse, QueryOrdersRequest, QueryOrdersResponse,
};
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_types::id::{BidId, DeploymentId};

use super::testnet::*;

fn orders(net: &Testnet, filters: OrderFilters, pagination: Option<PageRequest>) -> QueryOrdersResponse {
    let request = QueryOrdersRequest { filters: Some(filters), pagination };
    net.query("/akash.market.v1beta5.Query/Orders", &request).unwrap()
}

fn bids(net: &Testnet, filters: BidFilters, pagination: Option<PageRequest>) -> QueryBidsResponse {
    let request = QueryBidsRequest { filters: Some(filters), pagination };
    net.query("/akash.market.v1beta5.Query/Bids", &request).unwrap()
}

fn dseqs(answer: &QueryOrdersResponse) -> Vec<u64> {
    answer.orders.iter().map(|order| order.id.as_ref().unwrap().dseq).collect()
}

/// Deployments 1 to 6 of the owner, 3 and 4 of a stranger too; 1 and 2 are closed.
fn net_of_orders() -> Testnet {
    let mut net = Testnet::new();
    for dseq in 1..=6 {
        net.deploy(dseq, "100uact", "500000uact").unwrap();
        for provider in ["p1", "p2"] {
            net.bid(dseq, provider, "100uact").unwrap();
        }
    }
    for dseq in [3, 4] {
        let mut message = create_deployment(dseq, &["100uact"], "500000uact");
        message.id = Some(DeploymentId::new(account("stranger"), dseq).into());
        net.send(&message).unwrap();
        let order = DeploymentId::new(account("stranger"), dseq).group(1).order(1);
        net.bid_on(&order.bid(account("p1")), "100uact").unwrap();
    }
    for dseq in [1, 2] {
        net.close(dseq).unwrap();
    }
    net.end_block();
    net
}

fn limit(limit: u64) -> Option<PageRequest> {
    Some(PageRequest { limit, count_total: true, ..PageRequest::default() })
}

#[test]
fn default_request_counts() {
    let net = net_of_orders();
    for pagination in [None, Some(PageRequest::default()), limit(2)] {
        let answer = orders(&net, OrderFilters::default(), pagination);
        assert_eq!(answer.pagination.unwrap().total, 8);
    }
    let uncounted = Some(PageRequest { limit: 2, ..PageRequest::default() });
    assert_eq!(orders(&net, OrderFilters::default(), uncounted).pagination.unwrap().total, 0);
}

#[test]
fn totals_are_those_of_the_filter() {
    let net = net_of_orders();
    let of_state = |state: &str| {
        let filters = OrderFilters { state: state.to_owned(), ..OrderFilters::default() };
        orders(&net, filters, limit(1)).pagination.unwrap().total
    };
    assert_eq!((of_state("open"), of_state("closed"), of_state("active")), (6, 2, 0));
    let of_provider = |provider: &str, state: &str| {
        let filters =
            BidFilters { provider: account(provider).to_string(), state: state.to_owned(), ..BidFilters::default() };
        bids(&net, filters, limit(1)).pagination.unwrap().total
    };
    assert_eq!((of_provider("p1", ""), of_provider("p1", "open"), of_provider("p1", "closed")), (8, 6, 2));
    assert_eq!((of_provider("p2", ""), of_provider("p3", "")), (6, 0));
    assert_eq!(bids(&net, BidFilters::default(), limit(1)).pagination.unwrap().total, 14);
}

#[test]
fn a_dseq_is_found_without_its_owner() {
    let net = net_of_orders();
    let filters = |state: &str| OrderFilters { dseq: 3, state: state.to_owned(), ..OrderFilters::default() };
    assert_eq!(dseqs(&orders(&net, filters(""), None)), [3, 3]);
    assert_eq!(dseqs(&orders(&net, filters("open"), None)), [3, 3]);
    assert_eq!(dseqs(&orders(&net, filters("closed"), None)), Vec::<u64>::new());
    let none = OrderFilters { dseq: 99, ..OrderFilters::default() };
    assert_eq!(dseqs(&orders(&net, none, None)), Vec::<u64>::new());

    let filters = BidFilters { dseq: 3, provider: account("p1").to_string(), ..BidFilters::default() };
    let answer = bids(&net, filters, None);
    assert_eq!((answer.bids.len(), answer.pagination.unwrap().total), (2, 2));

    let filters = DeploymentFilters { dseq: 4, ..DeploymentFilters::default() };
    let request = QueryDeploymentsRequest { filters: Some(filters), pagination: None };
    let answer: QueryDeploymentsResponse = net.query("/akash.deployment.v1beta4.Query/Deployments", &request).unwrap();
    assert_eq!(answer.deployments.len(), 2);
}

/// Page by page, in both directions, each row comes once, over several ranges too.
#[test]
fn pages_join_without_gaps() {
    let net = net_of_orders();
    let all_bids = |filters: &BidFilters, reverse: bool| {
        let (mut key, mut found) = (Vec::new(), Vec::new());
        loop {
            let page = PageRequest { key, limit: 1, reverse, ..PageRequest::default() };
            let answer = bids(&net, filters.clone(), Some(page));
            found.extend(answer.bids.iter().map(|bid| BidId::try_from(bid.bid.as_ref().unwrap().id.as_ref()).unwrap()));
            key = answer.pagination.unwrap().next_key;
            if key.is_empty() {
                return found;
            }
        }
    };
    for (filters, expected) in [
        (BidFilters::default(), 14),
        (BidFilters { dseq: 3, ..BidFilters::default() }, 3),
        (BidFilters { dseq: 3, provider: account("p1").to_string(), ..BidFilters::default() }, 2),
        (BidFilters { owner: owner().to_string(), provider: account("p1").to_string(), ..BidFilters::default() }, 6),
        (BidFilters { owner: owner().to_string(), ..BidFilters::default() }, 12),
        (BidFilters { gseq: 1, bseq: 0, ..BidFilters::default() }, 14),
    ] {
        let forwards = all_bids(&filters, false);
        assert_eq!(forwards.len(), expected, "{filters:?}");
        let mut backwards = all_bids(&filters, true);
        backwards.reverse();
        assert_eq!(forwards, backwards, "{filters:?}");
        let at_once = bids(&net, filters.clone(), limit(100));
        assert_eq!(at_once.bids.len(), expected);
        assert_eq!(at_once.pagination.unwrap().total, expected as u64, "{filters:?}");
    }
}

#[test]
fn an_offset_skips_and_excludes_a_key() {
    let net = net_of_orders();
    let filters = OrderFilters { owner: owner().to_string(), ..OrderFilters::default() };
    let page = PageRequest { offset: 2, limit: 2, count_total: true, ..PageRequest::default() };
    let answer = orders(&net, filters.clone(), Some(page.clone()));
    assert_eq!(dseqs(&answer), [3, 4]);
    assert_eq!(answer.pagination.unwrap().total, 6);
    let both = PageRequest { key: vec![1], ..page };
    let request = QueryOrdersRequest { filters: Some(filters), pagination: Some(both) };
    assert!(net.query::<_, QueryOrdersResponse>("/akash.market.v1beta5.Query/Orders", &request).is_err());
}
