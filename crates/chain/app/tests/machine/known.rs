//! What a client finds on the chain: the things that steps pick from.

use akash_app::AppView;
use akash_proto::akash::deployment::v1beta4 as deployment;
use akash_proto::akash::market::v1 as market_v1;
use akash_proto::akash::market::v1beta5 as market;
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_types::id::{BidId, DeploymentId, GroupId, LeaseId, OrderId};
use prost::Message;

/// Of each kind, at most; clients do not read everything either.
const PAGE: u64 = 200;

/// Live things, as of the last block. Deployments and leases also contain some that ended.
#[derive(Default)]
pub struct Known {
    pub deployments: Vec<DeploymentId>,
    pub groups: Vec<GroupId>,
    pub orders: Vec<OrderId>,
    pub bids: Vec<BidId>,
    pub leases: Vec<LeaseId>,
}

impl Known {
    pub fn read(view: &AppView) -> Self {
        let mut known = Self::default();
        for state in ["active", "closed"] {
            let filters = deployment::DeploymentFilters { state: state.into(), ..Default::default() };
            let request = deployment::QueryDeploymentsRequest { filters: Some(filters), pagination: page(state) };
            let answer: deployment::QueryDeploymentsResponse =
                ask(view, "/akash.deployment.v1beta4.Query/Deployments", &request);
            for found in answer.deployments {
                let id = found.deployment.unwrap().id.as_ref().unwrap().try_into().unwrap();
                known.deployments.push(id);
                known.groups.extend(found.groups.iter().map(|g| GroupId::try_from(g.id.as_ref().unwrap()).unwrap()));
            }
            let filters = market_v1::LeaseFilters { state: state.into(), ..Default::default() };
            let request = market::QueryLeasesRequest { filters: Some(filters), pagination: page(state) };
            let answer: market::QueryLeasesResponse = ask(view, "/akash.market.v1beta5.Query/Leases", &request);
            let ids = answer.leases.iter().map(|l| l.lease.as_ref().unwrap().id.as_ref().unwrap().try_into().unwrap());
            known.leases.extend(ids);
        }
        let filters = market::OrderFilters { state: "open".into(), ..Default::default() };
        let request = market::QueryOrdersRequest { filters: Some(filters), pagination: page("open") };
        let answer: market::QueryOrdersResponse = ask(view, "/akash.market.v1beta5.Query/Orders", &request);
        known.orders = answer.orders.iter().map(|o| o.id.as_ref().unwrap().try_into().unwrap()).collect();
        let filters = market::BidFilters { state: "open".into(), ..Default::default() };
        let request = market::QueryBidsRequest { filters: Some(filters), pagination: page("open") };
        let answer: market::QueryBidsResponse = ask(view, "/akash.market.v1beta5.Query/Bids", &request);
        let ids = answer.bids.iter().map(|b| b.bid.as_ref().unwrap().id.as_ref().unwrap().try_into().unwrap());
        known.bids = ids.collect();
        known
    }
}

pub fn ask<Q: Message, R: Message + Default>(view: &AppView, path: &str, request: &Q) -> R {
    let answer = view.answer(path, &request.encode_to_vec(), 0).unwrap_or_else(|e| panic!("{path}: {}", e.text));
    R::decode(&*answer.value).unwrap()
}

/// A few of what has ended, and all of what lives.
fn page(state: &str) -> Option<PageRequest> {
    let limit = if state == "closed" { 5 } else { PAGE };
    Some(PageRequest { limit, reverse: state == "closed", ..PageRequest::default() })
}
