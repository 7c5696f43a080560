use std::fmt;
use std::time::Duration;

use rand::RngCore;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    SerialNumber, date_time_ymd,
};
use zeroize::Zeroizing;

use super::{CERTIFICATE, CertError, Detail, PUBLIC_KEY, Serial, inspect, parse_pem, pem};
use crate::address::Address;

/// The attribute that carries the version of the way in which clients identify themselves.
const VERSION_OID: [u64; 5] = [2, 23, 133, 2, 6];
const VERSION: &str = "v0.0.1";

/// 9999-12-31T23:59:59, the last moment that a certificate can name.
const LAST_SECOND: u64 = 253_402_300_799;

/// From when to when a certificate may be used, in unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub not_before: u64,
    pub not_after: u64,
}

/// A certificate with its keys.
#[derive(Clone)]
pub struct Certificate {
    pub cert_pem: String,
    /// The public key under the label that the chain wants.
    pub pubkey_pem: String,
    /// The secret key, PKCS #8.
    pub key_pem: Zeroizing<String>,
    pub serial: Serial,
    not_after: u64,
}

impl Certificate {
    /// Takes the three texts back, and checks that the keys are those of the certificate.
    pub fn from_pem(cert_pem: &str, pubkey_pem: &str, key_pem: &str) -> Result<Self, CertError> {
        let info = inspect(&parse_pem(cert_pem.as_bytes(), CERTIFICATE)?)?;
        let public_key = parse_pem(pubkey_pem.as_bytes(), PUBLIC_KEY)?;
        let key = KeyPair::from_pem(key_pem).map_err(|_| CertError::SecretKey)?;
        if public_key != info.public_key || key.public_key_der() != info.public_key {
            return Err(CertError::PublicKey(Detail::of("not the key of the certificate")));
        }
        Ok(Self {
            cert_pem: cert_pem.to_owned(),
            pubkey_pem: pubkey_pem.to_owned(),
            key_pem: Zeroizing::new(key_pem.to_owned()),
            serial: info.serial,
            not_after: u64::try_from(info.not_after).unwrap_or(0),
        })
    }

    /// The last second at which it is valid, in unix seconds.
    #[must_use]
    pub fn not_after(&self) -> u64 {
        self.not_after
    }

    /// The certificate in DER, as TLS wants it.
    #[must_use]
    pub fn cert_der(&self) -> Vec<u8> {
        parse_pem(self.cert_pem.as_bytes(), CERTIFICATE).expect("checked when it was made")
    }

    /// The secret key in DER (PKCS #8), as TLS wants it.
    #[must_use]
    pub fn key_der(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(parse_pem(self.key_pem.as_bytes(), super::PRIVATE_KEY).expect("checked when it was made"))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.serial)
    }
}

/// Makes a key on P-256 and a certificate of it, which names the owner. With `names` (of hosts, or addresses) it is
/// also one for a server.
pub fn generate(owner: &Address, names: &[String], valid: Validity) -> Result<Certificate, CertError> {
    let error = |e: rcgen::Error| CertError::Generate(e.to_string());
    if valid.not_before > valid.not_after || valid.not_after > LAST_SECOND {
        return Err(CertError::Generate("the validity ends before it begins, or after the year 9999".to_owned()));
    }
    let key = KeyPair::generate().map_err(error)?;
    let serial = new_serial();

    let mut params = CertificateParams::new(names.to_vec()).map_err(error)?;
    params.not_before = date_time_ymd(1970, 1, 1) + Duration::from_secs(valid.not_before);
    params.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(valid.not_after);
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.distinguished_name = subject(owner)?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages =
        vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment, KeyUsagePurpose::DataEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    if !names.is_empty() {
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
    }
    let made = params.self_signed(&key).map_err(error)?;

    Ok(Certificate {
        cert_pem: pem::write(CERTIFICATE, made.der()),
        pubkey_pem: pem::write(PUBLIC_KEY, &key.public_key_der()),
        key_pem: Zeroizing::new(pem::write(super::PRIVATE_KEY, key.serialized_der())),
        serial: Serial::from_bytes(&serial)?,
        not_after: valid.not_after,
    })
}

fn subject(owner: &Address) -> Result<DistinguishedName, CertError> {
    let text = |text: &str| {
        let text = text.try_into().map_err(|e: rcgen::Error| CertError::Generate(e.to_string()))?;
        Ok(DnValue::PrintableString(text))
    };
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text(&owner.to_string())?);
    name.push(DnType::from_oid(&VERSION_OID), text(VERSION)?);
    Ok(name)
}

/// 62 random bits behind a leading one, so that the number is positive and always has 8 bytes.
fn new_serial() -> [u8; 8] {
    let mut bytes = [0; 8];
    rand::rngs::OsRng.fill_bytes(&mut bytes);
    bytes[0] = bytes[0] & 0x3f | 0x40;
    bytes
}
