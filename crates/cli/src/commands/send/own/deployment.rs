//! Deployments from SDL files, deposits, and bids.

use std::path::PathBuf;

use akash_client::Client;
use akash_proto::akash::base::deposit::v1::{Deposit, Source};
use akash_proto::akash::deployment::v1::{DeploymentId as WireDeploymentId, DeploymentReclamation};
use akash_proto::akash::deployment::v1beta4::{MsgCreateDeployment, MsgUpdateDeployment};
use akash_proto::akash::escrow::id::v1::{Account, Scope};
use akash_proto::akash::escrow::v1::MsgAccountDeposit;
use akash_proto::akash::market::v1::BidId;
use akash_proto::akash::market::v1beta5::{MsgCreateBid, ResourceOffer};
use akash_proto::cosmos::base::v1beta1::Coin as WireCoin;
use akash_types::address::Address;
use akash_types::id::{DeploymentId, OrderId};
use akash_types::tx::encode_any;
use anyhow::{Context, Result};
use clap::{ArgMatches, Args, Command, ValueEnum};

use super::{coin, command, duration, flags, price, usage};
use crate::args::TxFlags;
use crate::commands::sdl;
use crate::commands::send::Sending;
use crate::commands::session::explain;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

/// Whose money a deposit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    /// The account's own
    Balance,
    /// That of an account which gave the right to deposit it
    Grant,
}

#[derive(Args)]
struct DepositFlags {
    /// What goes into escrow; without it the network's minimum
    #[arg(long, value_name = "COIN")]
    deposit: Option<String>,
    /// Where it comes from, in this order
    #[arg(long, value_enum, value_delimiter = ',', default_value = "grant,balance")]
    deposit_sources: Vec<From>,
}

impl DepositFlags {
    fn message(&self, amount: WireCoin) -> Deposit {
        let sources = self.deposit_sources.iter().map(|from| match from {
            From::Balance => Source::Balance.into(),
            From::Grant => Source::Grant.into(),
        });
        Deposit { amount: Some(amount), sources: sources.collect() }
    }
}

#[derive(Args)]
struct Create {
    #[command(flatten)]
    tx: TxFlags,
    /// The SDL file
    file: PathBuf,
    /// Number of the deployment; without it the newest height
    #[arg(long, value_name = "N")]
    dseq: Option<u64>,
    #[command(flatten)]
    deposit: DepositFlags,
}

#[derive(Args)]
struct Update {
    #[command(flatten)]
    tx: TxFlags,
    /// The SDL file
    file: PathBuf,
    /// Number of the deployment
    #[arg(long, value_name = "N")]
    dseq: u64,
}

#[derive(Args)]
struct DepositInto {
    #[command(flatten)]
    tx: TxFlags,
    /// What is deposited
    #[arg(value_name = "AMOUNT")]
    amount: String,
    /// Number of the deployment
    #[arg(long, value_name = "N")]
    dseq: u64,
    /// Whose deployment, if not one's own
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<String>,
    /// Where it comes from, in this order
    #[arg(long, value_enum, value_delimiter = ',', default_value = "grant,balance")]
    deposit_sources: Vec<From>,
}

#[derive(Args)]
struct EscrowDeposit {
    /// What it is for
    #[arg(value_parser = ["deployment"])]
    scope: String,
    #[command(flatten)]
    deposit: DepositInto,
}

#[derive(Args)]
struct Bid {
    #[command(flatten)]
    tx: TxFlags,
    /// Price of a block
    #[arg(long, value_name = "COIN")]
    price: String,
    #[command(flatten)]
    deposit: DepositFlags,
    /// Whose order
    #[arg(long, value_name = "ADDRESS")]
    owner: String,
    /// Its deployment
    #[arg(long, value_name = "N")]
    dseq: u64,
    /// Its group
    #[arg(long, value_name = "N", default_value_t = 1)]
    gseq: u32,
    /// Its number
    #[arg(long, value_name = "N", default_value_t = 1)]
    oseq: u32,
    /// Number of the bid among several for one order
    #[arg(long, value_name = "N", default_value_t = 0)]
    bseq: u32,
    /// Notice that the provider gives before it takes the resources back, such as 24h; an order may require one
    #[arg(long, value_name = "TIME")]
    reclamation_window: Option<String>,
}

pub fn commands() -> Vec<(&'static str, Command)> {
    let create = command::<Create>(
        "create",
        "Order what an SDL file describes",
        "  akash tx deployment create deploy.yaml --from alice\n  \
           akash tx deployment create deploy.yaml --deposit 5000000uact --dseq 7 --from alice",
    );
    let update = command::<Update>(
        "update",
        "Announce a new version of a deployment",
        "  akash tx deployment update deploy.yaml --dseq 7 --from alice",
    );
    let deposit = command::<DepositInto>(
        "deposit",
        "Add to the deposit of a deployment",
        "  akash tx deployment deposit 5000000uact --dseq 7 --from alice",
    );
    let escrow = command::<EscrowDeposit>(
        "deposit",
        "Add to a deposit",
        "  akash tx escrow deposit deployment 5000000uact --dseq 7 --from alice",
    );
    let bid = command::<Bid>(
        "create",
        "Offer to run what an order asks for",
        "  akash tx market bid create --owner akash1... --dseq 7 --price 1.5uact --from provider",
    );
    vec![
        ("deployment create", create),
        ("deployment update", update),
        ("deployment deposit", deposit),
        ("escrow deposit", escrow),
        ("market bid create", bid),
    ]
}

pub async fn run(path: &str, home: &Home, matches: &ArgMatches, output: &Output) -> Option<Result<()>> {
    Some(match path {
        "deployment create" => create(home, matches, output).await,
        "deployment update" => update(home, matches, output).await,
        "deployment deposit" => match flags(matches) {
            Ok(flags) => deposit_into(home, flags, output).await,
            Err(error) => Err(error),
        },
        "escrow deposit" => match flags::<EscrowDeposit>(matches) {
            Ok(flags) => deposit_into(home, flags.deposit, output).await,
            Err(error) => Err(error),
        },
        "market bid create" => bid(home, matches, output).await,
        _ => return None,
    })
}

async fn create(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let flags: Create = flags(matches)?;
    let read = sdl::read(&flags.file)?;
    let sending = Sending::open(home, &flags.tx, output)?;
    let dseq = match flags.dseq {
        Some(dseq) => dseq,
        None => newest_height(sending.client()?).await?,
    };
    let denom = first_denom(&read);
    let amount = match &flags.deposit.deposit {
        Some(text) => (&coin("--deposit", text)?).into(),
        None => {
            let params = sending.client()?.deployment_params().await.map_err(explain)?;
            minimum(&params.min_deposits, &denom)?
        }
    };
    let reclamation = read.reclamation().map(prost_types::Duration::try_from).transpose();
    let reclamation = reclamation.map_err(|_| usage("the reclamation window is too long"))?;
    let message = MsgCreateDeployment {
        id: Some(WireDeploymentId { owner: sending.from().to_string(), dseq }),
        groups: read.groups(),
        hash: read.manifest().hash().to_vec(),
        deposit: Some(flags.deposit.message(amount)),
        reclamation: reclamation.map(|min_window| DeploymentReclamation { min_window: Some(min_window) }),
    };
    output.step(format!("deployment {dseq} of {}", sending.from()));
    sending.send(vec![encode_any(&message)]).await
}

/// A new deployment is numbered by it, as the Go client does.
async fn newest_height(client: &Client) -> Result<u64> {
    let status = client.rpc().status().await.map_err(explain)?;
    if status.catching_up {
        let failure = Failure::new(Exit::Connection, "the node catches up, so its height says nothing");
        return Err(failure.next("wait, or give --dseq").into());
    }
    Ok(status.height)
}

/// The coin that the file prices in.
fn first_denom(sdl: &akash_sdl::Sdl) -> String {
    let groups = sdl.groups();
    let prices = groups.iter().flat_map(|group| &group.resources).filter_map(|unit| unit.price.as_ref());
    prices.map(|price| price.denom.clone()).next().unwrap_or_default()
}

fn minimum(minimums: &[WireCoin], denom: &str) -> Result<WireCoin> {
    let found = minimums.iter().find(|coin| coin.denom == denom).cloned();
    found.ok_or_else(|| {
        let accepted: Vec<&str> = minimums.iter().map(|coin| coin.denom.as_str()).collect();
        let failure = Failure::new(Exit::Usage, format!("deposits in {denom:?} are not taken"));
        failure.next(format!("price in one of {}, or give --deposit", accepted.join(", "))).into()
    })
}

async fn update(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let flags: Update = flags(matches)?;
    let read = sdl::read(&flags.file)?;
    let sending = Sending::open(home, &flags.tx, output)?;
    let owner = sending.from().clone();
    if let Ok(client) = sending.client() {
        check_groups(client, &owner, flags.dseq, &read).await?;
    }
    let message = MsgUpdateDeployment {
        id: Some(WireDeploymentId { owner: owner.to_string(), dseq: flags.dseq }),
        hash: read.manifest().hash().to_vec(),
    };
    sending.send(vec![encode_any(&message)]).await
}

/// The chain takes a new hash whatever the groups are; leases that ask for others would be lost silently.
async fn check_groups(client: &Client, owner: &Address, dseq: u64, read: &akash_sdl::Sdl) -> Result<()> {
    let id = DeploymentId { owner: owner.clone(), dseq };
    let found = client.deployment(&id).await.map_err(explain)?;
    let found = found.ok_or_else(|| usage(format!("{owner} has no deployment {dseq}")))?;
    let stands: Vec<_> = found.groups.into_iter().filter_map(|group| group.group_spec).collect();
    if stands == read.groups() {
        return Ok(());
    }
    let failure = Failure::new(Exit::Usage, "the groups differ from those on chain, and an update cannot change them");
    Err(failure.next("close the deployment and create another, or keep resources and placement").into())
}

async fn deposit_into(home: &Home, flags: DepositInto, output: &Output) -> Result<()> {
    let amount = (&coin("AMOUNT", &flags.amount)?).into();
    let sending = Sending::open(home, &flags.tx, output)?;
    let owner = flags.owner.clone().unwrap_or_else(|| sending.from().to_string());
    let sources = DepositFlags { deposit: None, deposit_sources: flags.deposit_sources.clone() };
    let message = MsgAccountDeposit {
        signer: sending.from().to_string(),
        id: Some(Account { scope: Scope::Deployment.into(), xid: format!("{owner}/{}", flags.dseq) }),
        deposit: Some(sources.message(amount)),
    };
    sending.send(vec![encode_any(&message)]).await
}

async fn bid(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let flags: Bid = flags(matches)?;
    let price = price("--price", &flags.price)?;
    let sending = Sending::open(home, &flags.tx, output)?;
    let amount = match &flags.deposit.deposit {
        Some(text) => (&coin("--deposit", text)?).into(),
        None => {
            let params = sending.client()?.market_params().await.map_err(explain)?;
            minimum(&params.bid_min_deposits, &price.denom)?
        }
    };
    let id = BidId {
        owner: flags.owner.clone(),
        dseq: flags.dseq,
        gseq: flags.gseq,
        oseq: flags.oseq,
        provider: sending.from().to_string(),
        bseq: flags.bseq,
    };
    let message = MsgCreateBid {
        resources_offer: match sending.client() {
            Ok(client) => offers(client, &id).await?,
            Err(_) => Vec::new(),
        },
        id: Some(id),
        price: Some((&price).into()),
        deposit: Some(flags.deposit.message(amount)),
        reclamation_window: flags.reclamation_window.as_deref().map(window).transpose()?,
    };
    sending.send(vec![encode_any(&message)]).await
}

fn window(text: &str) -> Result<prost_types::Duration> {
    duration("--reclamation-window", text)
}

/// Everything that the order asks for.
async fn offers(client: &Client, id: &BidId) -> Result<Vec<ResourceOffer>> {
    let owner = Address::parse(&id.owner).map_err(|error| usage(format!("--owner: {error}")))?;
    let group = akash_types::id::GroupId { deployment: DeploymentId { owner, dseq: id.dseq }, gseq: id.gseq };
    let order = client.order(&OrderId { group, oseq: id.oseq }).await.map_err(explain)?;
    let order = order.ok_or_else(|| usage(format!("there is no order {}/{}/{}", id.dseq, id.gseq, id.oseq)))?;
    let spec = order.spec.context("an order without resources")?;
    let offer = |unit: akash_proto::akash::deployment::v1beta4::ResourceUnit| ResourceOffer {
        resources: unit.resource,
        count: unit.count,
        ..ResourceOffer::default()
    };
    Ok(spec.resources.into_iter().map(offer).collect())
}
