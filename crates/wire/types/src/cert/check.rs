use super::ecdsa::EcdsaKey;
use super::inspect::{info, parse};
use super::{CERTIFICATE, CertError, CertificateInfo, Curve, Detail, PUBLIC_KEY, Serial, pem};
use crate::address::Address;

/// The chain's rule for publishing a certificate; the answer is its serial number.
///
/// The public key is ECDSA on a NIST curve; the certificate is strict DER; its signature is that key's, over
/// SHA-256, whatever algorithm it names; its common name is the owner. Dates and usages are not looked at.
pub fn check_on_chain(owner: &Address, cert_pem: &[u8], pubkey_pem: &[u8]) -> Result<Serial, CertError> {
    let key = public_key(pubkey_pem)?;

    let block = pem::only_block(cert_pem).ok_or(CertError::Certificate(Detail::NONE))?;
    if block.label != CERTIFICATE.as_bytes() {
        return Err(CertError::Certificate(Detail::of("invalid pem block type")));
    }
    let parsed = parse(&block.bytes)?;
    if !key.verifies(parsed.tbs_certificate.as_ref(), &parsed.signature_value.data) {
        return Err(CertError::Certificate(Detail::of("invalid certificate signature")));
    }

    let info = info(&parsed)?;
    let named = Address::parse(&info.common_name).map_err(|e| CertError::Certificate(Detail::of(e)))?;
    if named != *owner {
        return Err(CertError::Certificate(Detail::of("common name is not the owner")));
    }
    Ok(info.serial)
}

/// The curve of a public key as [`check_on_chain`] takes it. Cheap beside the verification that its name foretells.
pub fn curve(pubkey_pem: &[u8]) -> Result<Curve, CertError> {
    Ok(match public_key(pubkey_pem)? {
        EcdsaKey::P224(_) => Curve::P224,
        EcdsaKey::P256(_) => Curve::P256,
        EcdsaKey::P384(_) => Curve::P384,
        EcdsaKey::P521(_) => Curve::P521,
    })
}

fn public_key(text: &[u8]) -> Result<EcdsaKey, CertError> {
    let block = pem::only_block(text).ok_or(CertError::PublicKey(Detail::NONE))?;
    if block.label != PUBLIC_KEY.as_bytes() {
        return Err(CertError::PublicKey(Detail::of("invalid pem block type")));
    }
    EcdsaKey::from_pkix(&block.bytes).map_err(|e| CertError::PublicKey(Detail::of(e)))
}

/// Whether the certificate (DER) is valid at a moment, in unix seconds.
pub fn check_dates(certificate: &[u8], now_seconds: u64) -> Result<(), CertError> {
    dates(&info(&parse(certificate)?)?, now_seconds)
}

/// The rule for a client's certificate (DER) in a handshake, up to the question whether the chain knows it:
/// subject and issuer name the same address, P-256 with SHA-256, signed by its own key, meant for clients, valid now.
///
/// The caller still has to look its serial number up on chain, in state valid, and compare the public key.
pub fn check_client(certificate: &[u8], now_seconds: u64) -> Result<(Address, CertificateInfo), CertError> {
    let parsed = parse(certificate)?;
    let info = info(&parsed)?;
    let owner = Address::parse(&info.common_name).map_err(|e| CertError::Certificate(Detail::of(e)))?;
    if info.common_name != info.issuer_common_name {
        return Err(CertError::Unusable("subject and issuer differ"));
    }
    if !info.is_p256_sha256 {
        return Err(CertError::Unusable("not ECDSA on P-256 with SHA-256"));
    }
    let key = EcdsaKey::from_pkix(&info.public_key).map_err(|e| CertError::PublicKey(Detail::of(e)))?;
    if !key.verifies(parsed.tbs_certificate.as_ref(), &parsed.signature_value.data) {
        return Err(CertError::Certificate(Detail::of("invalid certificate signature")));
    }
    if !info.for_clients {
        return Err(CertError::Unusable("not meant for clients"));
    }
    dates(&info, now_seconds)?;
    Ok((owner, info))
}

fn dates(info: &CertificateInfo, now_seconds: u64) -> Result<(), CertError> {
    let now = i64::try_from(now_seconds).unwrap_or(i64::MAX);
    if now < info.not_before {
        return Err(CertError::NotYetValid { not_before: info.not_before });
    }
    if now > info.not_after {
        return Err(CertError::Expired { not_after: info.not_after });
    }
    Ok(())
}
