//! Public keys as a transaction states them, before anybody knows whether they are right.

use akash_kernel::{TxError, sdk_error};
use akash_proto::cosmos::auth::v1beta1::Params;
use akash_proto::cosmos::crypto::multisig::LegacyAminoPubKey;
use akash_types::key::PublicKey;
use prost::{Message, Name};
use prost_types::Any;

use crate::transaction::Transaction;

/// The compressed point that stands for a key which a simulation does not know yet. Nobody has its secret here.
const SIMULATED_KEY: [u8; 33] = [
    0x03, 0x5a, 0xd6, 0x81, 0x0a, 0x47, 0xf0, 0x73, 0x55, 0x3f, 0xf3, 0x0d, 0x2f, 0xcc, 0x7e, 0x0d, 0x3b, 0x1c, 0x0b,
    0x74, 0xb6, 0x1a, 0x1a, 0xaa, 0x25, 0x82, 0x34, 0x40, 0x37, 0x15, 0x1e, 0x14, 0x3a,
];

pub fn simulated() -> Result<Any, TxError> {
    let key = PublicKey::from_bytes(&SIMULATED_KEY).map_err(|error| TxError::Fault(format!("{error}")))?;
    Ok(key.to_any())
}

/// Limits the keys of a transaction, those within multisig keys counted one by one. It comes before any of them is
/// read as a point of the curve, for that costs more than receiving it.
pub fn check_count(tx: &Transaction, params: &Params) -> Result<(), TxError> {
    let limit = params.tx_sig_limit;
    let mut count = 0;
    for key in tx.signer_infos().iter().filter_map(|info| info.public_key.as_ref()) {
        count_leaves(key, limit, &mut count);
        if count > limit {
            return Err(sdk_error::too_many_signatures(format!("signatures: {count}, limit: {limit}")));
        }
    }
    Ok(())
}

/// Counts single keys until there are too many. Decoding has bounded how deep they nest.
fn count_leaves(key: &Any, limit: u64, count: &mut u64) {
    if key.type_url != LegacyAminoPubKey::type_url() {
        *count += 1;
        return;
    }
    // What does not decode is refused when the key is read.
    let members = LegacyAminoPubKey::decode(key.value.as_slice()).map(|key| key.public_keys).unwrap_or_default();
    for member in &members {
        count_leaves(member, limit, count);
        if *count > limit {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_within_keys_are_counted_one_by_one_up_to_the_limit() {
        let leaf = simulated().expect("a key");
        let multisig = |members: Vec<Any>| Any {
            type_url: LegacyAminoPubKey::type_url(),
            value: LegacyAminoPubKey { threshold: 1, public_keys: members }.encode_to_vec(),
        };
        let counted = |key: &Any, limit| {
            let mut count = 0;
            count_leaves(key, limit, &mut count);
            count
        };
        let nested = multisig(vec![leaf.clone(), multisig(vec![leaf.clone(); 3]), leaf.clone()]);
        assert_eq!(counted(&nested, 7), 5);
        assert_eq!(counted(&multisig(vec![nested; 1000]), 7), 8, "it stops behind the limit");
        assert_eq!(counted(&leaf, 7), 1);
    }
}
