//! What the module announces.

use akash_kernel::Ctx;
use akash_proto::akash::epochs::v1beta1::{EventEpochEnd, EventEpochStart};

pub fn epoch_ended(ctx: &mut Ctx, epoch_number: i64) {
    ctx.emit(&EventEpochEnd { epoch_number });
}

pub fn epoch_started(ctx: &mut Ctx, epoch_number: i64, epoch_start_time: i64) {
    ctx.emit(&EventEpochStart { epoch_number, epoch_start_time });
}
