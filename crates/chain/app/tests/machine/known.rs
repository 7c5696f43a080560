//! What a client finds on the chain: the things that steps pick from.

use std::cell::OnceCell;

use akash_app::AppView;
use akash_proto::akash::deployment::v1beta4 as deployment;
use akash_proto::akash::market::v1 as market_v1;
use akash_proto::akash::market::v1beta5 as market;
use akash_proto::cosmos::base::query::v1beta1::PageRequest;
use akash_types::id::{BidId, DeploymentId, GroupId, LeaseId, OrderId};
use prost::Message;

/// Of each kind, at most; clients do not read everything either.
const PAGE: u64 = 200;

/// Live things, as of the last block, each kind read when something of it is picked. Deployments and leases also
/// contain some that ended.
#[derive(Default)]
pub struct Known {
    view: Option<AppView>,
    deployments: OnceCell<Deployments>,
    orders: OnceCell<Vec<OrderId>>,
    bids: OnceCell<Vec<BidId>>,
    leases: OnceCell<Vec<LeaseId>>,
}

#[derive(Default)]
struct Deployments {
    ids: Vec<DeploymentId>,
    groups: Vec<GroupId>,
    paused: Vec<GroupId>,
}

impl Known {
    pub fn new(view: AppView) -> Self {
        Self { view: Some(view), ..Self::default() }
    }

    pub fn deployments(&self) -> &[DeploymentId] {
        &self.deployments.get_or_init(|| self.read_deployments()).ids
    }

    pub fn groups(&self) -> &[GroupId] {
        &self.deployments.get_or_init(|| self.read_deployments()).groups
    }

    pub fn paused_groups(&self) -> &[GroupId] {
        &self.deployments.get_or_init(|| self.read_deployments()).paused
    }

    pub fn orders(&self) -> &[OrderId] {
        self.orders.get_or_init(|| {
            let filters = market::OrderFilters { state: "open".into(), ..Default::default() };
            let request = market::QueryOrdersRequest { filters: Some(filters), pagination: page("open") };
            let answer: market::QueryOrdersResponse = self.ask("/akash.market.v1beta5.Query/Orders", &request);
            answer.orders.iter().map(|o| o.id.as_ref().unwrap().try_into().unwrap()).collect()
        })
    }

    pub fn bids(&self) -> &[BidId] {
        self.bids.get_or_init(|| {
            let filters = market::BidFilters { state: "open".into(), ..Default::default() };
            let request = market::QueryBidsRequest { filters: Some(filters), pagination: page("open") };
            let answer: market::QueryBidsResponse = self.ask("/akash.market.v1beta5.Query/Bids", &request);
            answer.bids.iter().map(|b| b.bid.as_ref().unwrap().id.as_ref().unwrap().try_into().unwrap()).collect()
        })
    }

    pub fn leases(&self) -> &[LeaseId] {
        self.leases.get_or_init(|| {
            let mut leases = Vec::new();
            for state in ["active", "closed"] {
                let filters = market_v1::LeaseFilters { state: state.into(), ..Default::default() };
                let request = market::QueryLeasesRequest { filters: Some(filters), pagination: page(state) };
                let answer: market::QueryLeasesResponse = self.ask("/akash.market.v1beta5.Query/Leases", &request);
                let found = answer.leases.iter().map(|l| l.lease.as_ref().unwrap().id.as_ref().unwrap());
                leases.extend(found.map(|id| LeaseId::try_from(id).unwrap()));
            }
            leases
        })
    }

    fn read_deployments(&self) -> Deployments {
        let mut known = Deployments::default();
        for state in ["active", "closed"] {
            let filters = deployment::DeploymentFilters { state: state.into(), ..Default::default() };
            let request = deployment::QueryDeploymentsRequest { filters: Some(filters), pagination: page(state) };
            let answer: deployment::QueryDeploymentsResponse =
                self.ask("/akash.deployment.v1beta4.Query/Deployments", &request);
            for found in answer.deployments {
                known.ids.push(found.deployment.unwrap().id.as_ref().unwrap().try_into().unwrap());
                for group in found.groups {
                    let id = GroupId::try_from(group.id.as_ref().unwrap()).unwrap();
                    if group.state() == deployment::group::State::Paused {
                        known.paused.push(id.clone());
                    }
                    known.groups.push(id);
                }
            }
        }
        known
    }

    /// Nothing is known before the first block.
    fn ask<Q: Message, R: Message + Default>(&self, path: &str, request: &Q) -> R {
        self.view.as_ref().map_or_else(R::default, |view| ask(view, path, request))
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
