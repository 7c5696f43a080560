//! Queries that are more than one question to a module: blocks, transactions, and how long a deposit lasts.

use akash_client::Client;
use akash_proto::akash::market::v1::LeaseFilters;
use akash_proto::cosmos::tx::v1beta1::{GetTxRequest, GetTxResponse, GetTxsEventRequest, GetTxsEventResponse, OrderBy};
use akash_types::address::Address;
use akash_types::id::DeploymentId;
use akash_types::json::encode_message;
use akash_types::num::{Dec, Int};
use anyhow::{Context, Result};
use clap::{Arg, ArgMatches, Args, Command, value_parser};
use serde_json::{Value, json};

use crate::args::QueryFlags;
use crate::commands::session::explain;
use crate::failure::{Exit, Failure};

/// Words and command of each.
pub fn commands() -> Vec<(&'static str, Command)> {
    let command = |name: &'static str, about: &'static str, examples: &'static str| {
        QueryFlags::augment_args(Command::new(name)).about(about).after_help(format!("Examples:\n{examples}"))
    };
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let number = |name: &'static str, help: &'static str| text(name, "N", help).value_parser(value_parser!(u64));
    let page = [
        number("page", "Number of the page, from 1").default_value("1"),
        number("limit", "Most entries of a page").default_value("30"),
        text("order_by", "ORDER", "asc or desc by height").value_parser(["asc", "desc"]).alias("order-by"),
    ];
    let tx = command("tx", "Show a transaction", "  akash query tx 9F86D081884C7D65...")
        .arg(Arg::new("hash").value_name("HASH").required(true).help("Its hash, or what --type says"))
        .arg(
            text("type", "TYPE", "What is given: a hash, ADDRESS/SEQUENCE, or a signature in base64")
                .value_parser(["hash", "acc_seq", "signature"])
                .default_value("hash"),
        );
    let txs = command(
        "txs",
        "Search transactions by their events",
        "  akash query txs --query \"message.sender='akash1...'\"\n  akash query txs --query \"tx.height=7\" --limit 5",
    )
    .arg(text("query", "QUERY", "Conditions on events, joined with AND").required(true).alias("events"))
    .args(page.clone());
    let block = command("block", "Show a block", "  akash query block\n  akash query block 7")
        .arg(Arg::new("block").value_name("HEIGHT").help("Its height, or its hash with --type hash; else the newest"))
        .arg(text("type", "TYPE", "What is given").value_parser(["height", "hash"]).default_value("height"));
    let blocks =
        command("blocks", "Search blocks by their events", "  akash query blocks --query \"block.height > 5\"")
            .arg(text("query", "QUERY", "Conditions on events, joined with AND").required(true))
            .args(page);
    let results = command(
        "block-results",
        "Show what the transactions of a block did",
        "  akash query block-results\n  akash query block-results 7",
    )
    .arg(Arg::new("block").value_name("HEIGHT").value_parser(value_parser!(u64)).help("Its height; else the newest"));
    let remaining = command(
        "blocks-remaining",
        "Show how long the deposit of a deployment lasts",
        "  akash query escrow blocks-remaining --owner akash1... --dseq 7",
    )
    .arg(text("owner", "ADDRESS", "Whose deployment").required(true))
    .arg(number("dseq", "Its number").required(true));
    let discovery =
        command("discovery", "Show which versions of the interfaces a node serves", "  akash query discovery");
    vec![
        ("tx", tx),
        ("txs", txs),
        ("block", block),
        ("blocks", blocks),
        ("block-results", results),
        ("escrow blocks-remaining", remaining),
        ("discovery", discovery),
    ]
}

/// The answer, if the words are one of these.
pub async fn run(path: &str, client: &Client, matches: &ArgMatches, height: u64) -> Option<Result<Value>> {
    Some(match path {
        "tx" => tx(client, matches).await,
        "txs" => txs(client, matches).await,
        "block" => block(client, matches, height).await,
        "blocks" => blocks(client, matches).await,
        "block-results" => {
            let given = matches.get_one::<u64>("block").copied().unwrap_or(height);
            let params = if given == 0 { json!({}) } else { json!({ "height": given.to_string() }) };
            client.rpc().call("block_results", params).await.map_err(explain)
        }
        "escrow blocks-remaining" => remaining(client, matches).await,
        "discovery" => client.rpc().call("akash", json!({})).await.map_err(explain),
        _ => return None,
    })
}

fn given<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    matches.get_one::<String>(name).map_or("", String::as_str)
}

fn number(matches: &ArgMatches, name: &str) -> u64 {
    matches.get_one::<u64>(name).copied().unwrap_or_default()
}

async fn tx(client: &Client, matches: &ArgMatches) -> Result<Value> {
    let hash = given(matches, "hash");
    let query = match given(matches, "type") {
        "acc_seq" => format!("tx.acc_seq='{hash}'"),
        "signature" => format!("tx.signature='{hash}'"),
        _ => {
            let request = GetTxRequest { hash: hash.trim_start_matches("0x").to_owned() };
            let answer: GetTxResponse =
                client.ask("/cosmos.tx.v1beta1.Service/GetTx", request).await.map_err(explain)?;
            return Ok(encode_message(&answer)["tx_response"].take());
        }
    };
    let mut found = search(client, &query, 1, 2, OrderBy::Unspecified).await?;
    match found["tx_responses"].as_array_mut() {
        Some(list) if list.len() == 1 => Ok(list[0].take()),
        Some(list) if list.len() > 1 => Err(Failure::new(Exit::Usage, "more than one transaction has this").into()),
        _ => Err(Failure::new(Exit::Usage, format!("no transaction has {query}")).into()),
    }
}

async fn txs(client: &Client, matches: &ArgMatches) -> Result<Value> {
    let order = match given(matches, "order_by") {
        "asc" => OrderBy::Asc,
        "desc" => OrderBy::Desc,
        _ => OrderBy::Unspecified,
    };
    let (page, limit) = (number(matches, "page").max(1), number(matches, "limit"));
    let mut found = search(client, given(matches, "query"), page, limit, order).await?;
    let total: u64 = found["total"].as_str().and_then(|total| total.parse().ok()).unwrap_or_default();
    let list = found["tx_responses"].take();
    let count = list.as_array().map_or(0, Vec::len);
    Ok(json!({
        "total_count": total.to_string(), "count": count.to_string(), "page_number": page.to_string(),
        "page_total": total.div_ceil(limit.max(1)).to_string(), "limit": limit.to_string(), "txs": list,
    }))
}

async fn search(client: &Client, query: &str, page: u64, limit: u64, order_by: OrderBy) -> Result<Value> {
    let request =
        GetTxsEventRequest { query: query.to_owned(), page, limit, order_by: order_by.into(), ..Default::default() };
    let answer: GetTxsEventResponse =
        client.ask("/cosmos.tx.v1beta1.Service/GetTxsEvent", request).await.map_err(explain)?;
    Ok(encode_message(&answer))
}

async fn block(client: &Client, matches: &ArgMatches, height: u64) -> Result<Value> {
    let wanted = given(matches, "block");
    let (method, params) = match given(matches, "type") {
        "hash" => ("block_by_hash", json!({ "hash": format!("0x{}", wanted.trim_start_matches("0x")) })),
        _ if wanted.is_empty() && height == 0 => ("block", json!({})),
        _ if wanted.is_empty() => ("block", json!({ "height": height.to_string() })),
        _ => ("block", json!({ "height": wanted })),
    };
    let mut answer: Value = client.rpc().call(method, params).await.map_err(explain)?;
    if answer["block"].is_null() {
        return Err(Failure::new(Exit::Usage, format!("there is no block {wanted}")).into());
    }
    Ok(answer["block"].take())
}

async fn blocks(client: &Client, matches: &ArgMatches) -> Result<Value> {
    let order = matches.get_one::<String>("order_by").map_or("asc", String::as_str);
    let params = json!({
        "query": given(matches, "query"), "page": number(matches, "page").to_string(),
        "per_page": number(matches, "limit").to_string(), "order_by": order,
    });
    client.rpc().call("block_search", params).await.map_err(explain)
}

/// The balance at the last settlement, less what the leases cost since then.
async fn remaining(client: &Client, matches: &ArgMatches) -> Result<Value> {
    let owner =
        Address::parse(given(matches, "owner")).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let dseq = number(matches, "dseq");
    let filters = LeaseFilters { owner: owner.to_string(), dseq, ..Default::default() };
    let leases = client.leases(filters).await.map_err(explain)?;
    // One that its provider reclaims is paid until it ends.
    let running = leases.iter().filter_map(|found| found.lease.as_ref()).filter(|lease| lease.closed_on == 0);
    let prices = running.filter_map(|lease| lease.price.as_ref());
    let mut rates = prices.map(|price| Dec::from_wire(&price.amount).ok());
    let rate = rates.try_fold(Dec::ZERO, |sum, price| sum.checked_add(price?));
    let rate = rate.context("the prices are too large")?;
    let found = client.deployment(&DeploymentId { owner: owner.clone(), dseq }).await.map_err(explain)?;
    let account = found.and_then(|found| found.escrow_account).and_then(|account| account.state);
    let none = || Failure::new(Exit::Usage, format!("{owner} has no deployment {dseq}"));
    let account = account.ok_or_else(none)?;
    let height = client.rpc().status().await.map_err(explain)?.height;
    let since = height.saturating_sub(u64::try_from(account.settled_at).unwrap_or_default());
    let funds = account.funds.first().and_then(|funds| Dec::from_wire(&funds.amount).ok()).unwrap_or(Dec::ZERO);
    let left = rate.checked_mul_int(Int::from(since)).and_then(|spent| funds.checked_sub(spent));
    let left = left.filter(|left| !left.is_negative()).unwrap_or(Dec::ZERO);
    let blocks = left.checked_quo_truncate(rate).map(|blocks| blocks.truncate().to_string());
    Ok(json!({
        "balance_remaining": left.to_string(), "price_per_block": rate.to_string(), "blocks_remaining": blocks,
    }))
}
