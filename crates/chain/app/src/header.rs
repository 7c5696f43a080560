//! What the chain knows of its last block: name of the network, height, time, proposer.
//!
//! It is part of the state, so that a node that has only the state can answer with the right height and time.

use akash_kernel::{BlockInfo, Ctx, Module, Registry, StoreName, Time, TxError};
use akash_proto::tendermint::types::Header as ProtoHeader;
use akash_store::{Item, Kv};
use prost_types::Timestamp;
use serde_json::Value;

const STORE: StoreName = "header";
const LAST: Item<ProtoHeader> = Item::new(STORE, 1);

/// Owner of the store; it answers nothing and does nothing.
pub struct Header;

impl Module for Header {
    fn name(&self) -> &'static str {
        "header"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[STORE]
    }

    fn register(&self, _registry: &mut Registry) {}

    fn init_genesis(&self, _ctx: &mut Ctx, _genesis: &Value) -> Result<(), TxError> {
        Ok(())
    }

    fn export_genesis(&self, _ctx: &mut Ctx) -> Result<Value, TxError> {
        Ok(Value::Null)
    }
}

/// The last block, or nothing before genesis.
pub fn read<K: Kv>(kv: &mut K) -> Result<Option<BlockInfo>, K::Error> {
    Ok(LAST.get(kv)?.map(|header| {
        let time = header.time.unwrap_or_default();
        BlockInfo {
            chain_id: header.chain_id,
            height: header.height,
            time: Time { seconds: time.seconds, nanos: time.nanos.unsigned_abs() },
            proposer: header.proposer_address,
        }
    }))
}

pub fn write<K: Kv>(kv: &mut K, block: &BlockInfo) -> Result<(), K::Error> {
    let nanos = i32::try_from(block.time.nanos).unwrap_or(i32::MAX);
    let header = ProtoHeader {
        chain_id: block.chain_id.clone(),
        height: block.height,
        time: Some(Timestamp { seconds: block.time.seconds, nanos }),
        proposer_address: block.proposer.clone(),
        ..ProtoHeader::default()
    };
    LAST.put(kv, &header)
}
