//! A tenant's side of the gateway: TLS with both certificates, one request per connection.

use std::net::SocketAddr;
use std::sync::Arc;

use akash_types::cert::Certificate;
use futures::StreamExt;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

pub struct Tenant {
    address: SocketAddr,
    config: Arc<ClientConfig>,
}

impl Tenant {
    pub fn new(address: SocketAddr, server: &Certificate, own: Option<&Certificate>) -> Self {
        let provider = Arc::new(ring::default_provider());
        let verifier = Arc::new(Exactly(CertificateDer::from(server.cert_der()), Arc::clone(&provider)));
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match own {
            Some(own) => {
                let key = PrivateKeyDer::from_pem_slice(own.key_pem.as_bytes()).unwrap();
                builder.with_client_auth_cert(vec![CertificateDer::from(own.cert_der())], key).unwrap()
            }
            None => builder.with_no_client_auth(),
        };
        Self { address, config: Arc::new(config) }
    }

    async fn connect(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("mtls.localhost").unwrap();
        TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await
    }

    pub async fn try_request(&self, method: Method, path: &str, body: &str) -> Result<(u16, String), String> {
        let stream = self.connect().await.map_err(|error| error.to_string())?;
        let connected = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = connected.map_err(|error| error.to_string())?;
        let driver = tokio::spawn(connection);
        let request = Request::builder().method(method).uri(path).header("host", "localhost");
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        driver.abort();
        Ok((status, String::from_utf8(body.to_vec()).unwrap()))
    }

    pub async fn get(&self, path: &str) -> (u16, String) {
        self.try_request(Method::GET, path, "").await.unwrap()
    }

    pub async fn json(&self, path: &str) -> serde_json::Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    pub async fn put_manifest(&self, dseq: u64, manifest: &str) -> (u16, String) {
        self.try_request(Method::PUT, &format!("/deployment/{dseq}/manifest"), manifest).await.unwrap()
    }

    pub async fn websocket(&self, path: &str) -> WebSocketStream<TlsStream<TcpStream>> {
        let stream = self.connect().await.unwrap();
        client_async(format!("wss://localhost{path}"), stream).await.unwrap().0
    }

    /// All text frames until the server closes, and the code it closes with.
    pub async fn frames(&self, path: &str) -> (Vec<String>, u16) {
        let mut socket = self.websocket(path).await;
        let mut frames = Vec::new();
        loop {
            match socket.next().await.unwrap().unwrap() {
                Message::Text(text) => frames.push(text.to_string()),
                Message::Close(frame) => return (frames, frame.unwrap().code.into()),
                _ => {}
            }
        }
    }
}

/// Trusts one certificate and nothing else.
#[derive(Debug)]
struct Exactly(CertificateDer<'static>, Arc<CryptoProvider>);

impl ServerCertVerifier for Exactly {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        assert_eq!(end_entity, &self.0, "the gateway shows its certificate on chain");
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only TLS 1.3".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.1.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.1.signature_verification_algorithms.supported_schemes()
    }
}
