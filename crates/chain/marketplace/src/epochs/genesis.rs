//! Epochs of a new chain.

use akash_kernel::{Ctx, TxError, sdk_error};
use akash_proto::akash::epochs::v1beta1::{EpochInfo, GenesisState};
use prost_types::Timestamp;
use serde_json::Value;

use super::state::{EPOCHS, MAX_EPOCHS};
use crate::{durations, genesis_json, rows};

/// Longest name of an epoch.
const MAX_NAME_BYTES: usize = 128;
/// What an absent time is in the reference's genesis: the first year. Such an epoch begins with the chain.
const ZERO_SECONDS: i64 = -62_135_596_800;

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let genesis: GenesisState = genesis_json::read("epochs", genesis)?;
    if genesis.epochs.len() > MAX_EPOCHS {
        return Err(sdk_error::invalid_request(format!("genesis has more than {MAX_EPOCHS} epochs")));
    }
    for mut info in genesis.epochs {
        check(&info).map_err(|wrong| sdk_error::invalid_request(format!("epoch {:?}: {wrong}", info.id)))?;
        if EPOCHS.has(ctx, &info.id)? {
            return Err(sdk_error::invalid_request(format!("genesis has epoch {} twice", info.id)));
        }
        if info.start_time.is_none_or(|time| time.seconds <= ZERO_SECONDS) {
            let nanos = i32::try_from(ctx.time().nanos).unwrap_or(0);
            info.start_time = Some(Timestamp { seconds: ctx.time().seconds, nanos });
        }
        if info.current_epoch_start_height == 0 {
            info.current_epoch_start_height = ctx.height();
        }
        EPOCHS.put(ctx, &info.id.clone(), &info)?;
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let epochs = rows::all(ctx, &EPOCHS)?.into_iter().map(|(_, info)| info).collect();
    genesis_json::write(&GenesisState { epochs })
}

fn check(info: &EpochInfo) -> Result<(), &'static str> {
    if info.id.is_empty() || info.id.len() > MAX_NAME_BYTES {
        return Err("the name is empty or too long");
    }
    if info.duration.is_none_or(|duration| durations::nanos(&duration) <= 0) {
        return Err("the length is not positive");
    }
    if info.current_epoch < 0 || info.current_epoch_start_height < 0 {
        return Err("a number is negative");
    }
    Ok(())
}
