//! Whether signatures are those of the signers.

use akash_types::address::Address;
use akash_types::key::SignerKey;
use akash_types::tx::{Decoded, SignerData};

use super::{OfflineError, signers};

/// One signature and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Who must sign.
    pub signer: String,
    pub sequence: u64,
    /// Why it is not valid.
    pub fault: Option<String>,
}

/// Checks the signatures of a transaction; `account_numbers` stand in the order of its signers.
///
/// # Errors
/// When a message is unknown or names no signer.
pub fn check_signatures(tx: &Decoded, chain_id: &str, account_numbers: &[u64]) -> Result<Vec<Checked>, OfflineError> {
    let wanted = signers(&tx.body, &tx.auth_info)?;
    let checked = wanted.into_iter().enumerate().map(|(at, signer)| {
        let sequence = tx.auth_info.signer_infos.get(at).map_or(0, |info| info.sequence);
        let fault = match account_numbers.get(at) {
            Some(number) => fault_of(tx, at, &signer, &SignerData { chain_id, account_number: *number, sequence }),
            None => Some("its account number was not given".to_owned()),
        };
        Checked { signer, sequence, fault }
    });
    Ok(checked.collect())
}

fn fault_of(tx: &Decoded, at: usize, signer: &str, data: &SignerData<'_>) -> Option<String> {
    let Some(info) = tx.auth_info.signer_infos.get(at).filter(|_| at < tx.signatures.len()) else {
        return Some("it has not signed".to_owned());
    };
    let Some(public_key) = &info.public_key else {
        return Some("its public key is not in the transaction, only on chain".to_owned());
    };
    let key = match SignerKey::from_any(public_key) {
        Ok(key) => key,
        Err(error) => return Some(error.to_string()),
    };
    match Address::parse(signer) {
        Ok(address) if address == key.address() => {}
        Ok(_) => return Some(format!("the public key is that of {}", key.address())),
        Err(error) => return Some(format!("the signer is no account: {error}")),
    }
    tx.verify(at, &key, data).err().map(|error| format!("{error}; chain id and account number are part of it"))
}
