//! What the module announces.

use akash_kernel::Ctx;
use akash_proto::akash::provider::v1beta4::{EventProviderCreated, EventProviderDeleted, EventProviderUpdated};
use akash_types::address::Address;

pub fn provider_created(ctx: &mut Ctx, owner: &Address) {
    ctx.emit(&EventProviderCreated { owner: owner.to_string() });
}

pub fn provider_updated(ctx: &mut Ctx, owner: &Address) {
    ctx.emit(&EventProviderUpdated { owner: owner.to_string() });
}

pub fn provider_deleted(ctx: &mut Ctx, owner: &Address) {
    ctx.emit(&EventProviderDeleted { owner: owner.to_string() });
}
