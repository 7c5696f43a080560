//! Rights and allowances: what one account may do for another, and whose fees it pays.

use akash_proto::akash::escrow::v1::{DepositAuthorization, deposit_authorization};
use akash_proto::cosmos::authz::v1beta1::{GenericAuthorization, Grant, MsgExec, MsgGrant};
use akash_proto::cosmos::bank::v1beta1::SendAuthorization;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_proto::cosmos::feegrant::v1beta1::{
    AllowedMsgAllowance, BasicAllowance, MsgGrantAllowance, PeriodicAllowance,
};
use akash_types::address::Address;
use akash_types::json;
use akash_types::tx::encode_any;
use anyhow::Result;
use clap::{ArgMatches, Args, Command, ValueEnum};
use prost_types::{Any, Timestamp};
use serde_json::Value;

use super::{coins, command, duration, flags, usage};
use crate::args::{Input, TxFlags};
use crate::commands::send::Sending;
use crate::commands::tx;
use crate::home::Home;
use crate::output::Output;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Send coins, up to --spend-limit
    Send,
    /// Any message of --msg-type
    Generic,
    /// Deposit into escrow, up to --spend-limit
    Deposit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scope {
    Deployment,
    Bid,
}

#[derive(Args)]
struct GrantFlags {
    #[command(flatten)]
    tx: TxFlags,
    /// Who gets the right
    grantee: String,
    /// Which right
    #[arg(value_enum)]
    kind: Kind,
    /// What may be spent altogether
    #[arg(long, value_name = "COINS")]
    spend_limit: Option<String>,
    /// Which message, such as /cosmos.gov.v1.MsgVote
    #[arg(long, value_name = "URL")]
    msg_type: Option<String>,
    /// Who may be sent coins; without it everybody
    #[arg(long, value_name = "ADDRESSES", value_delimiter = ',')]
    allow_list: Vec<String>,
    /// What may be deposited for
    #[arg(long, value_enum, value_delimiter = ',', default_value = "deployment,bid")]
    scope: Vec<Scope>,
    /// When it ends, in Unix seconds; 0 is never
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    expiration: i64,
}

#[derive(Args)]
struct ExecFlags {
    #[command(flatten)]
    tx: TxFlags,
    #[command(flatten)]
    input: Input,
}

#[derive(Args)]
struct AllowanceFlags {
    #[command(flatten)]
    tx: TxFlags,
    /// Name or address of the key that pays
    #[arg(value_name = "GRANTER")]
    payer: String,
    /// Whose fees are paid
    grantee: String,
    /// What is paid altogether; without it any amount
    #[arg(long, value_name = "COINS")]
    spend_limit: Option<String>,
    /// Length of a period, in seconds or as 1h
    #[arg(long, value_name = "TIME", requires = "period_limit")]
    period: Option<String>,
    /// What is paid in a period
    #[arg(long, value_name = "COINS", requires = "period")]
    period_limit: Option<String>,
    /// Which messages; without it all
    #[arg(long, value_name = "URLS", value_delimiter = ',')]
    allowed_messages: Vec<String>,
    /// When it ends, as 2030-01-02T15:04:05Z
    #[arg(long, value_name = "TIME")]
    expiration: Option<String>,
}

pub fn commands() -> Vec<(&'static str, Command)> {
    let grant = command::<GrantFlags>(
        "grant",
        "Let an account act for yours",
        "  akash tx authz grant akash1... send --spend-limit 1000uakt --from alice\n  \
           akash tx authz grant akash1... generic --msg-type /akash.market.v1beta5.MsgCloseLease --from alice\n  \
           akash tx authz grant akash1... deposit --spend-limit 5000000uact --from alice",
    );
    let exec = command::<ExecFlags>(
        "exec",
        "Act for the account that gave the right",
        "  akash tx bank send akash1... akash1... 5uakt --from akash1... --generate-only > tx.json\n  \
           akash tx authz exec tx.json --from bob",
    );
    let allowance = command::<AllowanceFlags>(
        "grant",
        "Pay the fees of an account",
        "  akash tx feegrant grant alice akash1... --spend-limit 100000uakt\n  \
           akash tx feegrant grant alice akash1... --period 1h --period-limit 5000uakt",
    );
    vec![("authz grant", grant), ("authz exec", exec), ("feegrant grant", allowance)]
}

pub async fn run(path: &str, home: &Home, matches: &ArgMatches, output: &Output) -> Option<Result<()>> {
    Some(match path {
        "authz grant" => grant(home, matches, output).await,
        "authz exec" => exec(home, matches, output).await,
        "feegrant grant" => allowance(home, matches, output).await,
        _ => return None,
    })
}

async fn grant(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let flags: GrantFlags = flags(matches)?;
    let grantee = address(&flags.grantee)?;
    let authorization = authorization(&flags)?;
    let sending = Sending::open(home, &flags.tx, output)?;
    if *sending.from() == grantee {
        return Err(usage("an account needs no right to act for itself"));
    }
    let expiration = (flags.expiration != 0).then_some(Timestamp { seconds: flags.expiration, nanos: 0 });
    let grant = Grant { authorization: Some(authorization), expiration };
    let message = MsgGrant { granter: sending.from().to_string(), grantee: grantee.to_string(), grant: Some(grant) };
    sending.send(vec![encode_any(&message)]).await
}

fn authorization(flags: &GrantFlags) -> Result<Any> {
    let limit = || {
        let text = flags.spend_limit.as_deref();
        coins("--spend-limit", text.ok_or_else(|| usage("this right needs a --spend-limit"))?)
    };
    Ok(match flags.kind {
        Kind::Send => {
            let allow_list = flags.allow_list.iter().map(|text| Ok(address(text)?.to_string()));
            let allow_list = allow_list.collect::<Result<Vec<_>>>()?;
            encode_any(&SendAuthorization { spend_limit: (&limit()?).into(), allow_list })
        }
        Kind::Generic => {
            let msg = flags.msg_type.clone().ok_or_else(|| usage("this right needs a --msg-type"))?;
            encode_any(&GenericAuthorization { msg })
        }
        Kind::Deposit => {
            let limits = limit()?;
            let scopes = flags.scope.iter().map(|scope| match scope {
                Scope::Deployment => deposit_authorization::Scope::Deployment.into(),
                Scope::Bid => deposit_authorization::Scope::Bid.into(),
            });
            // The field of the past is there, and empty, as the Go client writes it.
            let spend_limit = Some(Coin { denom: String::new(), amount: "0".to_owned() });
            let (scopes, spend_limits) = (scopes.collect(), (&limits).into());
            encode_any(&DepositAuthorization { spend_limit, scopes, spend_limits })
        }
    })
}

async fn exec(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let flags: ExecFlags = flags(matches)?;
    let given = tx::opened(&tx::read(&flags.input)?)?;
    let sending = Sending::open(home, &flags.tx, output)?;
    let msgs = given.body.unwrap_or_default().messages;
    sending.send(vec![encode_any(&MsgExec { grantee: sending.from().to_string(), msgs })]).await
}

async fn allowance(home: &Home, matches: &ArgMatches, output: &Output) -> Result<()> {
    let mut flags: AllowanceFlags = flags(matches)?;
    let allowance = allowance_of(&flags)?;
    let grantee = address(&flags.grantee)?.to_string();
    flags.tx.from = Some(flags.payer.clone());
    let sending = Sending::open(home, &flags.tx, output)?;
    let message = MsgGrantAllowance { granter: sending.from().to_string(), grantee, allowance: Some(allowance) };
    sending.send(vec![encode_any(&message)]).await
}

fn allowance_of(flags: &AllowanceFlags) -> Result<Any> {
    let limit = |flag: &str, text: &Option<String>| -> Result<Vec<_>> {
        text.as_deref().map_or(Ok(Vec::new()), |text| Ok((&coins(flag, text)?).into()))
    };
    let expiration = flags.expiration.as_deref().map(time).transpose()?;
    let basic = BasicAllowance { spend_limit: limit("--spend-limit", &flags.spend_limit)?, expiration };
    let inner = match &flags.period {
        None => encode_any(&basic),
        Some(period) => {
            let period = duration("--period", period)?;
            let period_limit = limit("--period-limit", &flags.period_limit)?;
            encode_any(&PeriodicAllowance {
                basic: Some(basic),
                period: Some(period),
                period_can_spend: period_limit.clone(),
                period_spend_limit: period_limit,
                period_reset: Some(Timestamp::default()),
            })
        }
    };
    if flags.allowed_messages.is_empty() {
        return Ok(inner);
    }
    let allowed_messages = flags.allowed_messages.clone();
    Ok(encode_any(&AllowedMsgAllowance { allowance: Some(inner), allowed_messages }))
}

fn address(text: &str) -> Result<Address> {
    Address::parse(text).map_err(|error| usage(format!("{text}: {error}")))
}

fn time(text: &str) -> Result<Timestamp> {
    json::decode_message::<Timestamp>(&Value::from(text))
        .map_err(|_| usage(format!("--expiration {text:?} is no time such as 2030-01-02T15:04:05Z")))
}
