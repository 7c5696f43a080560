//! TLS 1.3 with our on-chain certificate, and a client certificate if there is one.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};

use super::identity::Presented;
use crate::config::GatewayCertificate;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the gateway's certificate or key is not PEM: {0}")]
    Pem(rustls::pki_types::pem::Error),
    #[error("the gateway's certificate cannot be used: {0}")]
    Rustls(#[from] Error),
}

pub fn server_config(own: &GatewayCertificate) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificate = CertificateDer::from_pem_slice(own.cert_pem.as_bytes()).map_err(TlsError::Pem)?;
    let key = PrivateKeyDer::from_pem_slice(own.key_pem.as_bytes()).map_err(TlsError::Pem)?;
    let verifier = Arc::new(SelfSigned { provider: Arc::clone(&provider) });
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Takes one self-signed certificate of the field's form. Whether the chain knows it is asked per request.
#[derive(Debug)]
struct SelfSigned {
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for SelfSigned {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let refused = || Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
        if !intermediates.is_empty() {
            return Err(refused());
        }
        Presented::read(end_entity, now.as_secs()).map_err(|error| {
            tracing::debug!(%error, "a client certificate was refused");
            refused()
        })?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not spoken here".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}
