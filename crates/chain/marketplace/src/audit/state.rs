//! What the module stores.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::audit::v1::{AuditedAttributesStore, AuditedProvider};
use akash_proto::akash::base::attributes::v1::Attribute;
use akash_store::{Index, Map, Record};
use akash_types::address::Address;

use super::{STORE, record};
use crate::rows;

/// (provider, auditor)
pub const RECORDS: Map<(Address, Address), AuditedAttributesStore> = Map::new(STORE, 0x11);
/// (auditor, provider)
pub const BY_AUDITOR: Index<(Address, Address)> = Index::new(STORE, 0x21);

/// Writes what an auditor says of a provider; nothing left to say is no record.
pub fn save(ctx: &mut Ctx, id: &(Address, Address), attributes: Vec<Attribute>) -> Result<(), TxError> {
    let reversed = (id.1.clone(), id.0.clone());
    if attributes.is_empty() {
        RECORDS.remove(ctx, id)?;
        return BY_AUDITOR.remove(ctx, &reversed);
    }
    RECORDS.put(ctx, id, &AuditedAttributesStore { attributes })?;
    BY_AUDITOR.insert(ctx, &reversed)
}

/// The index rows that follow from a record.
pub fn index(ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
    match RECORDS.decode(record)? {
        Some(((owner, auditor), _)) => BY_AUDITOR.insert(ctx, &(auditor, owner)),
        None => Ok(()),
    }
}

/// A record as clients see it.
pub fn shown(id: &(Address, Address), record: AuditedAttributesStore) -> AuditedProvider {
    AuditedProvider { owner: id.0.to_string(), auditor: id.1.to_string(), attributes: record.attributes }
}

pub fn check_records(ctx: &mut Ctx) -> Result<Result<(), String>, TxError> {
    for ((owner, auditor), record) in rows::all(ctx, &RECORDS)? {
        if record.attributes.is_empty() || !record::is_sorted(&record.attributes) {
            return Ok(Err(format!("what {auditor} signed for {owner} is empty or not sorted")));
        }
    }
    Ok(Ok(()))
}

pub fn check_index(ctx: &mut Ctx) -> Result<Result<(), String>, TxError> {
    let expected = rows::all(ctx, &RECORDS)?.into_iter().map(|((owner, auditor), _)| (auditor, owner)).collect();
    rows::check_index(ctx, "records by auditor", &BY_AUDITOR, expected)
}
