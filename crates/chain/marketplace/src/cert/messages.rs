//! `MsgCreateCertificate` and `MsgRevokeCertificate`, each signed by the owner.

use akash_kernel::{Ctx, Registry, Reject, TxError};
use akash_proto::akash::cert::v1::{
    Certificate, Id, MsgCreateCertificate, MsgCreateCertificateResponse, MsgRevokeCertificate,
    MsgRevokeCertificateResponse, State,
};
use akash_types::address::Address;
use akash_types::cert::{self, CertError as ValueError, Serial};

use super::errors::CertError;
use super::state::{self, CERTIFICATES};
use crate::ids;

/// Gas for one check of a certificate: parsing and one ECDSA verification, at the price of a signature on P-256.
const CHECK_GAS: u64 = 500;

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgCreateCertificate| Ok(vec![ids::address(&msg.owner)?]),
        |msg| {
            let owner = ids::address(&msg.owner)?;
            check(&owner, &msg.cert, &msg.pubkey).map(|_| ())
        },
        create,
    );
    registry.message(
        |msg: &MsgRevokeCertificate| Ok(vec![certificate_id(msg.id.as_ref())?.0]),
        |msg| certificate_id(msg.id.as_ref()).map(|_| ()),
        revoke,
    );
}

fn create(ctx: &mut Ctx, msg: MsgCreateCertificate) -> Result<MsgCreateCertificateResponse, TxError> {
    let owner = ids::address(&msg.owner)?;
    ctx.consume_gas(CHECK_GAS, "cert check")?;
    let serial = check(&owner, &msg.cert, &msg.pubkey)?;
    if CERTIFICATES.has(ctx, &(owner.clone(), serial.as_bytes().to_vec()))? {
        return Err(CertError::CertificateExists.into());
    }

    let certificate = Certificate { state: State::Valid.into(), cert: msg.cert, pubkey: msg.pubkey };

    state::insert(ctx, &owner, serial.as_bytes(), &certificate)?;
    Ok(MsgCreateCertificateResponse {})
}

fn revoke(ctx: &mut Ctx, msg: MsgRevokeCertificate) -> Result<MsgRevokeCertificateResponse, TxError> {
    let (owner, serial) = certificate_id(msg.id.as_ref())?;
    let stored = CERTIFICATES.get(ctx, &(owner.clone(), serial.as_bytes().to_vec()))?;
    let certificate = stored.ok_or(CertError::CertificateNotFound)?;
    if certificate.state() != State::Valid {
        return Err(CertError::CertificateAlreadyRevoked.into());
    }

    state::revoke(ctx, &owner, serial.as_bytes(), certificate)?;
    Ok(MsgRevokeCertificateResponse {})
}

fn certificate_id(id: Option<&Id>) -> Result<(Address, Serial), TxError> {
    let id = id.ok_or(CertError::InvalidSerialNumber)?;
    let owner = ids::address(&id.owner)?;
    let serial = id.serial.parse().map_err(|_| CertError::InvalidSerialNumber)?;
    Ok((owner, serial))
}

/// The chain's rule for certificates, with its errors.
pub fn check(owner: &Address, cert: &[u8], pubkey: &[u8]) -> Result<Serial, TxError> {
    cert::check_on_chain(owner, cert, pubkey).map_err(|error| {
        let registered = match error {
            ValueError::PublicKey(_) => CertError::InvalidPubkeyValue,
            ValueError::Serial => CertError::InvalidSerialNumber,
            ValueError::Certificate(_) => CertError::InvalidCertificateValue,
            other => return CertError::InvalidCertificateValue.because(other.to_string()),
        };
        // The text of the other errors holds the registered one already.
        Reject { codespace: "cert", code: registered.code(), text: error.to_string() }.into()
    })
}
