//! Typed queries over gRPC. A record that is not there is `None`; any other failure is an error, and one without an
//! answer is [`ClientError::is_unknown`].

use akash_proto::akash::cert::v1 as cert;
use akash_proto::akash::deployment::v1beta4 as deployment;
use akash_proto::akash::market::{v1 as market_v1, v1beta5 as market};
use akash_proto::akash::provider::v1beta4 as provider;
use akash_proto::cosmos::auth::v1beta1 as auth;
use akash_proto::cosmos::bank::v1beta1 as bank;
use akash_proto::cosmos::base::node::v1beta1 as node;
use akash_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use akash_proto::cosmos::tx::v1beta1 as tx;
use akash_proto::cosmos::vesting::v1beta1 as vesting;
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins, DecCoins};
use akash_types::id::{BidId, DeploymentId, GroupId, LeaseId, OrderId};
use akash_types::num::Int;
use prost::Message;
use prost_types::Any;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request};
use tonic_prost::ProstCodec;

use crate::error::{Refusal, WRONG_SEQUENCE};
use crate::{Client, ClientError};

const PAGE: u64 = 100;
/// Longest list that is read to its end.
const MAX_PAGES: usize = 1000;

impl Client {
    /// The account of an address; `None` when it never received anything.
    pub async fn account(&self, address: &Address) -> Result<Option<auth::BaseAccount>, ClientError> {
        let request = auth::QueryAccountRequest { address: address.to_string() };
        let answer: Option<auth::QueryAccountResponse> =
            self.find("/cosmos.auth.v1beta1.Query/Account", request).await?;
        let Some(any) = answer.and_then(|answer| answer.account) else { return Ok(None) };
        let account = base_account(&any).map_err(|error| self.unreadable(error.to_string()))?;
        account.map(Some).ok_or_else(|| self.unreadable(format!("{address} is an account of type {}", any.type_url)))
    }

    /// Least price of a unit of gas that the node takes, in any of these coins; empty for none.
    pub async fn min_gas_prices(&self) -> Result<DecCoins, ClientError> {
        let answer: node::ConfigResponse =
            self.ask("/cosmos.base.node.v1beta1.Service/Config", node::ConfigRequest {}).await?;
        let prices = answer.minimum_gas_price;
        if prices.is_empty() {
            return Ok(DecCoins::default());
        }
        prices.parse().map_err(|_| self.unreadable(format!("{prices:?} are no prices of gas")))
    }

    pub async fn balance(&self, address: &Address, denom: &str) -> Result<Int, ClientError> {
        let request = bank::QueryBalanceRequest { address: address.to_string(), denom: denom.to_owned() };
        let answer: bank::QueryBalanceResponse = self.ask("/cosmos.bank.v1beta1.Query/Balance", request).await?;
        let coin = answer.balance.unwrap_or_default();
        coin.amount.parse().map_err(|_| self.unreadable(format!("{:?} is not an amount", coin.amount)))
    }

    /// Everything an address holds.
    pub async fn balances(&self, address: &Address) -> Result<Coins, ClientError> {
        let coins = self.all("/cosmos.bank.v1beta1.Query/AllBalances", |pagination| bank::QueryAllBalancesRequest {
            address: address.to_string(),
            pagination,
            ..Default::default()
        });
        let coins = coins.await?.into_iter().map(|coin| Coin::try_from(&coin));
        let coins: Result<Vec<Coin>, _> = coins.collect();
        coins.and_then(Coins::from_vec).map_err(|error| self.unreadable(error.to_string()))
    }

    /// Gas that a transaction would use now. `tx` needs empty signatures only.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with the chain's codes when it would fail.
    pub async fn simulate(&self, tx: &[u8]) -> Result<u64, ClientError> {
        let request = tx::SimulateRequest { tx_bytes: tx.to_vec(), ..Default::default() };
        match self.ask::<_, tx::SimulateResponse>("/cosmos.tx.v1beta1.Service/Simulate", request).await {
            Ok(answer) => Ok(answer.gas_info.unwrap_or_default().gas_used),
            Err(ClientError::Call { text, .. }) => {
                // gRPC has no room for the codes. If the newest block has nothing against it, the mempool has: another
                // transaction of this account is on its way, and after it the sequence is another one.
                let waiting = || Refusal { codespace: "sdk".to_owned(), code: WRONG_SEQUENCE, log: text };
                Err(self.rpc.simulated_refusal(tx).await?.unwrap_or_else(waiting).into())
            }
            Err(error) => Err(error),
        }
    }

    pub async fn deployment(
        &self,
        id: &DeploymentId,
    ) -> Result<Option<deployment::QueryDeploymentResponse>, ClientError> {
        let request = deployment::QueryDeploymentRequest { id: Some(id.into()) };
        self.find("/akash.deployment.v1beta4.Query/Deployment", request).await
    }

    /// `state` is `active`, `closed`, or empty for all.
    pub async fn deployments(
        &self,
        owner: &Address,
        state: &str,
    ) -> Result<Vec<deployment::QueryDeploymentResponse>, ClientError> {
        let filters = deployment::DeploymentFilters { owner: owner.to_string(), dseq: 0, state: state.to_owned() };
        self.all("/akash.deployment.v1beta4.Query/Deployments", |pagination| deployment::QueryDeploymentsRequest {
            filters: Some(filters.clone()),
            pagination,
        })
        .await
    }

    pub async fn group(&self, id: &GroupId) -> Result<Option<deployment::Group>, ClientError> {
        let request = deployment::QueryGroupRequest { id: Some(id.into()) };
        let answer: Option<deployment::QueryGroupResponse> =
            self.find("/akash.deployment.v1beta4.Query/Group", request).await?;
        Ok(answer.and_then(|answer| answer.group))
    }

    pub async fn deployment_params(&self) -> Result<deployment::Params, ClientError> {
        let request = deployment::QueryParamsRequest {};
        let answer: deployment::QueryParamsResponse =
            self.ask("/akash.deployment.v1beta4.Query/Params", request).await?;
        Ok(answer.params.unwrap_or_default())
    }

    pub async fn market_params(&self) -> Result<market::Params, ClientError> {
        let request = market::QueryParamsRequest {};
        let answer: market::QueryParamsResponse = self.ask("/akash.market.v1beta5.Query/Params", request).await?;
        Ok(answer.params.unwrap_or_default())
    }

    pub async fn order(&self, id: &OrderId) -> Result<Option<market::Order>, ClientError> {
        let request = market::QueryOrderRequest { id: Some(id.into()) };
        let answer: Option<market::QueryOrderResponse> =
            self.find("/akash.market.v1beta5.Query/Order", request).await?;
        Ok(answer.and_then(|answer| answer.order))
    }

    pub async fn orders(&self, filters: market::OrderFilters) -> Result<Vec<market::Order>, ClientError> {
        self.all("/akash.market.v1beta5.Query/Orders", |pagination| market::QueryOrdersRequest {
            filters: Some(filters.clone()),
            pagination,
        })
        .await
    }

    pub async fn bid(&self, id: &BidId) -> Result<Option<market::QueryBidResponse>, ClientError> {
        let request = market::QueryBidRequest { id: Some(id.into()) };
        self.find("/akash.market.v1beta5.Query/Bid", request).await
    }

    pub async fn bids(&self, filters: market::BidFilters) -> Result<Vec<market::QueryBidResponse>, ClientError> {
        self.all("/akash.market.v1beta5.Query/Bids", |pagination| market::QueryBidsRequest {
            filters: Some(filters.clone()),
            pagination,
        })
        .await
    }

    pub async fn lease(&self, id: &LeaseId) -> Result<Option<market::QueryLeaseResponse>, ClientError> {
        let request = market::QueryLeaseRequest { id: Some(id.into()) };
        self.find("/akash.market.v1beta5.Query/Lease", request).await
    }

    pub async fn leases(
        &self,
        filters: market_v1::LeaseFilters,
    ) -> Result<Vec<market::QueryLeaseResponse>, ClientError> {
        self.all("/akash.market.v1beta5.Query/Leases", |pagination| market::QueryLeasesRequest {
            filters: Some(filters.clone()),
            pagination,
        })
        .await
    }

    pub async fn provider(&self, owner: &Address) -> Result<Option<provider::Provider>, ClientError> {
        let request = provider::QueryProviderRequest { owner: owner.to_string() };
        let answer: Option<provider::QueryProviderResponse> =
            self.find("/akash.provider.v1beta4.Query/Provider", request).await?;
        Ok(answer.and_then(|answer| answer.provider))
    }

    /// Certificates of an owner, with serials in decimal; `state` is `valid`, `revoked`, or empty for all.
    pub async fn certificates(
        &self,
        owner: &Address,
        serial: &str,
        state: &str,
    ) -> Result<Vec<cert::CertificateResponse>, ClientError> {
        let filter =
            cert::CertificateFilter { owner: owner.to_string(), serial: serial.to_owned(), state: state.to_owned() };
        self.all("/akash.cert.v1.Query/Certificates", |pagination| cert::QueryCertificatesRequest {
            filter: Some(filter.clone()),
            pagination,
        })
        .await
    }

    /// One query by its gRPC path.
    ///
    /// # Errors
    /// [`ClientError::Call`] when the node refused it, otherwise no usable answer came.
    pub async fn ask<Q, R>(&self, path: &'static str, request: Q) -> Result<R, ClientError>
    where
        Q: Message + 'static,
        R: Message + Default + 'static,
    {
        let Some(channel) = self.grpc.clone() else {
            let answer = self.rpc.query(path, &request.encode_to_vec(), 0).await?;
            return R::decode(&*answer).map_err(|error| self.rpc.malformed(format!("{path}: {error}")));
        };
        let endpoint = || self.endpoints.grpc.clone();
        let mut grpc = Grpc::new(channel).max_decoding_message_size(16 << 20);
        let unreachable = |reason: String| ClientError::Unreachable { endpoint: endpoint(), reason };
        grpc.ready().await.map_err(|error| unreachable(innermost(&error)))?;
        let codec = ProstCodec::<Q, R>::default();
        match grpc.unary(Request::new(request), PathAndQuery::from_static(path), codec).await {
            Ok(response) => Ok(response.into_inner()),
            Err(status) => Err(match status.code() {
                Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => {
                    unreachable(status.message().to_owned())
                }
                code => {
                    ClientError::Call { what: path.to_owned(), code: code as i32, text: status.message().to_owned() }
                }
            }),
        }
    }

    async fn find<Q, R>(&self, path: &'static str, request: Q) -> Result<Option<R>, ClientError>
    where
        Q: Message + 'static,
        R: Message + Default + 'static,
    {
        match self.ask(path, request).await {
            Ok(answer) => Ok(Some(answer)),
            Err(ClientError::Call { code, .. }) if code == Code::NotFound as i32 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All pages of a list.
    async fn all<Q, L>(
        &self,
        path: &'static str,
        request: impl Fn(Option<PageRequest>) -> Q,
    ) -> Result<Vec<L::Entry>, ClientError>
    where
        Q: Message + Paged<List = L> + 'static,
        L: List,
    {
        let (mut entries, mut key) = (Vec::new(), Vec::new());
        for _ in 0..MAX_PAGES {
            let page = PageRequest { key, limit: PAGE, ..PageRequest::default() };
            let (found, next) = self.ask::<Q, L>(path, request(Some(page))).await?.into_parts();
            entries.extend(found);
            key = next.unwrap_or_default().next_key;
            if key.is_empty() {
                return Ok(entries);
            }
        }
        Err(self.unreadable(format!("{path} has more than {MAX_PAGES} pages")))
    }

    fn unreadable(&self, reason: String) -> ClientError {
        ClientError::Malformed { endpoint: self.endpoints.grpc.clone(), reason }
    }
}

/// What every kind of account has inside; `None` for a kind that is not known.
fn base_account(any: &Any) -> Result<Option<auth::BaseAccount>, prost::DecodeError> {
    let bytes = &*any.value;
    let vesting_base = |account: Option<vesting::BaseVestingAccount>| account.and_then(|base| base.base_account);
    Ok(match any.type_url.trim_start_matches('/') {
        "cosmos.auth.v1beta1.BaseAccount" => Some(auth::BaseAccount::decode(bytes)?),
        "cosmos.auth.v1beta1.ModuleAccount" => auth::ModuleAccount::decode(bytes)?.base_account,
        "cosmos.vesting.v1beta1.BaseVestingAccount" => vesting::BaseVestingAccount::decode(bytes)?.base_account,
        "cosmos.vesting.v1beta1.ContinuousVestingAccount" => {
            vesting_base(vesting::ContinuousVestingAccount::decode(bytes)?.base_vesting_account)
        }
        "cosmos.vesting.v1beta1.DelayedVestingAccount" => {
            vesting_base(vesting::DelayedVestingAccount::decode(bytes)?.base_vesting_account)
        }
        "cosmos.vesting.v1beta1.PeriodicVestingAccount" => {
            vesting_base(vesting::PeriodicVestingAccount::decode(bytes)?.base_vesting_account)
        }
        "cosmos.vesting.v1beta1.PermanentLockedAccount" => {
            vesting_base(vesting::PermanentLockedAccount::decode(bytes)?.base_vesting_account)
        }
        _ => None,
    })
}

/// The deepest cause: transport errors name the reason last.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}

/// A request for a list.
trait Paged {
    type List;
}

/// An answer with one page of a list.
trait List: Message + Default + 'static {
    type Entry;

    fn into_parts(self) -> (Vec<Self::Entry>, Option<PageResponse>);
}

macro_rules! lists {
    ($($request:ty => $response:ty { $field:ident: $entry:ty })*) => { $(
        impl Paged for $request {
            type List = $response;
        }
        impl List for $response {
            type Entry = $entry;

            fn into_parts(self) -> (Vec<$entry>, Option<PageResponse>) {
                (self.$field, self.pagination)
            }
        }
    )* };
}

lists! {
    bank::QueryAllBalancesRequest => bank::QueryAllBalancesResponse {
        balances: akash_proto::cosmos::base::v1beta1::Coin
    }
    deployment::QueryDeploymentsRequest => deployment::QueryDeploymentsResponse {
        deployments: deployment::QueryDeploymentResponse
    }
    market::QueryOrdersRequest => market::QueryOrdersResponse { orders: market::Order }
    market::QueryBidsRequest => market::QueryBidsResponse { bids: market::QueryBidResponse }
    market::QueryLeasesRequest => market::QueryLeasesResponse { leases: market::QueryLeaseResponse }
    cert::QueryCertificatesRequest => cert::QueryCertificatesResponse { certificates: cert::CertificateResponse }
}
