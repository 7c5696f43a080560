//! What authz stores.

use akash_kernel::{Ctx, Time, TxError};
use akash_proto::cosmos::authz::v1beta1::{EventRevoke, Grant};
use akash_store::{Index, Map, Record};
use akash_types::address::Address;

use super::STORE;
use crate::{read, rows};

/// Granter, grantee, and the type URL of the message.
pub type GrantKey = (Address, Address, String);

/// Grants by key. Those that expired stay until they are pruned.
pub const GRANTS: Map<GrantKey, Grant> = Map::new(STORE, 1);
/// (grantee, type URL, granter) of every grant.
pub const BY_GRANTEE: Index<(Address, String, Address)> = Index::new(STORE, 2);
/// Expiration and key of every grant that has one.
pub const BY_EXPIRATION: Index<(Expiration, GrantKey)> = Index::new(STORE, 3);

/// Seconds and nanoseconds.
pub type Expiration = (i64, u32);

/// Expired grants that one block removes; the rest waits for the next one.
const PRUNED_PER_BLOCK: usize = 200;

/// When a grant ends, if ever.
pub fn expiration(grant: &Grant) -> Result<Option<Time>, TxError> {
    grant.expiration.as_ref().map(read::time).transpose()
}

/// Writes the index rows of a record.
pub fn index(ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
    let Some((key, grant)) = GRANTS.decode(record)? else { return Ok(()) };
    BY_GRANTEE.insert(ctx, &by_grantee(&key))?;
    match expiration(&grant)? {
        Some(time) => BY_EXPIRATION.insert(ctx, &((time.seconds, time.nanos), key)),
        None => Ok(()),
    }
}

/// Writes a grant in place of the one that is there.
pub fn put(ctx: &mut Ctx, key: &GrantKey, grant: &Grant) -> Result<(), TxError> {
    let before = match GRANTS.get(ctx, key)? {
        Some(old) => expiration(&old)?,
        None => {
            BY_GRANTEE.insert(ctx, &by_grantee(key))?;
            None
        }
    };
    let after = expiration(grant)?;
    if before != after {
        if let Some(time) = before {
            BY_EXPIRATION.remove(ctx, &((time.seconds, time.nanos), key.clone()))?;
        }
        if let Some(time) = after {
            BY_EXPIRATION.insert(ctx, &((time.seconds, time.nanos), key.clone()))?;
        }
    }
    GRANTS.put(ctx, key, grant)
}

/// Removes a grant. False when there was none.
pub fn remove(ctx: &mut Ctx, key: &GrantKey) -> Result<bool, TxError> {
    let Some(grant) = GRANTS.get(ctx, key)? else { return Ok(false) };
    if let Some(time) = expiration(&grant)? {
        BY_EXPIRATION.remove(ctx, &((time.seconds, time.nanos), key.clone()))?;
    }
    BY_GRANTEE.remove(ctx, &by_grantee(key))?;
    GRANTS.remove(ctx, key)?;
    Ok(true)
}

/// Removes a grant and says so; expiry is silent.
pub fn revoke(ctx: &mut Ctx, key: &GrantKey) -> Result<bool, TxError> {
    let removed = remove(ctx, key)?;
    if removed {
        let (granter, grantee, msg_type_url) = key.clone();
        ctx.emit(&EventRevoke { msg_type_url, granter: granter.to_string(), grantee: grantee.to_string() });
    }
    Ok(removed)
}

/// Removes grants whose time has come, the oldest first.
pub fn prune(ctx: &mut Ctx) -> Result<(), TxError> {
    for (_, key) in BY_EXPIRATION.scan_range(ctx, rows::until(ctx.time()), PRUNED_PER_BLOCK)? {
        remove(ctx, &key)?;
    }
    Ok(())
}

pub fn by_grantee((granter, grantee, msg_type_url): &GrantKey) -> (Address, String, Address) {
    (grantee.clone(), msg_type_url.clone(), granter.clone())
}
