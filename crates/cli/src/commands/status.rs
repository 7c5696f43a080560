//! `akash status`: the node, or one deployment.

use akash_client::deploy::look::reason_text;
use akash_client::gateway::{GatewayClient, LeaseStatus};
use akash_proto::akash::escrow::types::v1::Account;
use akash_proto::akash::market::v1::lease::State as LeaseState;
use akash_proto::akash::market::v1::{Lease, LeaseFilters};
use akash_types::coin::DecCoin;
use akash_types::id::LeaseId;
use akash_types::num::{Dec, Int};
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::json;

use super::list::state_name;
use super::online;
use super::session::{Session, explain};
use crate::args::Which;
use crate::home::Home;
use crate::output::{Output, short};

pub async fn run(home: &Home, which: &Which, output: &Output) -> Result<()> {
    if which.dseq.is_none() && (which.account.node.is_some() || home.cloud()?.is_none()) {
        // What the Go client prints: the node's own answer.
        let client = online::client(home, which.account.node.as_deref())?;
        let status: serde_json::Value = client.rpc().call("status", json!({})).await.map_err(explain)?;
        return output.document(&status.to_string());
    }
    let session = Session::open(home, &which.account)?;
    match which.dseq {
        None => node(&session, output).await,
        Some(dseq) => deployment(&session, dseq, output).await,
    }
}

async fn node(session: &Session, output: &Output) -> Result<()> {
    let cloud = session.home.require_cloud()?;
    let status = session.client.rpc().status().await.map_err(explain)?;
    let holds = session.client.balances(&session.tenant).await.map_err(explain)?;
    let tenant = &session.tenant;
    let text = format!(
        "chain      {} at height {} ({})\nnode       {} {}\nprovider   {}\ntenant     {tenant}\nholds      {holds}\n\
         rpc        {}\ningress    http://<name>.localhost:{}",
        status.chain_id,
        status.height,
        status.time,
        status.moniker,
        status.node_version,
        cloud.provider,
        session.client.endpoints().rpc,
        cloud.ports.ingress,
    );
    let value = json!({
        "chain_id": status.chain_id, "height": status.height, "time": status.time, "block_hash": status.block_hash,
        "catching_up": status.catching_up, "moniker": status.moniker, "version": status.node_version,
        "provider": cloud.provider, "tenant": tenant.to_string(), "holds": holds.to_string(), "ports": cloud.ports,
        "rpc": session.client.endpoints().rpc, "grpc": session.client.endpoints().grpc,
    });
    output.result(text, &value)
}

#[derive(Serialize)]
struct Report {
    dseq: u64,
    state: &'static str,
    created_at: i64,
    hash: String,
    escrow: Option<Escrow>,
    leases: Vec<LeaseReport>,
    urls: Vec<String>,
}

#[derive(Serialize)]
struct Escrow {
    /// What is left at this height.
    balance: String,
    /// What all leases together cost a block.
    burn_per_block: String,
    blocks_left: Option<String>,
}

#[derive(Serialize)]
struct LeaseReport {
    lease: String,
    provider: String,
    price: String,
    state: &'static str,
    created_at: i64,
    closed_on: i64,
    reason: Option<String>,
    services: Vec<String>,
    errors: Vec<String>,
}

async fn deployment(session: &Session, dseq: u64, output: &Output) -> Result<()> {
    let (_, found) = session.choose(Some(dseq)).await?;
    let height = session.client.rpc().status().await.map_err(explain)?.height;
    let owner = session.tenant.to_string();
    let filters = LeaseFilters { owner, dseq, ..LeaseFilters::default() };
    let leases = session.client.leases(filters).await.map_err(explain)?;
    let leases: Vec<Lease> = leases.into_iter().filter_map(|found| found.lease).collect();

    let deployment = found.deployment.unwrap_or_default();
    let mut report = Report {
        dseq,
        state: state_name(deployment.state()),
        created_at: deployment.created_at,
        hash: hex::encode(&deployment.hash),
        escrow: found.escrow_account.as_ref().and_then(|account| escrow(account, &leases, height)),
        leases: Vec::new(),
        urls: Vec::new(),
    };
    for lease in &leases {
        let status = if is_running(lease) { provider_status(session, lease).await } else { Ok(None) };
        let (services, urls, errors) = match status {
            Ok(status) => describe(&status.unwrap_or_default()),
            Err(error) => (Vec::new(), Vec::new(), vec![format!("{error:#}")]),
        };
        report.urls.extend(urls);
        report.leases.push(lease_report(lease, services, errors));
    }
    output.result(text(&report), &report)
}

fn is_running(lease: &Lease) -> bool {
    matches!(lease.state(), LeaseState::Active | LeaseState::Reclaiming)
}

async fn provider_status(session: &Session, lease: &Lease) -> Result<Option<LeaseStatus>> {
    let id = LeaseId::try_from(lease.id.as_ref().context("a lease without an id")?)?;
    let gateway = GatewayClient::of_provider(&session.client, &id.provider, &session.identity()?).await?;
    Ok(gateway.lease_status(&id).await?)
}

fn describe(status: &LeaseStatus) -> (Vec<String>, Vec<String>, Vec<String>) {
    let services = status.services.values();
    let ready = services.clone().map(|service| format!("{} {}/{}", service.name, service.available, service.total));
    let urls = services.clone().flat_map(|service| &service.uris);
    let urls = urls.map(|uri| if uri.contains("://") { uri.clone() } else { format!("http://{uri}") });
    (ready.collect(), urls.collect(), status.errors.clone())
}

fn lease_report(lease: &Lease, services: Vec<String>, errors: Vec<String>) -> LeaseReport {
    let id = lease.id.clone().unwrap_or_default();
    let price = lease.price.as_ref().and_then(|price| DecCoin::try_from(price).ok());
    LeaseReport {
        lease: format!("{}/{}/{}", id.dseq, id.gseq, id.oseq),
        provider: id.provider,
        price: price.map_or_else(String::new, |price| short(&price)),
        state: match lease.state() {
            LeaseState::Invalid => "invalid",
            LeaseState::Active => "active",
            LeaseState::InsufficientFunds => "insufficient funds",
            LeaseState::Closed => "closed",
            LeaseState::Reclaiming => "reclaiming",
        },
        created_at: lease.created_at,
        closed_on: lease.closed_on,
        reason: (!is_running(lease)).then(|| reason_text(lease.reason())),
        services,
        errors,
    }
}

/// The stored account is as of its last settlement; what ran since then is taken off.
fn escrow(account: &Account, leases: &[Lease], height: u64) -> Option<Escrow> {
    let state = account.state.as_ref()?;
    let funds = state.funds.first()?;
    let rates = leases.iter().filter(|lease| is_running(lease)).filter_map(|lease| lease.price.as_ref());
    let rates = rates.filter(|price| price.denom == funds.denom).map(|price| Dec::from_wire(&price.amount).ok());
    let rate = rates.into_iter().try_fold(Dec::ZERO, |sum, rate| sum.checked_add(rate?))?;
    let blocks = height.saturating_sub(u64::try_from(state.settled_at).ok()?);
    let stored = Dec::from_wire(&funds.amount).ok()?;
    let left = stored.checked_sub(rate.checked_mul_int(Int::from(blocks))?)?;
    let left = if left.is_negative() { Dec::ZERO } else { left };
    Some(Escrow {
        balance: short(&DecCoin::new(funds.denom.clone(), left).ok()?),
        burn_per_block: short(&DecCoin::new(funds.denom.clone(), rate).ok()?),
        blocks_left: left.checked_quo_truncate(rate).map(|blocks| blocks.truncate().to_string()),
    })
}

fn text(report: &Report) -> String {
    let mut lines =
        vec![format!("deployment {} is {}, made at height {}", report.dseq, report.state, report.created_at)];
    if let Some(escrow) = &report.escrow {
        let left =
            escrow.blocks_left.as_deref().map_or(String::new(), |blocks| format!(", enough for {blocks} blocks"));
        lines.push(format!("escrow  {} left, {} a block{left}", escrow.balance, escrow.burn_per_block));
    }
    for lease in &report.leases {
        lines
            .push(format!("lease   {} with {}: {}, {} a block", lease.lease, lease.provider, lease.state, lease.price));
        lines.extend(lease.reason.iter().map(|reason| format!("        ended at {}: {reason}", lease.closed_on)));
        lines.extend(lease.services.iter().map(|service| format!("        {service} ready")));
        lines.extend(lease.errors.iter().map(|error| format!("        {error}")));
    }
    lines.extend(report.urls.iter().map(|url| format!("url     {url}")));
    lines.join("\n")
}
