//! The certificates of tenants and providers: self-signed, published on chain, used for mutual TLS.
//!
//! Life of one: [`generate`] makes key and certificate; the PEM texts of certificate and public key go on chain,
//! where [`check_on_chain`] accepts them; a peer that is shown the certificate learns by [`inspect`] whose it says
//! it is, and by [`check_client`] or [`check_dates`] whether it may be used now. That it stands on chain, valid and
//! with the same key, is for the caller to look up.
//!
//! Invariants: the subject's common name is the owner's address. Every input is bounded to [`MAX_PEM_BYTES`] and
//! must be strict DER, so that two nodes never disagree about one. There is no clock here: who knows the time says
//! it.

mod check;
mod der;
mod ecdsa;
mod generate;
mod inspect;
mod pem;
mod serial;
#[cfg(test)]
mod tests;

pub use check::{check_client, check_dates, check_on_chain, curve};
pub use generate::{Certificate, Validity, generate};
pub use inspect::{CertificateInfo, inspect, inspect_pem};
pub use pem::parse_pem;
pub use serial::Serial;

/// The PEM label of a certificate.
pub const CERTIFICATE: &str = "CERTIFICATE";

/// The PEM label of a public key. It is not the usual one, but the one that the chain wants.
pub const PUBLIC_KEY: &str = "EC PUBLIC KEY";

/// The PEM label of a secret key, which is in PKCS #8 form.
pub const PRIVATE_KEY: &str = "PRIVATE KEY";

/// Longest PEM text that is looked at.
pub const MAX_PEM_BYTES: usize = 16 << 10;

/// The NIST curves whose keys the chain takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    P224,
    P256,
    P384,
    P521,
}

/// What can be wrong with a certificate. The texts are those of the chain, except for what it never says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertError {
    #[error("invalid pubkey value{0}")]
    PublicKey(Detail),
    #[error("invalid certificate value{0}")]
    Certificate(Detail),
    #[error("x509: {0}")]
    Malformed(&'static str),
    #[error("invalid serial number")]
    Serial,
    #[error("secret key is invalid")]
    SecretKey,
    #[error("certificate is not valid before {not_before} (unix seconds)")]
    NotYetValid { not_before: i64 },
    #[error("certificate expired at {not_after} (unix seconds)")]
    Expired { not_after: i64 },
    #[error("certificate is not usable by a client: {0}")]
    Unusable(&'static str),
    #[error("certificate cannot be made: {0}")]
    Generate(String),
}

/// What stands behind an error's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail(Option<String>);

impl Detail {
    const NONE: Self = Self(None);

    fn of(text: impl ToString) -> Self {
        Self(Some(text.to_string()))
    }
}

impl std::fmt::Display for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.as_ref().map_or(Ok(()), |text| write!(f, ": {text}"))
    }
}
