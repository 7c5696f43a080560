//! A step as a message and its signer.

use akash_proto::akash::audit::v1::{MsgDeleteProviderAttributes, MsgSignProviderAttributes};
use akash_proto::akash::base::attributes::v1::{Attribute, PlacementRequirements, SignedBy};
use akash_proto::akash::base::deposit::v1::{Deposit, Source};
use akash_proto::akash::base::resources::v1beta4::{Cpu, Gpu, Memory, ResourceValue, Resources, Storage};
use akash_proto::akash::cert::v1::{self as certificate, MsgCreateCertificate, MsgRevokeCertificate};
use akash_proto::akash::deployment::v1::DeploymentReclamation;
use akash_proto::akash::deployment::v1beta4 as deployment;
use akash_proto::akash::escrow::id::v1 as escrow_id;
use akash_proto::akash::escrow::v1::{DepositAuthorization, MsgAccountDeposit, deposit_authorization::Scope};
use akash_proto::akash::ext::market::v1 as market_ext;
use akash_proto::akash::market::v1::LeaseClosedReason;
use akash_proto::akash::market::v1beta5 as market;
use akash_proto::akash::provider::v1beta4 as provider;
use akash_proto::cosmos::authz::v1beta1 as authz;
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::base::v1beta1::{Coin, DecCoin};
use akash_types::address::Address;
use akash_types::cert::check_on_chain;
use akash_types::id::{BidId, DeploymentId};
use akash_types::num::Dec;
use akash_types::tx::encode_any;
use prost::Name;
use prost_types::Any;

use super::known::Known;
use super::params::parameters;
use super::run::World;
use super::step::{AUDITOR, Certified, Denom, From, GroupChange, PROVIDERS, Pick, Shape, Step, TENANTS};

/// Why a provider may end a lease.
const REASONS: [LeaseClosedReason; 4] = [
    LeaseClosedReason::Unstable,
    LeaseClosedReason::Decommission,
    LeaseClosedReason::Unspecified,
    LeaseClosedReason::ManifestTimeout,
];

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../fixtures/market/", $name))
    };
}

/// The account that signs and what it signs; nothing when there is nothing to pick.
pub fn message(world: &World, known: &Known, step: &Step) -> Option<(u8, Any)> {
    let of_owner = |owner: &Address| world.number_of(owner);
    Some(match step {
        Step::EndBlock { .. } => return None,
        Step::CreateDeployment { tenant, dseq, shape, deposit, from } => {
            (*tenant, create_deployment(world, *tenant, *dseq, *shape, *deposit, *from))
        }
        Step::UpdateDeployment { deployment, hash } => {
            let id = pick(known.deployments(), *deployment)?;
            let message = deployment::MsgUpdateDeployment { id: Some(id.into()), hash: vec![*hash; 32] };
            (of_owner(id.owner()), encode_any(&message))
        }
        Step::CloseDeployment { deployment } => {
            let id = pick(known.deployments(), *deployment)?;
            (of_owner(id.owner()), close_deployment(id))
        }
        Step::ChangeGroup { group, change } => {
            let is_start = *change == GroupChange::Start && !known.paused_groups().is_empty();
            let id = pick(if is_start { known.paused_groups() } else { known.groups() }, *group)?;
            let wire = Some(id.into());
            let message = match change {
                GroupChange::Close => encode_any(&deployment::MsgCloseGroup { id: wire }),
                GroupChange::Pause => encode_any(&deployment::MsgPauseGroup { id: wire }),
                GroupChange::Start => encode_any(&deployment::MsgStartGroup { id: wire }),
            };
            (of_owner(id.owner()), message)
        }
        Step::Deposit { deployment, signer, denom, amount, from } => {
            let id = pick(known.deployments(), *deployment)?;
            (*signer, account_deposit(world.address(*signer).to_string(), id, deposit(*amount, *denom, *from)))
        }
        Step::SetOrderExpiry { order, blocks } => {
            let id = pick(known.orders(), *order)?;
            let expires_at = if *blocks == 0 { 0 } else { world.height() + i64::from(*blocks) };
            let message = market_ext::MsgSetOrderExpiry { id: Some(id.into()), expires_at };
            (of_owner(id.owner()), encode_any(&message))
        }
        Step::CreateBid { .. }
        | Step::CloseBid { .. }
        | Step::CreateLease { .. }
        | Step::CloseLease { .. }
        | Step::EndLease { .. }
        | Step::StartReclaim { .. }
        | Step::Withdraw { .. } => return market_message(world, known, step),
        Step::CreateProvider { .. }
        | Step::UpdateProvider { .. }
        | Step::DeleteProvider { .. }
        | Step::SignAttributes { .. }
        | Step::DeleteAttributes { .. } => provider_message(world, step)?,
        Step::PublishCertificate { of } | Step::RevokeCertificate { of } => certificate_message(world, step, *of)?,
        Step::SetParams { by, change } => (*by, parameters(world, *by, *change)),
        Step::Forged { step, .. } => return message(world, known, step),
        _ => return account_message(world, known, step),
    })
}

fn market_message(world: &World, known: &Known, step: &Step) -> Option<(u8, Any)> {
    let unstable = LeaseClosedReason::Unstable.into();
    let why = |pick: Pick| REASONS[pick as usize / 7 % REASONS.len()].into();
    Some(match step {
        Step::CreateBid { order, provider, bseq, percent, window } => {
            let signer = TENANTS + provider;
            let id = BidId::new(pick(known.orders(), *order)?.clone(), world.address(signer), *bseq);
            let (denom, most) = world.highest_price(&id.order)?;
            let offered =
                most.checked_mul(Dec::from_int((*percent).into())?)?.checked_quo(Dec::from_int(100u64.into())?)?;
            let message = market::MsgCreateBid {
                id: Some((&id).into()),
                price: Some(DecCoin { denom: denom.name().into(), amount: offered.to_wire() }),
                deposit: Some(deposit(500_000, denom, From::Both)),
                resources_offer: Vec::new(),
                reclamation_window: window_of(*window),
            };
            (signer, encode_any(&message))
        }
        Step::CloseBid { bid } => {
            let id = pick(known.bids(), *bid)?;
            let message = market::MsgCloseBid { id: Some(id.into()), reason: unstable };
            (world.number_of(id.provider()), encode_any(&message))
        }
        Step::CreateLease { bid } => {
            let id = pick(known.bids(), *bid)?;
            (world.number_of(id.owner()), encode_any(&market::MsgCreateLease { bid_id: Some(id.into()) }))
        }
        Step::CloseLease { lease } => {
            let id = pick(known.leases(), *lease)?;
            let message = market::MsgCloseLease { id: Some(id.into()), reason: 0 };
            (world.number_of(id.owner()), encode_any(&message))
        }
        Step::EndLease { lease } => {
            let id = BidId::from(pick(known.leases(), *lease)?.clone());
            let message = market::MsgCloseBid { id: Some((&id).into()), reason: why(*lease) };
            (world.number_of(id.provider()), encode_any(&message))
        }
        Step::StartReclaim { lease } => {
            let id = pick(known.leases(), *lease)?;
            let message = market::MsgLeaseStartReclaim { id: Some(id.into()), reason: why(*lease) };
            (world.number_of(id.provider()), encode_any(&message))
        }
        Step::Withdraw { lease } => {
            let id = pick(known.leases(), *lease)?;
            (world.number_of(id.provider()), encode_any(&market::MsgWithdrawLease { id: Some(id.into()) }))
        }
        _ => return None,
    })
}

fn provider_message(world: &World, step: &Step) -> Option<(u8, Any)> {
    let auditor = world.address(AUDITOR).to_string();
    Some(match step {
        Step::CreateProvider { provider } => {
            let owner = world.address(TENANTS + provider).to_string();
            let host_uri = format!("https://p{provider}.example.com:8443");
            let message = provider::MsgCreateProvider { owner, host_uri, attributes: Vec::new(), info: None };
            (TENANTS + provider, encode_any(&message))
        }
        Step::UpdateProvider { provider, attribute } => {
            let owner = world.address(TENANTS + provider).to_string();
            let host_uri = format!("https://p{provider}.example.com:9443");
            let attributes = vec![attribute_of(*attribute)];
            let message = provider::MsgUpdateProvider { owner, host_uri, attributes, info: None };
            (TENANTS + provider, encode_any(&message))
        }
        Step::DeleteProvider { provider } => {
            let owner = world.address(TENANTS + provider).to_string();
            (TENANTS + provider, encode_any(&provider::MsgDeleteProvider { owner }))
        }
        Step::SignAttributes { provider, attribute } => {
            let owner = world.address(TENANTS + provider).to_string();
            let attributes = vec![attribute_of(*attribute)];
            (AUDITOR, encode_any(&MsgSignProviderAttributes { owner, auditor, attributes }))
        }
        Step::DeleteAttributes { provider, all } => {
            let owner = world.address(TENANTS + provider).to_string();
            let keys = if *all { Vec::new() } else { vec!["region".to_owned()] };
            (AUDITOR, encode_any(&MsgDeleteProviderAttributes { owner, auditor, keys }))
        }
        _ => return None,
    })
}

fn certificate_message(world: &World, step: &Step, of: Certified) -> Option<(u8, Any)> {
    let (signer, cert, pubkey) = match of {
        Certified::Tenant => (0, fixture!("tenant.cert.pem"), fixture!("tenant.pubkey.pem")),
        Certified::Provider => (TENANTS, fixture!("provider.cert.pem"), fixture!("provider.pubkey.pem")),
    };
    let owner = world.address(signer);
    Some(match step {
        Step::PublishCertificate { .. } => {
            let (cert, pubkey) = (cert.to_vec(), pubkey.to_vec());
            (signer, encode_any(&MsgCreateCertificate { owner: owner.to_string(), cert, pubkey }))
        }
        Step::RevokeCertificate { .. } => {
            let serial = check_on_chain(&owner, cert, pubkey).unwrap().to_string();
            let id = Some(certificate::Id { owner: owner.to_string(), serial });
            (signer, encode_any(&MsgRevokeCertificate { id }))
        }
        _ => return None,
    })
}

fn account_message(world: &World, known: &Known, step: &Step) -> Option<(u8, Any)> {
    let text = |number: u8| world.address(number).to_string();
    let deposit_url = format!("/{}", MsgAccountDeposit::full_name());
    Some(match step {
        Step::Grant { granter, grantee, denom, limit, bids } => {
            let limit = coin(*limit, *denom);
            let scopes = if *bids { vec![Scope::Deployment.into(), Scope::Bid.into()] } else { vec![1] };
            let authorization = DepositAuthorization { spend_limits: vec![limit], scopes, ..Default::default() };
            (*granter, grant(text(*granter), text(*grantee), encode_any(&authorization)))
        }
        Step::Revoke { granter, grantee } => {
            let message =
                authz::MsgRevoke { granter: text(*granter), grantee: text(*grantee), msg_type_url: deposit_url };
            (*granter, encode_any(&message))
        }
        Step::GrantClose { granter, grantee } => {
            let msg = format!("/{}", deployment::MsgCloseDeployment::full_name());
            (*granter, grant(text(*granter), text(*grantee), encode_any(&authz::GenericAuthorization { msg })))
        }
        Step::CloseFor { deployment, grantee } => {
            let inner = close_deployment(pick(known.deployments(), *deployment)?);
            (*grantee, encode_any(&authz::MsgExec { grantee: text(*grantee), msgs: vec![inner] }))
        }
        Step::DepositFor { deployment, granter, grantee, denom, amount } => {
            let id = pick(known.deployments(), *deployment)?;
            let inner = account_deposit(text(*granter), id, deposit(*amount, *denom, From::Balance));
            (*grantee, encode_any(&authz::MsgExec { grantee: text(*grantee), msgs: vec![inner] }))
        }
        Step::Send { from, to, amount } => {
            let amount = vec![coin(*amount, Denom::Uakt)];
            (*from, encode_any(&MsgSend { from_address: text(*from), to_address: text(*to), amount }))
        }
        _ => return None,
    })
}

fn create_deployment(world: &World, tenant: u8, dseq: u64, shape: Shape, amount: u64, from: From) -> Any {
    let id = DeploymentId::new(world.address(tenant), dseq);
    let groups = (0..shape.groups).map(|number| group(world, &format!("g{number}"), shape)).collect();
    encode_any(&deployment::MsgCreateDeployment {
        id: Some((&id).into()),
        groups,
        hash: vec![7; 32],
        deposit: Some(deposit(amount, shape.denom, from)),
        reclamation: window_of(shape.window).map(|window| DeploymentReclamation { min_window: Some(window) }),
    })
}

fn group(world: &World, name: &str, shape: Shape) -> deployment::GroupSpec {
    let value = |number: u64| Some(ResourceValue { val: number.to_string().into_bytes() });
    let resource = Resources {
        id: 1,
        cpu: Some(Cpu { units: value(100), ..Cpu::default() }),
        memory: Some(Memory { quantity: value(1 << 26), ..Memory::default() }),
        gpu: Some(Gpu { units: value(0), ..Gpu::default() }),
        storage: vec![Storage { name: "default".into(), quantity: value(1 << 26), ..Storage::default() }],
        endpoints: Vec::new(),
    };
    let price = Some(price(shape.price_milli, shape.denom));
    let unit = deployment::ResourceUnit { resource: Some(resource), count: shape.replicas, price };
    let auditors = if shape.audited { vec![world.address(AUDITOR).to_string()] } else { Vec::new() };
    let signed_by = Some(SignedBy { all_of: auditors, any_of: Vec::new() });
    let attributes = if shape.audited { vec![attribute_of(0)] } else { Vec::new() };
    deployment::GroupSpec {
        name: name.into(),
        requirements: Some(PlacementRequirements { signed_by, attributes }),
        resources: vec![unit],
    }
}

fn account_deposit(signer: String, id: &DeploymentId, deposit: Deposit) -> Any {
    let account = escrow_id::Account { scope: escrow_id::Scope::Deployment.into(), xid: id.to_string() };
    encode_any(&MsgAccountDeposit { signer, id: Some(account), deposit: Some(deposit) })
}

fn close_deployment(id: &DeploymentId) -> Any {
    encode_any(&deployment::MsgCloseDeployment { id: Some(id.into()) })
}

fn grant(granter: String, grantee: String, authorization: Any) -> Any {
    let grant = Some(authz::Grant { authorization: Some(authorization), expiration: None });
    encode_any(&authz::MsgGrant { granter, grantee, grant })
}

fn attribute_of(number: u8) -> Attribute {
    Attribute { key: "region".into(), value: ["us", "eu", "us", "us"][usize::from(number % PROVIDERS)].into() }
}

fn deposit(amount: u64, denom: Denom, from: From) -> Deposit {
    let sources = match from {
        From::Balance => vec![Source::Balance.into()],
        From::Grant => vec![Source::Grant.into()],
        From::Both => vec![Source::Grant.into(), Source::Balance.into()],
    };
    Deposit { amount: Some(coin(amount, denom)), sources }
}

fn coin(amount: u64, denom: Denom) -> Coin {
    Coin { denom: denom.name().into(), amount: amount.to_string() }
}

fn price(milli: u64, denom: Denom) -> DecCoin {
    let amount: Dec = format!("{}.{:03}", milli / 1000, milli % 1000).parse().unwrap();
    DecCoin { denom: denom.name().into(), amount: amount.to_wire() }
}

fn window_of(seconds: u32) -> Option<prost_types::Duration> {
    (seconds > 0).then(|| prost_types::Duration { seconds: seconds.into(), nanos: 0 })
}

fn pick<T>(known: &[T], index: Pick) -> Option<&T> {
    known.get(index as usize % known.len().max(1))
}
