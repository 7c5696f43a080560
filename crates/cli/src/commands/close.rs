//! `akash close`: ends a deployment and shows what came back.

use akash_client::SendOptions;
use akash_proto::akash::deployment::v1::deployment::State;
use akash_proto::akash::deployment::v1beta4::MsgCloseDeployment;
use akash_proto::akash::escrow::types::v1::Account;
use akash_types::coin::Coin;
use akash_types::tx::encode_any;
use anyhow::Result;
use serde_json::json;

use super::session::{Session, explain};
use crate::args::Close;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

pub async fn run(home: &Home, flags: &Close, output: &Output) -> Result<()> {
    let session = Session::open(home, &flags.account)?;
    let (dseq, found) = session.choose(flags.dseq).await?;
    if found.deployment.as_ref().is_none_or(|deployment| deployment.state() != State::Active) {
        return Err(Failure::new(Exit::Usage, format!("deployment {dseq} is closed already")).into());
    }
    if !flags.yes {
        output.confirm(&format!("Close deployment {dseq}?"))?;
    }
    let denom = denomination(found.escrow_account.as_ref());
    let before = session.client.balance(&session.tenant, &denom).await.map_err(explain)?;
    output.waiting(format!("closing deployment {dseq}"));
    let id = session.deployment_id(dseq);
    let message = encode_any(&MsgCloseDeployment { id: Some((&id).into()) });
    let sent = session.sender().await?.send(vec![message], &SendOptions::default()).await.map_err(explain)?;

    let after = session.client.balance(&session.tenant, &denom).await.map_err(explain)?;
    let refund = after.checked_sub(before).and_then(|amount| Coin::new(denom, amount).ok());
    let refund = refund.map_or("nothing".to_owned(), |coin| coin.to_string());
    let text = format!("deployment {dseq} closed at height {}, {refund} came back", sent.height);
    output.result(text, &json!({ "dseq": dseq, "height": sent.height, "hash": sent.hash, "refund": refund }))
}

/// What the escrow holds; fees are paid in another denomination.
fn denomination(account: Option<&Account>) -> String {
    let funds = account.and_then(|account| account.state.as_ref()).and_then(|state| state.funds.first());
    funds.map_or_else(|| "uact".to_owned(), |funds| funds.denom.clone())
}
