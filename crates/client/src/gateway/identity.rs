//! Our own certificate: made once, kept in a file for its owner alone, published on chain.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use akash_proto::akash::cert::v1::MsgCreateCertificate;
use akash_types::address::Address;
use akash_types::cert::{self, Certificate, Validity};
use akash_types::tx::encode_any;
use prost_types::Any;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::GatewayError;
use crate::{Client, ClientError};

const YEAR_SECONDS: u64 = 365 * 24 * 3600;
/// A certificate that ends sooner is replaced.
const RENEW_SECONDS: u64 = 7 * 24 * 3600;
/// Other clocks may be behind ours.
const CLOCK_SKEW_SECONDS: u64 = 600;

/// A certificate with its key, for one account.
#[derive(Debug, Clone)]
pub struct Identity {
    pub owner: Address,
    pub certificate: Certificate,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    cert: String,
    pubkey: String,
    key: Zeroizing<String>,
}

impl Identity {
    /// The certificate of `owner` in this folder; a new one if there is none or it ends soon. `names` are the host
    /// names of a server.
    ///
    /// # Errors
    /// When the file is damaged or cannot be written.
    pub fn open_or_create(folder: &Path, owner: &Address, names: &[String]) -> Result<Self, GatewayError> {
        let path = folder.join(format!("{owner}.cert.json"));
        let unusable = |reason: String| GatewayError::Identity { path: path.display().to_string(), reason };
        let now = now_seconds();
        match fs::read(&path).map(Zeroizing::new) {
            Ok(bytes) => {
                let stored: Stored =
                    serde_json::from_slice(&bytes).map_err(|_| unusable("it is damaged".to_owned()))?;
                let certificate = Certificate::from_pem(&stored.cert, &stored.pubkey, &stored.key);
                let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                if certificate.not_after() > now + RENEW_SECONDS {
                    return Ok(Self { owner: owner.clone(), certificate });
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(unusable(error.to_string())),
        }

        let validity = Validity { not_before: now.saturating_sub(CLOCK_SKEW_SECONDS), not_after: now + YEAR_SECONDS };
        let certificate = cert::generate(owner, names, validity).map_err(|error| unusable(error.to_string()))?;
        let stored = Stored {
            cert: certificate.cert_pem.clone(),
            pubkey: certificate.pubkey_pem.clone(),
            key: certificate.key_pem.clone(),
        };
        save(&path, &stored).map_err(|error| unusable(error.to_string()))?;
        Ok(Self { owner: owner.clone(), certificate })
    }

    /// The message that puts it on chain.
    #[must_use]
    pub fn create_message(&self) -> Any {
        encode_any(&MsgCreateCertificate {
            owner: self.owner.to_string(),
            cert: self.certificate.cert_pem.clone().into_bytes(),
            pubkey: self.certificate.pubkey_pem.clone().into_bytes(),
        })
    }

    /// Chain and key as TLS wants them.
    ///
    /// # Errors
    /// When one of them is no PEM.
    pub fn for_tls(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), GatewayError> {
        let malformed = |error: rustls::pki_types::pem::Error| GatewayError::Malformed(error.to_string());
        let chain = CertificateDer::from_pem_slice(self.certificate.cert_pem.as_bytes()).map_err(malformed)?;
        let key = PrivateKeyDer::from_pem_slice(self.certificate.key_pem.as_bytes()).map_err(malformed)?;
        Ok((vec![chain], key))
    }
}

impl Client {
    /// Whether this very certificate is valid on chain.
    ///
    /// # Errors
    /// When the chain gives no answer.
    pub async fn has_certificate(&self, identity: &Identity) -> Result<bool, ClientError> {
        let serial = identity.certificate.serial.to_string();
        let found = self.certificates(&identity.owner, &serial, "valid").await?;
        let ours = identity.certificate.cert_pem.as_bytes();
        Ok(found.iter().filter_map(|found| found.certificate.as_ref()).any(|found| found.cert == ours))
    }
}

/// Replaces the file whole; it is readable by its owner alone from its first byte.
fn save(path: &Path, stored: &Stored) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension("new");
    let _ = fs::remove_file(&draft);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(&Zeroizing::new(serde_json::to_vec_pretty(stored)?))?;
    file.sync_all()?;
    fs::rename(draft, path)
}

fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
