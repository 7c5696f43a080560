//! What the module announces.

use akash_kernel::Ctx;
use akash_proto::akash::audit::v1::{EventTrustedAuditorCreated, EventTrustedAuditorDeleted};
use akash_types::address::Address;

pub fn auditor_created(ctx: &mut Ctx, owner: &Address, auditor: &Address) {
    ctx.emit(&EventTrustedAuditorCreated { owner: owner.to_string(), auditor: auditor.to_string() });
}

pub fn auditor_deleted(ctx: &mut Ctx, owner: &Address, auditor: &Address) {
    ctx.emit(&EventTrustedAuditorDeleted { owner: owner.to_string(), auditor: auditor.to_string() });
}
