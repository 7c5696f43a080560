//! What other modules may ask of audits.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::base::attributes::v1::Attribute;
use akash_types::address::Address;

use super::state::RECORDS;

/// What one auditor has signed for a provider; nothing is an empty list.
pub fn signed(ctx: &mut Ctx, provider: &Address, auditor: &Address) -> Result<Vec<Attribute>, TxError> {
    let record = RECORDS.get(ctx, &(provider.clone(), auditor.clone()))?;
    Ok(record.map(|record| record.attributes).unwrap_or_default())
}
