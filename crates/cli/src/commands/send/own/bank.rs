//! Coins to several accounts, coins that vest by a plan, and transactions that are signed already.

use std::path::PathBuf;

use akash_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, Output as To};
use akash_proto::cosmos::vesting::v1beta1::{MsgCreatePeriodicVestingAccount, Period};
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins};
use akash_types::num::Int;
use akash_types::tx::encode_any;
use anyhow::Result;
use clap::{ArgMatches, Args, Command};
use prost::Message;
use serde::Deserialize;

use super::{coin, coins, command, flags, read, usage};
use crate::args::{BroadcastMode, Input as TxInput, TxFlags};
use crate::commands::send::{Sending, pipeline};
use crate::commands::{online, tx};
use crate::home::Home;
use crate::output::Output;

#[derive(Args)]
struct MultiSend {
    #[command(flatten)]
    tx: TxFlags,
    /// Name or address of the key that sends
    #[arg(value_name = "FROM")]
    sender: String,
    /// Who gets coins, and last of all how much each gets
    #[arg(value_name = "TO... AMOUNT", required = true, num_args = 2..)]
    receivers: Vec<String>,
    /// The amount is for all together, in equal parts
    #[arg(long)]
    split: bool,
}

#[derive(Args)]
struct Periodic {
    #[command(flatten)]
    tx: TxFlags,
    /// Whose account begins to vest
    to: String,
    /// The plan: `{"start_time": SECONDS, "periods": [{"coins": "5uakt", "length_seconds": 60}]}`
    file: PathBuf,
}

#[derive(Args)]
struct Send {
    #[command(flatten)]
    tx: TxInput,
    /// URL of the node's JSON-RPC; without it the node of this home
    #[arg(long, env = "AKASH_NODE", value_name = "URL")]
    node: Option<String>,
    /// How long to wait
    #[arg(short, long, env = "AKASH_BROADCAST_MODE", value_name = "MODE", value_enum, default_value = "block")]
    broadcast_mode: BroadcastMode,
    /// Most seconds to wait for a block
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
}

pub fn commands() -> Vec<(&'static str, Command)> {
    let multi = command::<MultiSend>(
        "multi-send",
        "Send the same coins to several accounts",
        "  akash tx bank multi-send alice akash1... akash1... 5uakt\n  \
           akash tx bank multi-send alice akash1... akash1... 10uakt --split",
    );
    let periodic = command::<Periodic>(
        "create-periodic-vesting-account",
        "Send coins that vest by a plan",
        "  akash tx vesting create-periodic-vesting-account akash1... plan.json --from alice",
    );
    let send = command::<Send>(
        "broadcast",
        "Send a transaction that is signed already",
        "  akash tx broadcast signed.json\n  akash tx broadcast signed.json --broadcast-mode sync",
    );
    vec![("bank multi-send", multi), ("vesting create-periodic-vesting-account", periodic), ("broadcast", send)]
}

pub async fn run(path: &str, home: &Home, matches: &ArgMatches, output: &Output) -> Option<Result<()>> {
    Some(match path {
        "bank multi-send" => multi_send(home, matches, output).await,
        "vesting create-periodic-vesting-account" => periodic(home, matches, output).await,
        "broadcast" => broadcast(home, matches, output).await,
        _ => return None,
    })
}

async fn broadcast(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let flags: Send = flags(matches)?;
    let signed = tx::read(&flags.tx)?.encode_to_vec();
    let client = online::client(home, flags.node.as_deref())?;
    pipeline::broadcast(&client, &signed, flags.broadcast_mode, flags.wait, output).await
}

async fn multi_send(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let mut flags: MultiSend = flags(matches)?;
    let amount = coins("AMOUNT", &flags.receivers.pop().unwrap_or_default())?;
    let count = Int::from(flags.receivers.len() as u64);
    let each = if flags.split { divided(&amount, count)? } else { amount };
    let total = multiplied(&each, count)?;
    let outputs = flags.receivers.iter().map(|to| {
        let to = Address::parse(to).map_err(|error| usage(format!("{to}: {error}")))?;
        Ok(To { address: to.to_string(), coins: (&each).into() })
    });
    let outputs: Vec<To> = outputs.collect::<Result<_>>()?;
    flags.tx.from = Some(flags.sender);
    let sending = Sending::open(home, &flags.tx, output)?;
    let inputs = vec![Input { address: sending.from().to_string(), coins: (&total).into() }];
    sending.send(vec![encode_any(&MsgMultiSend { inputs, outputs })]).await
}

fn divided(amount: &Coins, count: Int) -> Result<Coins> {
    by(amount, |coin| coin.amount.checked_div(count))
}

fn multiplied(amount: &Coins, count: Int) -> Result<Coins> {
    by(amount, |coin| coin.amount.checked_mul(count))
}

fn by(amount: &Coins, change: impl Fn(&Coin) -> Option<Int>) -> Result<Coins> {
    let too_much = || usage("the amount is too large");
    let coins = amount.iter().map(|coin| {
        let amount = change(coin).ok_or_else(too_much)?;
        Coin::new(coin.denom.clone(), amount).map_err(usage)
    });
    Coins::from_vec(coins.collect::<Result<_>>()?).map_err(usage)
}

#[derive(Deserialize)]
struct Plan {
    start_time: i64,
    periods: Vec<PlannedPeriod>,
}

#[derive(Deserialize)]
struct PlannedPeriod {
    coins: String,
    length_seconds: i64,
}

async fn periodic(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let flags: Periodic = flags(matches)?;
    let name = flags.file.display();
    let plan: Plan =
        serde_json::from_str(&read(&flags.file)?).map_err(|error| usage(format!("{name} is no plan: {error}")))?;
    let periods = plan.periods.iter().map(|period| {
        let amounts = period.coins.split(',').map(|text| coin("coins", text.trim())).collect::<Result<Vec<_>>>()?;
        Ok(Period { length: period.length_seconds, amount: amounts.iter().map(Into::into).collect() })
    });
    let periods: Vec<Period> = periods.collect::<Result<_>>()?;
    let sending = Sending::open(home, &flags.tx, output)?;
    let message = MsgCreatePeriodicVestingAccount {
        from_address: sending.from().to_string(),
        to_address: flags.to,
        start_time: plan.start_time,
        vesting_periods: periods,
    };
    sending.send(vec![encode_any(&message)]).await
}
