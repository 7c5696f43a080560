//! The messages of the module, each signed by the provider.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::provider::v1beta4::{
    MsgCreateProvider, MsgCreateProviderResponse, MsgDeleteProvider, MsgDeleteProviderResponse, MsgUpdateProvider,
    MsgUpdateProviderResponse, Provider,
};

use super::errors::ProviderError;
use super::state::PROVIDERS;
use super::{check, events};
use crate::{ids, market};

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgCreateProvider| Ok(vec![ids::address(&msg.owner)?]),
        |msg| check::check(&of_create(msg.clone())),
        create,
    );
    registry.message(
        |msg: &MsgUpdateProvider| Ok(vec![ids::address(&msg.owner)?]),
        |msg| check::check(&of_update(msg.clone())),
        update,
    );
    registry.message(
        |msg: &MsgDeleteProvider| Ok(vec![ids::address(&msg.owner)?]),
        |msg| ids::address(&msg.owner).map(|_| ()),
        delete,
    );
}

fn create(ctx: &mut Ctx, msg: MsgCreateProvider) -> Result<MsgCreateProviderResponse, TxError> {
    let owner = ids::address(&msg.owner)?;
    if PROVIDERS.has(ctx, &owner)? {
        return Err(ProviderError::ProviderExists.because(msg.owner));
    }

    PROVIDERS.put(ctx, &owner, &of_create(msg))?;
    events::provider_created(ctx, &owner);
    Ok(MsgCreateProviderResponse {})
}

/// Replaces everything. Active leases go on: they depend on nothing in here.
fn update(ctx: &mut Ctx, msg: MsgUpdateProvider) -> Result<MsgUpdateProviderResponse, TxError> {
    let owner = ids::address(&msg.owner)?;
    if !PROVIDERS.has(ctx, &owner)? {
        return Err(ProviderError::ProviderNotFound.because(msg.owner));
    }

    PROVIDERS.put(ctx, &owner, &of_update(msg))?;
    events::provider_updated(ctx, &owner);
    Ok(MsgUpdateProviderResponse {})
}

/// A provider leaves once it has no lease, and takes its open bids along; it may come back.
fn delete(ctx: &mut Ctx, msg: MsgDeleteProvider) -> Result<MsgDeleteProviderResponse, TxError> {
    let owner = ids::address(&msg.owner)?;
    if !PROVIDERS.has(ctx, &owner)? {
        return Err(ProviderError::ProviderNotFound.because(msg.owner));
    }
    if market::api::has_lease(ctx, &owner)? {
        return Err(ProviderError::CannotDelete.because("provider has active leases"));
    }

    market::api::close_bids(ctx, &owner)?;
    PROVIDERS.remove(ctx, &owner)?;
    events::provider_deleted(ctx, &owner);
    Ok(MsgDeleteProviderResponse {})
}

fn of_create(msg: MsgCreateProvider) -> Provider {
    let info = Some(msg.info.unwrap_or_default());
    Provider { owner: msg.owner, host_uri: msg.host_uri, attributes: msg.attributes, info }
}

fn of_update(msg: MsgUpdateProvider) -> Provider {
    let info = Some(msg.info.unwrap_or_default());
    Provider { owner: msg.owner, host_uri: msg.host_uri, attributes: msg.attributes, info }
}
