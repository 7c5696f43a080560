//! Whose certificate is this?

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use akash_types::address::Address;
use akash_types::cert::{self, CertError};
use tokio::time::Instant;

use crate::chain::ChainError;
use crate::chain::view::CertificateView;
use crate::core::Core;

/// Certificates whose standing is remembered; beyond it all are forgotten and asked for again.
const MAX_REMEMBERED: usize = 10_000;

/// What a certificate says of itself, checked as far as that goes without the chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Presented {
    pub owner: Address,
    /// Decimal, as on chain.
    pub serial: String,
    /// The public key in PKIX form.
    pub key: Vec<u8>,
    not_after: i64,
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum NotConfirmed {
    #[error("{0}")]
    Refused(&'static str),
    #[error("{0}")]
    Unknown(#[from] ChainError),
}

impl Presented {
    /// Everything that can be checked without the chain. Seconds since 1970.
    pub fn read(der: &[u8], now: u64) -> Result<Self, CertError> {
        let (owner, info) = cert::check_client(der, now)?;
        Ok(Self { owner, serial: info.serial.to_string(), key: info.public_key, not_after: info.not_after })
    }

    /// Whether this is the certificate that stands on chain, and still does.
    fn check(&self, on_chain: &CertificateView, now: u64) -> Result<(), NotConfirmed> {
        if !on_chain.valid {
            return Err(NotConfirmed::Refused("the certificate is revoked"));
        }
        let broken = |_| NotConfirmed::Refused("the registered certificate cannot be read");
        let der = cert::parse_pem(&on_chain.cert_pem, cert::CERTIFICATE).map_err(broken)?;
        let key = cert::parse_pem(&on_chain.pubkey_pem, cert::PUBLIC_KEY).map_err(broken)?;
        let registered = Self::read(&der, now).map_err(broken)?;
        let same = registered.owner == self.owner && registered.serial == self.serial;
        if same && registered.key == self.key && key == self.key {
            return Ok(());
        }
        Err(NotConfirmed::Refused("the certificate is not the registered one"))
    }

    /// A connection may outlive its certificate.
    fn is_over(&self, now: u64) -> bool {
        i64::try_from(now).is_ok_and(|now| now > self.not_after)
    }
}

/// Asks the chain, and remembers a confirmation for a short time, so that a revocation is noticed soon.
#[derive(Default)]
pub struct Identities {
    confirmed: Mutex<HashMap<Presented, Instant>>,
}

impl Identities {
    pub async fn confirm(&self, core: &Core, presented: &Presented) -> Result<Address, NotConfirmed> {
        let now = Core::now();
        if presented.is_over(now) {
            return Err(NotConfirmed::Refused("the certificate has expired"));
        }
        if self.is_fresh(presented, core.config.settings.certificate_cache) {
            return Ok(presented.owner.clone());
        }
        core.trust.head(core.chain.as_ref()).await?;
        let found = core.chain.certificate(&presented.owner, &presented.serial).await?;
        let on_chain = found.ok_or(NotConfirmed::Refused("the certificate is not registered on chain"))?;
        presented.check(&on_chain, now)?;
        let mut confirmed = self.confirmed.lock().unwrap_or_else(PoisonError::into_inner);
        if confirmed.len() >= MAX_REMEMBERED {
            confirmed.clear();
        }
        confirmed.insert(presented.clone(), Instant::now());
        Ok(presented.owner.clone())
    }

    fn is_fresh(&self, presented: &Presented, limit: Duration) -> bool {
        let confirmed = self.confirmed.lock().unwrap_or_else(PoisonError::into_inner);
        confirmed.get(presented).is_some_and(|since| since.elapsed() < limit)
    }
}

#[cfg(test)]
mod tests {
    use akash_types::cert::{Certificate, Validity};

    use super::*;

    fn certificate(owner: u8) -> Certificate {
        let owner = Address::from_bytes(&[owner; 20]).unwrap();
        cert::generate(&owner, &[], Validity { not_before: 1_000, not_after: 2_000 }).unwrap()
    }

    fn on_chain(certificate: &Certificate) -> CertificateView {
        let (cert_pem, pubkey_pem) =
            (certificate.cert_pem.clone().into_bytes(), certificate.pubkey_pem.clone().into_bytes());
        CertificateView { valid: true, cert_pem, pubkey_pem }
    }

    #[test]
    fn only_the_registered_certificate_passes() {
        let ours = certificate(1);
        let presented = Presented::read(&ours.cert_der(), 1_500).unwrap();
        assert!(presented.check(&on_chain(&ours), 1_500).is_ok());
        assert!(presented.check(&on_chain(&certificate(1)), 1_500).is_err());
        assert!(presented.check(&on_chain(&certificate(2)), 1_500).is_err());
        let mixed = CertificateView { pubkey_pem: on_chain(&certificate(1)).pubkey_pem, ..on_chain(&ours) };
        assert!(presented.check(&mixed, 1_500).is_err());
    }

    #[test]
    fn revoked_and_expired_ones_do_not() {
        let ours = certificate(1);
        let presented = Presented::read(&ours.cert_der(), 1_500).unwrap();
        assert!(presented.check(&CertificateView { valid: false, ..on_chain(&ours) }, 1_500).is_err());
        assert!(Presented::read(&ours.cert_der(), 2_001).is_err());
        assert!(Presented::read(&ours.cert_der(), 999).is_err());
        assert!(presented.is_over(2_001) && !presented.is_over(2_000));
    }
}
