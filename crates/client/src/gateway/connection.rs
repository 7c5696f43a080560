//! A TLS connection to a gateway whose certificate stands on chain, and one HTTP request over it.

use std::sync::Arc;
use std::time::Duration;

use akash_types::address::Address;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme, version};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{GatewayError, Identity};
use crate::{CONNECT_LIMIT, Client};

const REQUEST_LIMIT: Duration = Duration::from_secs(20);
const MAX_ANSWER_BYTES: usize = 8 << 20;

/// The gateway of one provider. Connects anew for each request.
#[derive(Clone)]
pub struct GatewayClient {
    /// `host:port`.
    pub(super) authority: String,
    name: ServerName<'static>,
    tls: TlsConnector,
}

impl std::fmt::Debug for GatewayClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GatewayClient({})", self.authority)
    }
}

impl GatewayClient {
    /// Asks the chain which certificates the provider has, and will talk to nobody else.
    ///
    /// # Errors
    /// When the host is not usable, the provider has no valid certificate, or the chain gives no answer.
    pub async fn connect(
        client: &Client,
        provider: &Address,
        host_uri: &str,
        identity: &Identity,
    ) -> Result<Self, GatewayError> {
        let bad_host = || GatewayError::Host(host_uri.to_owned());
        let url = reqwest::Url::parse(host_uri).map_err(|_| bad_host())?;
        let host = url.host_str().filter(|_| url.scheme() == "https").ok_or_else(bad_host)?;
        let port = url.port_or_known_default().ok_or_else(bad_host)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        // A name asks for the branch with on-chain certificates; an address sends no name, which does so too.
        let name = match bare.parse::<std::net::IpAddr>() {
            Ok(address) => ServerName::from(address),
            Err(_) => ServerName::try_from(format!("mtls.{host}")).map_err(|_| bad_host())?,
        };

        let on_chain = client.certificates(provider, "", "valid").await?;
        let pems = on_chain.iter().filter_map(|found| found.certificate.as_ref());
        let accepted: Vec<_> = pems.filter_map(|found| CertificateDer::from_pem_slice(&found.cert).ok()).collect();
        if accepted.is_empty() {
            return Err(GatewayError::NoCertificate(provider.clone()));
        }
        let tls = TlsConnector::from(Arc::new(config(accepted, identity)?));
        Ok(Self { authority: format!("{host}:{port}"), name, tls })
    }

    /// A connection with both certificates checked.
    pub(super) async fn open(&self) -> Result<TlsStream<TcpStream>, GatewayError> {
        let connect = async {
            let socket = TcpStream::connect(&self.authority).await?;
            socket.set_nodelay(true)?;
            self.tls.connect(self.name.clone(), socket).await
        };
        let connected = timeout(CONNECT_LIMIT, connect).await.map_err(|_| self.unreachable("no connection in time"))?;
        connected.map_err(|error| self.unreachable(&error.to_string()))
    }

    /// One request; a body that is not empty is JSON.
    pub(super) async fn request(
        &self,
        method: Method,
        path: &str,
        body: &str,
    ) -> Result<(StatusCode, Bytes), GatewayError> {
        let exchange = async {
            let lost = |error: hyper::Error| self.unreachable(&error.to_string());
            let stream = TokioIo::new(self.open().await?);
            let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.map_err(lost)?;
            let driver = tokio::spawn(connection);
            let request = Request::builder().method(method).uri(path).header(HOST, &self.authority);
            let request =
                request.header(CONTENT_TYPE, "application/json").body(Full::new(Bytes::from(body.to_owned())));
            let request = request.map_err(|error| GatewayError::Malformed(error.to_string()))?;
            let response = sender.send_request(request).await.map_err(lost)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
            driver.abort();
            let body = body.map_err(|error| self.unreachable(&error.to_string()))?;
            Ok((status, body.to_bytes()))
        };
        timeout(REQUEST_LIMIT, exchange).await.map_err(|_| self.unreachable("no answer in time"))?
    }

    pub(super) fn unreachable(&self, reason: &str) -> GatewayError {
        GatewayError::Unreachable { endpoint: format!("https://{}", self.authority), reason: reason.to_owned() }
    }
}

fn config(accepted: Vec<CertificateDer<'static>>, identity: &Identity) -> Result<ClientConfig, GatewayError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(OnChain { accepted, provider: provider.clone() });
    let unusable = |error: rustls::Error| GatewayError::Malformed(error.to_string());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_protocol_versions(&[&version::TLS13]).map_err(unusable)?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let (chain, key) = identity.for_tls()?;
    builder.with_client_auth_cert(chain, key).map_err(unusable)
}

/// Accepts a server that shows one of these very certificates and proves to have its key.
#[derive(Debug)]
struct OnChain {
    accepted: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for OnChain {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.accepted.iter().any(|accepted| accepted == end_entity) {
            return Err(CertificateError::UnknownIssuer.into());
        }
        akash_types::cert::check_dates(end_entity, now.as_secs()).map_err(|_| CertificateError::Expired)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::PeerIncompatible::Tls12NotOffered.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
