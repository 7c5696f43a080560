//! `MsgUpdateParams` of our own parameters: what a deployment may ask for.

use akash_cosmos::authority;
use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::ext::deployment::v1::{MsgUpdateParams, MsgUpdateParamsResponse, Params};

use crate::deployment::errors::DeploymentError;
use crate::deployment::spec::limits::{CEILING, MIN_CPU_MILLI, MIN_MEMORY_BYTES, MIN_VOLUME_BYTES};
use crate::deployment::state;
use crate::ids;

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgUpdateParams| Ok(vec![ids::address(&msg.authority)?]),
        |msg| check(&msg.params.unwrap_or_default()),
        update,
    );
}

fn update(ctx: &mut Ctx, msg: MsgUpdateParams) -> Result<MsgUpdateParamsResponse, TxError> {
    authority::api::require(ctx, &msg.authority)?;

    state::LIMITS.put(ctx, &msg.params.unwrap_or_default())?;
    Ok(MsgUpdateParamsResponse {})
}

/// Each limit leaves room for something and stays below its ceiling. All are replaced together, so none is optional.
pub fn check(limits: &Params) -> Result<(), TxError> {
    for (what, limit, min, max) in [
        ("max_groups", limits.max_groups.into(), 1, CEILING.max_groups.into()),
        ("max_units", limits.max_units.into(), 1, CEILING.max_units.into()),
        ("max_replicas", limits.max_replicas.into(), 1, CEILING.max_replicas.into()),
        ("max_unit_cpu_milli", limits.max_unit_cpu_milli, MIN_CPU_MILLI, CEILING.max_unit_cpu_milli),
        ("max_unit_gpu", limits.max_unit_gpu, 0, CEILING.max_unit_gpu),
        ("max_unit_memory_bytes", limits.max_unit_memory_bytes, MIN_MEMORY_BYTES, CEILING.max_unit_memory_bytes),
        ("max_volume_bytes", limits.max_volume_bytes, MIN_VOLUME_BYTES, CEILING.max_volume_bytes),
        ("max_volumes", limits.max_volumes.into(), 1, CEILING.max_volumes.into()),
        ("max_endpoints", limits.max_endpoints.into(), 0, CEILING.max_endpoints.into()),
        ("max_group_cpu_milli", limits.max_group_cpu_milli, MIN_CPU_MILLI, CEILING.max_group_cpu_milli),
        ("max_group_gpu", limits.max_group_gpu, 0, CEILING.max_group_gpu),
        ("max_group_memory_bytes", limits.max_group_memory_bytes, MIN_MEMORY_BYTES, CEILING.max_group_memory_bytes),
        ("max_group_storage_bytes", limits.max_group_storage_bytes, MIN_VOLUME_BYTES, CEILING.max_group_storage_bytes),
        ("max_unit_price", limits.max_unit_price, 1, CEILING.max_unit_price),
    ] {
        if !(min..=max).contains(&limit) {
            return Err(DeploymentError::InvalidParam.because(format!("{what} {limit} is not between {min} and {max}")));
        }
    }
    Ok(())
}
