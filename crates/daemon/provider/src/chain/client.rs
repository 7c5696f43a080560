//! The port over a real node, through `akash-client`.

use std::collections::BTreeMap;

use akash_client::{Client, ClientError, Follower};
use akash_proto::akash::audit::v1::{QueryProviderAttributesRequest, QueryProvidersResponse};
use akash_proto::akash::base::attributes::v1::Attribute;
use akash_proto::akash::market::v1 as market_v1;
use akash_proto::akash::market::v1beta5 as market;
use akash_types::address::Address;
use akash_types::coin::Coin;
use akash_types::id::{BidId, DeploymentId, LeaseId, OrderId};
use async_trait::async_trait;
use futures::StreamExt;

use super::view::{BidState, CertificateView, DeploymentView, LeaseView, OrderView, ProviderView};
use super::{Account, Answer, BlockEvents, BlockStream, Chain, ChainError, Head, Simulated, Verdict};

/// gRPC's "unimplemented" and "not found": a chain without the audit module has no signatures.
const GRPC_NOT_FOUND: i32 = 5;
const GRPC_UNIMPLEMENTED: i32 = 12;
const CERT_VALID: i32 = akash_proto::akash::cert::v1::State::Valid as i32;

/// A node as an outsider sees it.
#[derive(Clone)]
pub struct ClientChain(Client);

impl ClientChain {
    pub const fn new(client: Client) -> Self {
        Self(client)
    }

    async fn leases(&self, filters: market_v1::LeaseFilters) -> Answer<Vec<LeaseView>> {
        let mut live = Vec::new();
        for state in ["active", "reclaiming"] {
            let filters = market_v1::LeaseFilters { state: state.to_owned(), ..filters.clone() };
            for answer in self.0.leases(filters).await? {
                live.push(LeaseView::try_from(answer.lease.ok_or_else(|| missing("lease"))?)?);
            }
        }
        Ok(live)
    }
}

impl From<ClientError> for ChainError {
    fn from(error: ClientError) -> Self {
        Self(error.to_string())
    }
}

fn missing(what: &str) -> ChainError {
    ChainError(format!("the node answered without the {what}"))
}

fn verdict(refusal: akash_client::error::Refusal) -> Verdict {
    Verdict { codespace: refusal.codespace, code: refusal.code, log: refusal.log }
}

#[async_trait]
impl Chain for ClientChain {
    async fn head(&self) -> Answer<Head> {
        let status = self.0.rpc().status().await?;
        Ok(Head { chain_id: status.chain_id, height: status.height, catching_up: status.catching_up })
    }

    async fn provider(&self, owner: &Address) -> Answer<Option<ProviderView>> {
        let provider = self.0.provider(owner).await?;
        Ok(provider.map(|provider| ProviderView { host_uri: provider.host_uri, attributes: provider.attributes }))
    }

    async fn audited(&self, provider: &Address) -> Answer<BTreeMap<String, Vec<Attribute>>> {
        let request = QueryProviderAttributesRequest { owner: provider.to_string(), ..Default::default() };
        let asked = self.0.ask("/akash.audit.v1.Query/ProviderAttributes", request).await;
        let answer: QueryProvidersResponse = match asked {
            Err(ClientError::Call { code: GRPC_NOT_FOUND | GRPC_UNIMPLEMENTED, .. }) => return Ok(BTreeMap::new()),
            answer => answer?,
        };
        Ok(answer.providers.into_iter().map(|signed| (signed.auditor, signed.attributes)).collect())
    }

    async fn bid_deposits(&self) -> Answer<Vec<Coin>> {
        let params = self.0.market_params().await?;
        let coins = params.bid_min_deposits.iter().map(Coin::try_from);
        coins.collect::<Result<_, _>>().map_err(|error| ChainError(error.to_string()))
    }

    async fn open_orders(&self) -> Answer<Vec<OrderView>> {
        let filters = market::OrderFilters { state: "open".to_owned(), ..Default::default() };
        let orders = self.0.orders(filters).await?.into_iter();
        // An order that cannot be read must not hide the others.
        Ok(orders.filter_map(|order| OrderView::try_from(order).ok()).collect())
    }

    async fn order(&self, id: &OrderId) -> Answer<Option<OrderView>> {
        self.0.order(id).await?.map(OrderView::try_from).transpose()
    }

    async fn open_bids(&self, provider: &Address) -> Answer<Vec<BidId>> {
        let filters =
            market::BidFilters { provider: provider.to_string(), state: "open".to_owned(), ..Default::default() };
        let mut bids = Vec::new();
        for answer in self.0.bids(filters).await? {
            let id = answer.bid.and_then(|bid| bid.id);
            bids.push(BidId::try_from(id.as_ref()).map_err(|error| ChainError(error.to_string()))?);
        }
        Ok(bids)
    }

    async fn bid(&self, id: &BidId) -> Answer<Option<BidState>> {
        let Some(answer) = self.0.bid(id).await? else { return Ok(None) };
        BidState::try_from(answer.bid.ok_or_else(|| missing("bid"))?.state).map(Some)
    }

    async fn live_leases(&self, provider: &Address) -> Answer<Vec<LeaseView>> {
        self.leases(market_v1::LeaseFilters { provider: provider.to_string(), ..Default::default() }).await
    }

    async fn leases_of(&self, deployment: &DeploymentId) -> Answer<Vec<LeaseView>> {
        let (owner, dseq) = (deployment.owner.to_string(), deployment.dseq);
        self.leases(market_v1::LeaseFilters { owner, dseq, ..Default::default() }).await
    }

    async fn lease(&self, id: &LeaseId) -> Answer<Option<LeaseView>> {
        let Some(answer) = self.0.lease(id).await? else { return Ok(None) };
        LeaseView::try_from(answer.lease.ok_or_else(|| missing("lease"))?).map(Some)
    }

    async fn deployment(&self, id: &DeploymentId) -> Answer<Option<DeploymentView>> {
        self.0.deployment(id).await?.map(DeploymentView::try_from).transpose()
    }

    async fn certificate(&self, owner: &Address, serial: &str) -> Answer<Option<CertificateView>> {
        let found = self.0.certificates(owner, serial, "").await?.into_iter().find(|found| found.serial == serial);
        let Some(certificate) = found.and_then(|found| found.certificate) else { return Ok(None) };
        Ok(Some(CertificateView {
            valid: certificate.state == CERT_VALID,
            cert_pem: certificate.cert,
            pubkey_pem: certificate.pubkey,
        }))
    }

    async fn account(&self, address: &Address) -> Answer<Option<Account>> {
        let account = self.0.account(address).await?;
        Ok(account.map(|account| Account { number: account.account_number, sequence: account.sequence }))
    }

    async fn simulate(&self, tx: &[u8]) -> Answer<Simulated> {
        match self.0.simulate(tx).await {
            Ok(gas) => Ok(Simulated::Gas(gas)),
            Err(ClientError::Refused(refusal)) => Ok(Simulated::Refused(verdict(refusal))),
            Err(ClientError::Call { code, text, .. }) => {
                let code = u32::try_from(code).unwrap_or(u32::MAX);
                Ok(Simulated::Refused(Verdict { codespace: "grpc".into(), code, log: text }))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn broadcast(&self, tx: &[u8]) -> Answer<Verdict> {
        let answer = self.0.rpc().broadcast_sync(tx).await?;
        Ok(answer.refusal.map_or_else(Verdict::ok, verdict))
    }

    async fn transaction(&self, hash: &[u8; 32]) -> Answer<Option<Verdict>> {
        let found = self.0.rpc().tx(hash).await?;
        Ok(found.map(|result| result.refusal.map_or_else(Verdict::ok, verdict)))
    }

    async fn blocks(&self, from: u64) -> Answer<BlockStream> {
        let from = if from == 0 { self.0.rpc().status().await?.height + 1 } else { from };
        let follower = Follower::new(self.0.clone(), from);
        let blocks = futures::stream::unfold(follower, |mut follower| async move {
            let block = follower.next().await;
            let events = block.events.into_iter().map(|event| (event.kind, event.attributes)).collect();
            Some((Ok(BlockEvents { height: block.height, events }), follower))
        });
        Ok(blocks.boxed())
    }
}
