//! The messages of the module, each signed by the auditor.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::audit::v1::{
    MsgDeleteProviderAttributes, MsgDeleteProviderAttributesResponse, MsgSignProviderAttributes,
    MsgSignProviderAttributesResponse,
};
use akash_types::address::Address;

use super::errors::AuditError;
use super::state::RECORDS;
use super::{events, record, state};
use crate::ids;

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgSignProviderAttributes| Ok(vec![ids::address(&msg.auditor)?]),
        |msg| {
            id(&msg.owner, &msg.auditor)?;
            record::check(&msg.attributes)
        },
        sign,
    );
    registry.message(
        |msg: &MsgDeleteProviderAttributes| Ok(vec![ids::address(&msg.auditor)?]),
        |msg| id(&msg.owner, &msg.auditor).map(|_| ()),
        delete,
    );
}

/// PARITY(audit/anybody): the provider need not be registered, and anybody may be an auditor.
/// Page: docs/parity/audit.md.
fn sign(ctx: &mut Ctx, msg: MsgSignProviderAttributes) -> Result<MsgSignProviderAttributesResponse, TxError> {
    let id = id(&msg.owner, &msg.auditor)?;
    let signed = RECORDS.get(ctx, &id)?.unwrap_or_default();

    let merged = record::merge(signed.attributes, msg.attributes)?;

    state::save(ctx, &id, merged)?;
    events::auditor_created(ctx, &id.0, &id.1);
    Ok(MsgSignProviderAttributesResponse {})
}

/// No keys take everything back.
fn delete(ctx: &mut Ctx, msg: MsgDeleteProviderAttributes) -> Result<MsgDeleteProviderAttributesResponse, TxError> {
    let id = id(&msg.owner, &msg.auditor)?;
    let signed = RECORDS.get(ctx, &id)?.ok_or(AuditError::ProviderNotFound)?;

    let left = if msg.keys.is_empty() { Vec::new() } else { record::without(signed.attributes, &msg.keys)? };

    state::save(ctx, &id, left)?;
    events::auditor_deleted(ctx, &id.0, &id.1);
    Ok(MsgDeleteProviderAttributesResponse {})
}

fn id(owner: &str, auditor: &str) -> Result<(Address, Address), TxError> {
    Ok((ids::address(owner)?, ids::address(auditor)?))
}
