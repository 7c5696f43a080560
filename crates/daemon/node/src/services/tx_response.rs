//! `TxResponse` of the SDK, out of what the chain or the mempool says about a transaction.

use akash_proto::cosmos::base::abci::v1beta1::TxResponse;
use akash_proto::cosmos::tx::v1beta1::{AuthInfo, Tx, TxBody, TxRaw};
use akash_proto::tendermint::abci::{Event, EventAttribute};
use prost::Message;
use prost_types::Any;
use tendermint_proto::v0_38::abci::ExecTxResult;

use crate::server_state::FoundTx;

/// None when the bytes are no transaction; those can stand in a block too, as failed.
pub fn decode_tx(bytes: &[u8]) -> Option<Tx> {
    let raw = TxRaw::decode(bytes).ok()?;
    let body = TxBody::decode(raw.body_bytes.as_slice()).ok()?;
    let auth_info = AuthInfo::decode(raw.auth_info_bytes.as_slice()).ok()?;
    Some(Tx { body: Some(body), auth_info: Some(auth_info), signatures: raw.signatures })
}

fn events(result: &ExecTxResult) -> Vec<Event> {
    let attribute = |attribute: &tendermint_proto::v0_38::abci::EventAttribute| EventAttribute {
        key: attribute.key.clone(),
        value: attribute.value.clone(),
        index: attribute.index,
    };
    result
        .events
        .iter()
        .map(|event| Event {
            r#type: event.r#type.clone(),
            attributes: event.attributes.iter().map(attribute).collect(),
        })
        .collect()
}

/// Of a transaction in a block.
pub fn found(found: &FoundTx, tx: &Tx) -> TxResponse {
    let result = &found.result;
    let whole_second = found.block.header.time.unix_timestamp();
    let timestamp = tendermint::Time::from_unix_timestamp(whole_second, 0).map(|time| time.to_rfc3339());
    TxResponse {
        height: i64::try_from(found.position.height).unwrap_or(i64::MAX),
        txhash: hex::encode_upper(found.hash),
        codespace: result.codespace.clone(),
        code: result.code,
        data: hex::encode_upper(&result.data),
        raw_log: result.log.clone(),
        info: result.info.clone(),
        gas_wanted: result.gas_wanted,
        gas_used: result.gas_used,
        tx: Some(Any { type_url: "/cosmos.tx.v1beta1.Tx".to_string(), value: tx.encode_to_vec() }),
        timestamp: timestamp.unwrap_or_default(),
        events: events(result),
        ..Default::default()
    }
}

/// Of a transaction that was only offered.
pub fn offered(hash: &[u8], result: &ExecTxResult) -> TxResponse {
    TxResponse {
        txhash: hex::encode_upper(hash),
        codespace: result.codespace.clone(),
        code: result.code,
        data: hex::encode_upper(&result.data),
        raw_log: result.log.clone(),
        ..Default::default()
    }
}
