//! `MsgCreateCertificate` and `MsgRevokeCertificate`, each signed by the owner.

use akash_kernel::{Ctx, Registry, Reject, TxError};
use akash_proto::akash::cert::v1::{
    Certificate, Id, MsgCreateCertificate, MsgCreateCertificateResponse, MsgRevokeCertificate,
    MsgRevokeCertificateResponse, State,
};
use akash_types::address::Address;
use akash_types::cert::{self, CertError as ValueError, Curve, Serial};

use super::errors::CertError;
use super::state::{self, CERTIFICATES};
use crate::ids;

/// Gas for reading a certificate and its key, at most twice 16 KiB.
const READ_GAS: u64 = 500;

/// Gas for one verification, by its time beside that of a signature on secp256k1, which costs 1,000.
const fn verify_gas(curve: Curve) -> u64 {
    match curve {
        Curve::P256 => 8_000,
        Curve::P224 => 11_000,
        Curve::P384 => 34_000,
        Curve::P521 => 46_000,
    }
}

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgCreateCertificate| Ok(vec![ids::address(&msg.owner)?]),
        |_| Ok(()), // all that could be said is costly, so somebody must have paid for it
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
    ctx.consume_gas(READ_GAS, "cert check")?;
    let curve = cert::curve(&msg.pubkey).map_err(refused)?;
    ctx.consume_gas(verify_gas(curve), "cert check")?;
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
    cert::check_on_chain(owner, cert, pubkey).map_err(refused)
}

fn refused(error: ValueError) -> TxError {
    let registered = match error {
        ValueError::PublicKey(_) => CertError::InvalidPubkeyValue,
        ValueError::Serial => CertError::InvalidSerialNumber,
        ValueError::Certificate(_) => CertError::InvalidCertificateValue,
        other => return CertError::InvalidCertificateValue.because(other.to_string()),
    };
    // The text of the other errors holds the registered one already.
    Reject { codespace: "cert", code: registered.code(), text: error.to_string() }.into()
}

#[cfg(test)]
mod tests {
    use akash_kernel::testing::Bench;

    use super::super::STORE;
    use super::*;

    const CERT: &[u8] = include_bytes!("../../../../../fixtures/market/tenant.cert.pem");
    const P224: &str = "-----BEGIN EC PUBLIC KEY-----
ME4wEAYHKoZIzj0CAQYFK4EEACEDOgAEv4dQRReuaf2PvlxVkAYKMmEr+ZnZHEkw
AY91+Mu6Ete+mi9kp/aN+BjBVGZTJlsK7b6QLbtaguU=
-----END EC PUBLIC KEY-----
";
    const P256: &str = include_str!("../../../../../fixtures/market/tenant.pubkey.pem");
    const P384: &str = "-----BEGIN EC PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE+/W29RuiseN80Fo3XOw7Timm3JWFtumZ
tSX/9UpGHH2GdjbbFzJeZFKzk2sT+S8GI+XV/1tw7M6R0aZLApKeyyc1phAGwJm/
L/GzZqruooDI1fISOSswdM/gFDBBA8DI
-----END EC PUBLIC KEY-----
";
    const P521: &str = "-----BEGIN EC PUBLIC KEY-----
MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAlQrpzfR9cLtZUHze32nwg6y6ADuk
3BuA5Hj6C1wQwo1OAnvHQb0rATLcqUd/DS6d9NLdpmm+Sp0LcuPa+P9aMOgBOOec
tMCx/DlmVBPuMXh6ouqblYSESarq9/TifK9BOHcb+sVSDM1vpfrfz9KNsxTlDlTm
jHBjRUP0aalgQ3u6vGI=
-----END EC PUBLIC KEY-----
";

    #[test]
    fn verification_costs_by_its_curve_also_when_it_refuses() {
        let owner = Address::from_bytes(&[7; 20]).unwrap().to_string();
        let gas = |key: &str| {
            let mut bench = Bench::new(&[STORE]);
            let mut ctx = bench.ctx();
            let pubkey = key.as_bytes().to_vec();
            create(&mut ctx, MsgCreateCertificate { owner: owner.clone(), cert: CERT.to_vec(), pubkey }).unwrap_err();
            ctx.gas_used()
        };
        assert_eq!([P224, P256, P384, P521].map(gas), [11_500, 8_500, 34_500, 46_500]);
        assert_eq!(gas("no key"), READ_GAS);
    }
}
