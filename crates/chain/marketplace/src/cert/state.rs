//! What the module stores. A revoked certificate is archived.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::cert::v1::{Certificate, State};
use akash_store::{Index, Map, Record};
use akash_types::address::Address;

use super::STORE;
use crate::rows;

/// By owner and serial, the serial as big-endian bytes.
pub const CERTIFICATES: Map<(Address, Vec<u8>), Certificate> = Map::new(STORE, 0x11);
/// (state, owner, serial)
pub const CERTIFICATES_BY_STATE: Index<(u8, Address, Vec<u8>)> = Index::new(STORE, 0x21);

pub fn state_byte(state: State) -> u8 {
    match state {
        State::Invalid => 0,
        State::Valid => 1,
        State::Revoked => 2,
    }
}

pub fn insert(ctx: &mut Ctx, owner: &Address, serial: &[u8], certificate: &Certificate) -> Result<(), TxError> {
    CERTIFICATES.put(ctx, &(owner.clone(), serial.to_vec()), certificate)?;
    CERTIFICATES_BY_STATE.insert(ctx, &(state_byte(State::Valid), owner.clone(), serial.to_vec()))
}

/// Writes the final version of a valid certificate.
pub fn revoke(ctx: &mut Ctx, owner: &Address, serial: &[u8], mut certificate: Certificate) -> Result<(), TxError> {
    certificate.set_state(State::Revoked);
    CERTIFICATES.archive(ctx, &(owner.clone(), serial.to_vec()), &certificate)?;
    CERTIFICATES_BY_STATE.remove(ctx, &(state_byte(State::Valid), owner.clone(), serial.to_vec()))?;
    CERTIFICATES_BY_STATE.insert(ctx, &(state_byte(State::Revoked), owner.clone(), serial.to_vec()))
}

/// The index rows that follow from a record.
pub fn index(ctx: &mut Ctx, record: &Record) -> Result<(), TxError> {
    match CERTIFICATES.decode(record)? {
        Some(((owner, serial), certificate)) => {
            CERTIFICATES_BY_STATE.insert(ctx, &(state_byte(certificate.state()), owner, serial))
        }
        None => Ok(()),
    }
}

pub fn check_index(ctx: &mut Ctx) -> Result<Result<(), String>, TxError> {
    let certificates = rows::all(ctx, &CERTIFICATES)?.into_iter();
    let key = |((owner, serial), certificate): ((Address, Vec<u8>), Certificate)| {
        (state_byte(certificate.state()), owner, serial)
    };
    let expected = certificates.map(key).collect();
    rows::check_index(ctx, "certificates by state", &CERTIFICATES_BY_STATE, expected)
}
