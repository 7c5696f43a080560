//! Certificates of a new chain. Like the reference's, the file has valid ones only: a revoked one says nothing.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::cert::v1::{GenesisCertificate, GenesisState, State};
use serde_json::Value;

use super::errors::CertError;
use super::messages::check;
use super::state::{self, CERTIFICATES};
use crate::{genesis_json, ids, rows};

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let genesis: GenesisState = genesis_json::read("cert", genesis)?;
    for entry in genesis.certificates {
        let owner = ids::address(&entry.owner)?;
        let certificate = entry.certificate.unwrap_or_default();
        if certificate.state() != State::Valid {
            return Err(CertError::InvalidState.because("only valid certificates start a chain"));
        }
        let serial = check(&owner, &certificate.cert, &certificate.pubkey)?;
        if CERTIFICATES.has(ctx, &(owner.clone(), serial.as_bytes().to_vec()))? {
            return Err(CertError::CertificateExists.into());
        }
        state::insert(ctx, &owner, serial.as_bytes(), &certificate)?;
    }
    Ok(())
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let certificates = rows::all(ctx, &CERTIFICATES)?.into_iter();
    let valid = certificates.filter(|(_, certificate)| certificate.state() == State::Valid);
    let entry = |((owner, _), certificate): ((akash_types::address::Address, Vec<u8>), _)| GenesisCertificate {
        owner: owner.to_string(),
        certificate: Some(certificate),
    };
    genesis_json::write(&GenesisState { certificates: valid.map(entry).collect() })
}
