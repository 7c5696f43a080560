//! What a tenant's command needs: the cloud of the home, a client of its node, the tenant's key and certificate.

use akash_client::gateway::{GatewayError, Identity};
use akash_client::{Client, ClientError, Endpoints, Key, Keyring, Sender};
use akash_proto::akash::deployment::v1beta4::QueryDeploymentResponse;
use akash_types::coin::DecCoin;
use akash_types::id::DeploymentId;
use anyhow::Result;

use crate::cloud::{GAS_PRICE, TENANT};
use crate::failure::{Exit, Failure};
use crate::home::{Cloud, Home};

pub struct Session {
    pub home: Home,
    pub cloud: Cloud,
    pub client: Client,
    pub tenant: Key,
}

impl Session {
    /// Of the cloud in this home.
    pub fn open(home: &Home) -> Result<Self> {
        let cloud = home.require_cloud()?;
        let client = Client::new(Endpoints {
            rpc: format!("http://127.0.0.1:{}", cloud.ports.rpc),
            grpc: format!("http://127.0.0.1:{}", cloud.ports.grpc),
        })?;
        let tenant = Keyring::open(&home.keys()).require(TENANT).map_err(|error| {
            Failure::new(Exit::Config, error.to_string()).next("`akash up --reset` makes new keys and starts afresh")
        })?;
        Ok(Self { home: home.clone(), cloud, client, tenant })
    }

    pub fn sender(&self) -> Result<Sender> {
        let price: DecCoin = GAS_PRICE.parse()?;
        Ok(Sender::new(self.client.clone(), &self.tenant, price))
    }

    pub fn identity(&self) -> Result<Identity, GatewayError> {
        Identity::open_or_create(&self.home.keys(), &self.tenant.address, &[])
    }

    pub fn deployment_id(&self, dseq: u64) -> DeploymentId {
        DeploymentId { owner: self.tenant.address.clone(), dseq }
    }

    /// The deployment that was meant: the one named, or the only one there is.
    pub async fn choose(&self, dseq: Option<u64>) -> Result<(u64, QueryDeploymentResponse)> {
        if let Some(dseq) = dseq {
            let found = self.client.deployment(&self.deployment_id(dseq)).await.map_err(explain)?;
            let found = found.ok_or_else(|| {
                let text = format!("{} has no deployment {dseq}", self.tenant.address);
                Failure::new(Exit::Usage, text).next("`akash ls --all` lists them")
            })?;
            return Ok((dseq, found));
        }
        let mut active = self.client.deployments(&self.tenant.address, "active").await.map_err(explain)?;
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
        ClientError::Malformed { .. } | ClientError::Call { .. } | ClientError::Endpoint { .. } => {
            Failure::new(Exit::Connection, text)
        }
        ClientError::Refused(refusal) if refusal.is_funds() => {
            Failure::new(Exit::Funds, text).next("`akash status` shows what the account holds")
        }
        ClientError::NoAccount { .. } => Failure::new(Exit::Funds, text).next("send it some coins first"),
        ClientError::Refused(_) => Failure::new(Exit::Transaction, text),
        ClientError::Unconfirmed { .. } => {
            Failure::new(Exit::Transaction, text).next("the same command again finds out what became of it")
        }
        ClientError::Terms(_) => Failure::new(Exit::Usage, text),
        ClientError::Key { .. } => Failure::new(Exit::Store, text),
    };
    failure.into()
}
