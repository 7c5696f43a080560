//! What a provider is told: who it is, where its node and gateway are, what it charges, and how patient it is.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use akash_client::gateway::Identity;
use akash_proto::akash::base::attributes::v1::Attribute;
use akash_types::coin::DecCoin;
use akash_types::key::SecretKey;
use akash_types::num::Dec;

use crate::bid::price::PriceTable;

#[derive(Clone)]
pub struct ProviderConfig {
    /// Manifests, transactions in flight and the journal live here.
    pub home: PathBuf,
    pub key: SecretKey,
    /// The node's JSON-RPC and gRPC, as URLs.
    pub rpc: String,
    pub grpc: String,
    pub gateway: SocketAddr,
    /// Generated host names end in it.
    pub domain: String,
    /// Where tenants' web services answer; shown in lease status when it is not 80.
    pub ingress_port: u16,
    pub pricing: PriceTable,
    /// What the chain says of us: `https://host:8443`.
    pub host_uri: String,
    pub certificate: GatewayCertificate,
    pub settings: Settings,
}

impl ProviderConfig {
    /// The host of our URI: what tenants call this cluster.
    pub fn public_host(&self) -> String {
        let rest = self.host_uri.split_once("://").map_or(self.host_uri.as_str(), |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host.to_owned(),
            _ => authority.to_owned(),
        }
    }
}

/// The certificate that stands on chain, and its private key, both PEM.
#[derive(Clone)]
pub struct GatewayCertificate {
    pub cert_pem: String,
    pub key_pem: String,
}

impl From<&Identity> for GatewayCertificate {
    fn from(identity: &Identity) -> Self {
        let certificate = &identity.certificate;
        Self { cert_pem: certificate.cert_pem.clone(), key_pem: certificate.key_pem.to_string() }
    }
}

/// Everything with a sensible default.
#[derive(Clone, Debug)]
pub struct Settings {
    pub gas_price: DecCoin,
    /// An open bid is taken back after so long.
    pub bid_timeout: Duration,
    /// A lease without a manifest is closed after so long.
    pub manifest_timeout: Duration,
    /// A lease that has been seen not to run for so long is closed.
    pub unstable_after: Duration,
    /// Between two withdrawals of a lease; zero leaves only those before the funds run out.
    pub withdrawal_period: Duration,
    /// How often a deployment's account is looked at.
    pub funds_check: Duration,
    /// Two withdrawals of one lease are at least so far apart, even when the money ends.
    pub shortest_withdrawal_pause: Duration,
    /// How often everything is compared with the chain and the cluster, whatever events said.
    pub compare_every: Duration,
    /// A block stream without a block for so long is taken for broken.
    pub silence: Duration,
    /// How long the chain's word on a client certificate is believed.
    pub certificate_cache: Duration,
    /// Give every global HTTP service a generated host name.
    pub static_hosts: bool,
    /// A host name, or a domain and all below it when it starts with a dot.
    pub blocked_hosts: Vec<String>,
    /// Orders without these attributes are not bid on.
    pub insisted: Vec<Attribute>,
    /// What the chain shall say of us: capabilities, and whatever tenants may ask for.
    pub attributes: Vec<Attribute>,
    pub email: String,
    pub website: String,
}

impl Default for Settings {
    fn default() -> Self {
        let gas_price = Dec::ONE.checked_quo_int(40u64.into()).expect("40 is not zero"); // 0.025
        Self {
            gas_price: DecCoin { denom: "uakt".into(), amount: gas_price },
            bid_timeout: Duration::from_secs(5 * 60),
            manifest_timeout: Duration::from_secs(5 * 60),
            unstable_after: Duration::from_secs(24 * 60 * 60),
            withdrawal_period: Duration::from_secs(60 * 60),
            funds_check: Duration::from_secs(10 * 60),
            shortest_withdrawal_pause: Duration::from_secs(10),
            compare_every: Duration::from_secs(30),
            silence: Duration::from_secs(60),
            certificate_cache: Duration::from_secs(30),
            static_hosts: true,
            blocked_hosts: Vec::new(),
            insisted: Vec::new(),
            attributes: Vec::new(),
            email: String::new(),
            website: String::new(),
        }
    }
}
