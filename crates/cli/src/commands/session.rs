//! What a tenant's command needs: the cloud of the home, a client of its node, the tenant's key and certificate.

use akash_client::gateway::{GatewayError, Identity};
use akash_client::{Client, ClientError, Sender};
use akash_proto::akash::deployment::v1beta4::QueryDeploymentResponse;
use akash_types::address::Address;
use akash_types::coin::DecCoin;
use akash_types::id::DeploymentId;
use anyhow::Result;

use super::keyring::Signer;
use super::online;
use crate::args::AccountFlags;
use crate::cloud::{self, GAS_PRICE, TENANT};
use crate::failure::{Exit, Failure};
use crate::home::Home;

/// Codes of gRPC (invalid argument, not found) and JSON-RPC (invalid parameters, no such height or transaction).
const REFUSED: [i32; 4] = [3, 5, -32_602, -32_603];

pub struct Session {
    pub home: Home,
    pub client: Client,
    /// The account that acts.
    pub tenant: Address,
    signer: Signer,
    gas_prices: Option<String>,
}

impl Session {
    /// Of the account and the node that are meant: by flags, else those of the cloud in this home.
    pub fn open(home: &Home, flags: &AccountFlags) -> Result<Self> {
        let cloud = home.cloud()?;
        let settings = online::settings(home)?;
        let client = match &cloud {
            Some(cloud) if flags.node.is_none() && settings.node.is_empty() => cloud::client_of(cloud)?,
            _ => online::client(home, flags.node.as_deref())?,
        };
        let from = flags.from.clone().unwrap_or(settings.from);
        let from = if from.is_empty() { TENANT.to_owned() } else { from };
        let signer = Signer::new(home, flags.keyring.keyring_backend, &from);
        let (tenant, _) = signer.address_and_public().map_err(|error| match &cloud {
            Some(_) if from == TENANT => {
                let failure = Failure::new(Exit::Config, format!("{error:#}"));
                failure.next("`akash up --reset` makes new keys and starts afresh").into()
            }
            _ => error,
        })?;
        Ok(Self { home: home.clone(), client, tenant, signer, gas_prices: flags.gas_prices.clone() })
    }

    /// Opens the key.
    pub async fn sender(&self) -> Result<Sender> {
        Ok(Sender::new(self.client.clone(), self.signer.key()?, self.gas_price().await?))
    }

    async fn gas_price(&self) -> Result<DecCoin> {
        if let Some(text) = &self.gas_prices {
            let wrong = |error| Failure::new(Exit::Usage, format!("--gas-prices {text:?}: {error}"));
            return text.parse().map_err(|error| wrong(error).into());
        }
        let asked = self.client.min_gas_prices().await.map_err(explain)?;
        let first = asked.iter().find(|price| price.denom == "uakt").or_else(|| asked.iter().next()).cloned();
        Ok(first.unwrap_or(GAS_PRICE.parse()?))
    }

    pub fn identity(&self) -> Result<Identity, GatewayError> {
        Identity::open_or_create(&self.home.keys(), &self.tenant, &[])
    }

    pub fn deployment_id(&self, dseq: u64) -> DeploymentId {
        DeploymentId { owner: self.tenant.clone(), dseq }
    }

    /// The deployment that was meant: the one named, or the only one there is.
    pub async fn choose(&self, dseq: Option<u64>) -> Result<(u64, QueryDeploymentResponse)> {
        if let Some(dseq) = dseq {
            let found = self.client.deployment(&self.deployment_id(dseq)).await.map_err(explain)?;
            let found = found.ok_or_else(|| {
                let text = format!("{} has no deployment {dseq}", self.tenant);
                Failure::new(Exit::Usage, text).next("`akash ls --all` lists them")
            })?;
            return Ok((dseq, found));
        }
        let mut active = self.client.deployments(&self.tenant, "active").await.map_err(explain)?;
        let only = if active.len() == 1 { active.pop() } else { None };
        let only = only.ok_or_else(|| {
            let text = match active.len() {
                0 => "there is no active deployment".to_owned(),
                n => format!("there are {n} active deployments"),
            };
            Failure::new(Exit::Usage, text).next("name one by its ID; `akash ls --all` lists them")
        })?;
        Ok((dseq_of(&only), only))
    }
}

pub fn dseq_of(found: &QueryDeploymentResponse) -> u64 {
    found.deployment.as_ref().and_then(|deployment| deployment.id.as_ref()).map_or(0, |id| id.dseq)
}

/// A client's error with its exit code and the next step.
pub fn explain(error: ClientError) -> anyhow::Error {
    let text = error.to_string();
    let failure = match &error {
        ClientError::Unreachable { .. } => Failure::new(Exit::Connection, text)
            .next("does the node run? `akash up` and `akash start` run one; --node names another"),
        // The node answered: what was asked for is not there, or makes no sense to it.
        ClientError::Call { code, .. } if REFUSED.contains(code) => Failure::new(Exit::Usage, text),
        ClientError::Malformed { .. } | ClientError::Call { .. } | ClientError::Endpoint { .. } => {
            Failure::new(Exit::Connection, text)
        }
        ClientError::Refused(refusal) if refusal.is_funds() => {
            Failure::new(Exit::Funds, text).next("`akash status` shows what the account holds")
        }
        ClientError::NoAccount { .. } => Failure::new(Exit::Funds, text).next("send it some coins first"),
        ClientError::Refused(_) => Failure::new(Exit::Transaction, text),
        ClientError::Unconfirmed { hash, .. } => Failure::new(Exit::Transaction, text)
            .next(format!("`akash query tx {hash}` tells what became of it; sending again may do it twice")),
        ClientError::Terms(_) => Failure::new(Exit::Usage, text),
        ClientError::Key { .. } => Failure::new(Exit::Store, text),
        ClientError::Passphrase { .. } => Failure::new(Exit::Auth, text).next("give the passphrase of the key ring"),
    };
    failure.into()
}
