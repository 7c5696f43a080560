//! Reads from the chain what a deployment's decision needs.

use akash_proto::akash::deployment::v1::deployment::State as DeploymentState;
use akash_proto::akash::deployment::v1beta4::QueryDeploymentResponse;
use akash_proto::akash::market::v1::{LeaseClosedReason, LeaseFilters, lease::State as LeaseState};
use akash_proto::akash::market::v1beta5::{BidFilters, OrderFilters};
use akash_types::coin::DecCoin;
use akash_types::id::{BidId, DeploymentId, LeaseId, OrderId};

use super::facts::{Facts, Offer, OpenOrder, Presence, ServiceFact, StandingLease, Waited};
use crate::gateway::Identity;
use crate::{Client, ClientError};

impl Client {
    /// Everything on chain that concerns one deployment. Gateways are not asked.
    pub(super) async fn deploy_facts(&self, id: &DeploymentId, identity: &Identity) -> Result<Facts, ClientError> {
        let mut facts = Facts {
            deployment: presence(self.deployment(id).await?),
            orders: Vec::new(),
            leases: Vec::new(),
            ended: None,
            certified: false,
            waited: Waited::default(),
        };
        if matches!(facts.deployment, Presence::Active { .. }) {
            facts.certified = self.has_certificate(identity).await?;
            self.add_leases(id, &mut facts).await?;
            self.add_orders(id, &mut facts).await?;
        }
        Ok(facts)
    }

    async fn add_leases(&self, id: &DeploymentId, facts: &mut Facts) -> Result<(), ClientError> {
        let filters = LeaseFilters { owner: id.owner.to_string(), dseq: id.dseq, ..LeaseFilters::default() };
        let leases = self.leases(filters).await?.into_iter().filter_map(|found| found.lease);
        let mut ended_on = 0;
        for lease in leases {
            let Some(lease_id) = lease.id.as_ref().and_then(|id| LeaseId::try_from(id).ok()) else { continue };
            if matches!(lease.state(), LeaseState::Active | LeaseState::Reclaiming) {
                facts.leases.push(StandingLease { id: lease_id, status: ServiceFact::Unknown("not asked yet".into()) });
            } else if lease.closed_on >= ended_on {
                ended_on = lease.closed_on;
                facts.ended = Some(reason_text(lease.reason()));
            }
        }
        Ok(())
    }

    async fn add_orders(&self, id: &DeploymentId, facts: &mut Facts) -> Result<(), ClientError> {
        let (owner, dseq) = (id.owner.to_string(), id.dseq);
        let filters = OrderFilters { owner: owner.clone(), dseq, state: "open".into(), ..OrderFilters::default() };
        let orders = self.orders(filters).await?;
        if orders.is_empty() {
            return Ok(());
        }
        let filters = BidFilters { owner, dseq, state: "open".into(), ..BidFilters::default() };
        let bids = self.bids(filters).await?.into_iter().filter_map(|found| found.bid);
        let offers: Vec<Offer> = bids
            .filter_map(|bid| {
                let price = DecCoin::try_from(bid.price.as_ref()?).ok()?;
                Some(Offer { bid: BidId::try_from(bid.id.as_ref()?).ok()?, price })
            })
            .collect();
        for order in orders {
            let Some(id) = order.id.as_ref().and_then(|id| OrderId::try_from(id).ok()) else { continue };
            let offers = offers.iter().filter(|offer| offer.bid.order == id).cloned().collect();
            facts.orders.push(OpenOrder { id, offers });
        }
        Ok(())
    }
}

fn presence(found: Option<QueryDeploymentResponse>) -> Presence {
    let Some(found) = found else { return Presence::Absent };
    let Some(deployment) = found.deployment else { return Presence::Absent };
    if deployment.state() != DeploymentState::Active {
        return Presence::Closed;
    }
    let groups = found.groups.iter().filter_map(|group| group.id.as_ref()).map(|id| id.gseq).collect();
    Presence::Active { hash: hex::encode(&deployment.hash), groups }
}

/// A reason in words.
#[must_use]
pub fn reason_text(reason: LeaseClosedReason) -> String {
    match reason {
        LeaseClosedReason::LeaseClosedInvalid => "no reason was given",
        LeaseClosedReason::LeaseClosedOwner => "its owner closed it",
        LeaseClosedReason::Unstable => "the workload was unstable",
        LeaseClosedReason::Decommission => "the provider is being taken down",
        LeaseClosedReason::Unspecified => "the provider closed it without a reason",
        LeaseClosedReason::ManifestTimeout => "the provider got no manifest in time",
        LeaseClosedReason::InsufficientFunds => "the escrow ran dry",
    }
    .to_owned()
}
