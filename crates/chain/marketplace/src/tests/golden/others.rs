//! Messages of escrow, provider, audit, cert and take.

use akash_proto::akash::audit::v1::{MsgDeleteProviderAttributes, MsgSignProviderAttributes};
use akash_proto::akash::base::attributes::v1::Attribute;
use akash_proto::akash::cert::v1::{Id, MsgCreateCertificate, MsgRevokeCertificate};
use akash_proto::akash::escrow::v1::MsgAccountDeposit;
use akash_proto::akash::ext::escrow::v1 as ext;
use akash_proto::akash::provider::v1beta4::{MsgCreateProvider, MsgDeleteProvider, MsgUpdateProvider};
use akash_proto::akash::take::v1 as take;
use akash_types::address::Address;
use akash_types::cert::check_on_chain;
use akash_types::id::DeploymentId;
use akash_types::key::SecretKey;

use super::golden;
use crate::escrow::api::AccountId;
use crate::tests::testnet::*;

const CERT: &[u8] = include_bytes!("../../../../../../fixtures/market/tenant.cert.pem");
const PUBKEY: &[u8] = include_bytes!("../../../../../../fixtures/market/tenant.pubkey.pem");

#[test]
fn account_deposit() {
    fn message(dseq: u64, amount: &str) -> MsgAccountDeposit {
        MsgAccountDeposit {
            signer: account("stranger").to_string(),
            id: Some(AccountId::Deployment(DeploymentId::new(owner(), dseq)).to_wire()),
            deposit: Some(deposit(amount)),
        }
    }
    fn closed() -> Testnet {
        let mut net = Testnet::with_open_order();
        net.close(7).unwrap();
        net
    }
    golden::<MsgAccountDeposit>(&[
        ("by a stranger", Testnet::with_open_order, |_| message(7, "1000uact")),
        ("in another denomination", Testnet::with_open_order, |_| message(7, "1000uakt")),
        ("nothing", Testnet::with_open_order, |_| message(7, "0uact")),
        ("more than there is", Testnet::with_open_order, |_| message(7, "2000000000uact")),
        ("no id", Testnet::with_open_order, |_| MsgAccountDeposit { id: None, ..message(7, "1uact") }),
        ("unknown", Testnet::with_open_order, |_| message(8, "1000uact")),
        ("closed", closed, |_| message(7, "1000uact")),
    ]);
}

#[test]
fn update_escrow_params() {
    fn message(authority: String, max_deposits: u32) -> ext::MsgUpdateParams {
        let params = ext::Params { max_deposits, reserved_deposits: 1, grace_period_blocks: 100 };
        ext::MsgUpdateParams { authority, params: Some(params) }
    }
    golden::<ext::MsgUpdateParams>(&[
        ("a grace period", Testnet::new, |_| message(gov(), 100)),
        ("by a stranger", Testnet::new, |_| message(owner().to_string(), 100)),
        ("no deposits", Testnet::new, |_| message(gov(), 0)),
    ]);
}

fn provider(name: &str, host_uri: &str) -> MsgCreateProvider {
    let attributes = vec![Attribute { key: "region".into(), value: "eu".into() }];
    MsgCreateProvider { owner: account(name).to_string(), host_uri: host_uri.into(), attributes, info: None }
}

#[test]
fn create_provider() {
    golden::<MsgCreateProvider>(&[
        ("with an attribute", Testnet::new, |_| provider("owner", "https://host:8443")),
        ("again", Testnet::new, |_| provider("p1", "https://host:8443")),
        ("no address", Testnet::new, |_| provider("owner", "")),
        ("without TLS", Testnet::new, |_| provider("owner", "http://host:8443")),
        ("an attribute twice", Testnet::new, |_| {
            let mut message = provider("owner", "https://host:8443");
            message.attributes.push(message.attributes[0].clone());
            message
        }),
    ]);
}

#[test]
fn update_provider() {
    fn message(name: &str, host_uri: &str) -> MsgUpdateProvider {
        let MsgCreateProvider { owner, host_uri, attributes, info } = provider(name, host_uri);
        MsgUpdateProvider { owner, host_uri, attributes, info }
    }
    golden::<MsgUpdateProvider>(&[
        ("another address", Testnet::new, |_| message("p1", "https://other:8443")),
        ("with a lease", Testnet::with_lease, |_| message("p1", "https://other:8443")),
        ("without TLS", Testnet::new, |_| message("p1", "http://other:8443")),
        ("unknown", Testnet::new, |_| message("stranger", "https://other:8443")),
    ]);
}

#[test]
fn delete_provider() {
    fn message(name: &str) -> MsgDeleteProvider {
        MsgDeleteProvider { owner: account(name).to_string() }
    }
    golden::<MsgDeleteProvider>(&[
        ("idle", Testnet::new, |_| message("p1")),
        ("with a lease", Testnet::with_lease, |_| message("p1")),
        ("with an open bid", with_open_bid, |_| message("p1")),
        ("unknown", Testnet::new, |_| message("stranger")),
    ]);
}

fn with_open_bid() -> Testnet {
    let mut net = Testnet::with_open_order();
    net.bid(7, "p1", "100uact").unwrap();
    net
}

fn signed(name: &str, keys: &[&str]) -> MsgSignProviderAttributes {
    let attribute = |key: &&str| Attribute { key: (*key).into(), value: "1".into() };
    MsgSignProviderAttributes {
        owner: account(name).to_string(),
        auditor: account("auditor").to_string(),
        attributes: keys.iter().map(attribute).collect(),
    }
}

fn audited() -> Testnet {
    let mut net = Testnet::new();
    net.send(&signed("p1", &["region", "tier"])).unwrap();
    net
}

#[test]
fn sign_attributes() {
    golden::<MsgSignProviderAttributes>(&[
        ("two attributes", Testnet::new, |_| signed("p1", &["region", "tier"])),
        ("one more", audited, |_| signed("p1", &["size"])),
        ("one twice", Testnet::new, |_| signed("p1", &["tier", "tier"])),
        ("a bad key", Testnet::new, |_| signed("p1", &["a*"])),
        ("no provider", Testnet::new, |_| signed("stranger", &["tier"])),
    ]);
}

#[test]
fn delete_attributes() {
    fn message(name: &str, keys: &[&str]) -> MsgDeleteProviderAttributes {
        let MsgSignProviderAttributes { owner, auditor, .. } = signed(name, &[]);
        MsgDeleteProviderAttributes { owner, auditor, keys: keys.iter().map(|&key| key.to_owned()).collect() }
    }
    golden::<MsgDeleteProviderAttributes>(&[
        ("one of two", audited, |_| message("p1", &["tier"])),
        ("all", audited, |_| message("p1", &[])),
        ("a key that is not there", audited, |_| message("p1", &["size"])),
        ("nothing signed", Testnet::new, |_| message("p1", &[])),
    ]);
}

fn tenant() -> Address {
    SecretKey::from_bytes(&[1; 32]).unwrap().address()
}

fn certificate() -> MsgCreateCertificate {
    MsgCreateCertificate { owner: tenant().to_string(), cert: CERT.to_vec(), pubkey: PUBKEY.to_vec() }
}

fn published() -> Testnet {
    let mut net = Testnet::new();
    net.send(&certificate()).unwrap();
    net
}

#[test]
fn create_certificate() {
    golden::<MsgCreateCertificate>(&[
        ("one's own", Testnet::new, |_| certificate()),
        ("again", published, |_| certificate()),
        ("somebody else's", Testnet::new, |_| MsgCreateCertificate { owner: owner().to_string(), ..certificate() }),
        ("no certificate", Testnet::new, |_| MsgCreateCertificate { cert: b"x".to_vec(), ..certificate() }),
        ("no key", Testnet::new, |_| MsgCreateCertificate { pubkey: b"x".to_vec(), ..certificate() }),
    ]);
}

#[test]
fn revoke_certificate() {
    fn message(serial: &str) -> MsgRevokeCertificate {
        MsgRevokeCertificate { id: Some(Id { owner: tenant().to_string(), serial: serial.into() }) }
    }
    fn serial() -> String {
        check_on_chain(&tenant(), CERT, PUBKEY).unwrap().to_string()
    }
    fn revoked() -> Testnet {
        let mut net = published();
        net.send(&message(&serial())).unwrap();
        net
    }
    golden::<MsgRevokeCertificate>(&[
        ("published", published, |_| message(&serial())),
        ("revoked", revoked, |_| message(&serial())),
        ("unknown", published, |_| message("1")),
        ("no number", published, |_| message("x")),
    ]);
}

#[test]
fn update_take() {
    fn message(authority: String, default_take_rate: u32) -> take::MsgUpdateParams {
        let denom_take_rates = vec![take::DenomTakeRate { denom: "uakt".into(), rate: 2 }];
        let params = Some(take::Params { denom_take_rates, default_take_rate });
        take::MsgUpdateParams { authority, params }
    }
    golden::<take::MsgUpdateParams>(&[
        ("the defaults", Testnet::new, |_| message(gov(), 20)),
        ("by a stranger", Testnet::new, |_| message(owner().to_string(), 20)),
        ("more than all", Testnet::new, |_| message(gov(), 101)),
    ]);
}
