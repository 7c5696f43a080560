//! A gateway of our own on loopback: who is spoken to, what is said, and what strange answers come to.

use std::time::{SystemTime, UNIX_EPOCH};

use akash_types::cert::{Certificate, Validity, generate};
use akash_types::id::{DeploymentId, LeaseId};
use futures::{SinkExt, StreamExt};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::{TlsAcceptor, server};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::*;
use crate::gateway::{LogLine, LogOptions};

type Stream = server::TlsStream<TcpStream>;

fn address(byte: u8) -> Address {
    Address::from_bytes(&[byte; 20]).unwrap()
}

fn certificate(owner: u8, valid_for: i64) -> Certificate {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let not_after = now.checked_add_signed(valid_for).unwrap();
    generate(&address(owner), &["localhost".to_owned()], Validity { not_before: now - 1000, not_after }).unwrap()
}

fn der(certificate: &Certificate) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(certificate.cert_pem.as_bytes()).unwrap()
}

fn lease() -> LeaseId {
    let order = DeploymentId { owner: address(1), dseq: 7 }.group(1).order(1);
    LeaseId { order, provider: address(2), bseq: 0 }
}

/// Takes any client certificate, but insists on one.
#[derive(Debug)]
struct AnyClient(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyClient {
    fn root_hint_subjects(&self) -> &[rustls::DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
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
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A gateway that shows one certificate, and a client that expects another (or the same).
struct Pair {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    client: GatewayClient,
    tenant: Certificate,
}

impl Pair {
    async fn new(shown: &Certificate, registered: &Certificate) -> Self {
        let provider = Arc::new(ring::default_provider());
        let verifier = Arc::new(AnyClient(provider.clone()));
        let key = PrivateKeyDer::from_pem_slice(shown.key_pem.as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&version::TLS13])
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![der(shown)], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();

        let tenant = certificate(1, 1000);
        let identity = Identity { owner: address(1), certificate: tenant.clone() };
        let tls = TlsConnector::from(Arc::new(super::config(vec![der(registered)], &identity).unwrap()));
        let name = ServerName::try_from("mtls.localhost").unwrap();
        let client = GatewayClient { authority, name, tls };
        Self { listener, acceptor: TlsAcceptor::from(Arc::new(config)), client, tenant }
    }

    async fn honest() -> Self {
        let provider = certificate(2, 1000);
        Self::new(&provider, &provider).await
    }

    /// Answers one request with these bytes; gives the request's bytes and the client's certificate.
    fn answer(self, answer: Vec<u8>) -> (GatewayClient, JoinHandle<(String, Option<CertificateDer<'static>>)>) {
        let Self { listener, acceptor, client, .. } = self;
        let server = tokio::spawn(async move {
            let (socket, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(socket).await else { return (String::new(), None) };
            let shown = stream.get_ref().1.peer_certificates().map(|chain| chain[0].clone().into_owned());
            let request = request_of(&mut stream).await;
            let _ = stream.write_all(&answer).await; // the client may hang up on purpose
            let _ = stream.shutdown().await;
            (request, shown)
        });
        (client, server)
    }
}

/// Head and body of a request.
async fn request_of(stream: &mut Stream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if count == 0 || body.len() >= length.unwrap_or(0) {
            return text;
        }
    }
}

fn response(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[tokio::test]
async fn only_the_registered_certificate_is_spoken_to() {
    let (other_key, other_owner) = (certificate(2, 1000), certificate(3, 1000));
    for shown in [other_key, other_owner] {
        let (client, server) = Pair::new(&shown, &certificate(2, 1000)).await.answer(response("200 OK", "{}"));
        let error = client.provider_status().await.unwrap_err();
        assert!(matches!(error, GatewayError::Unreachable { .. }), "{error}");
        assert_eq!(server.await.unwrap().0, "", "nothing was said to it");
    }
}

#[tokio::test]
async fn certificate_past_its_date_is_not() {
    let old = certificate(2, -10);
    let (client, server) = Pair::new(&old, &old).await.answer(response("200 OK", "{}"));
    assert!(matches!(client.provider_status().await, Err(GatewayError::Unreachable { .. })));
    assert_eq!(server.await.unwrap().0, "");
}

#[tokio::test]
async fn manifest_is_put_under_our_own_certificate() {
    let pair = Pair::honest().await;
    let ours = der(&pair.tenant);
    let (client, server) = pair.answer(response("200 OK", ""));
    client.put_manifest(7, "[]").await.unwrap();
    let (request, shown) = server.await.unwrap();
    assert!(
        request.starts_with("PUT /deployment/7/manifest HTTP/1.1\r\n") && request.ends_with("\r\n\r\n[]"),
        "{request}"
    );
    assert_eq!(shown, Some(ours));
}

#[tokio::test]
async fn refusal_has_status_and_text() {
    let (client, _server) = Pair::honest().await.answer(response("422 Unprocessable Entity", "hash mismatch\n"));
    let error = client.put_manifest(7, "[]").await.unwrap_err();
    assert!(matches!(&error, GatewayError::Refused { status: 422, text } if text == "hash mismatch"), "{error}");
}

#[tokio::test]
async fn lease_that_the_provider_does_not_know_is_none() {
    let (client, server) = Pair::honest().await.answer(response("404 Not Found", "no lease"));
    assert_eq!(client.lease_status(&lease()).await.unwrap(), None);
    assert!(server.await.unwrap().0.starts_with("GET /lease/7/1/1/status HTTP/1.1\r\n"));
}

#[tokio::test]
async fn answers_that_end_early_or_never_are_no_answer() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec();
    let empty = response("200 OK", "");
    let long = response("200 OK", &" ".repeat(MAX_ANSWER_BYTES + 1));
    for answer in [cut, Vec::new(), b"no HTTP at all\r\n\r\n".to_vec(), long] {
        let (client, _server) = Pair::honest().await.answer(answer);
        let error = client.lease_status(&lease()).await.unwrap_err();
        assert!(matches!(error, GatewayError::Unreachable { .. }), "{error}");
    }
    let (client, _server) = Pair::honest().await.answer(empty);
    assert!(matches!(client.lease_status(&lease()).await, Err(GatewayError::Malformed(_))));
}

#[tokio::test]
async fn closed_port_is_unreachable() {
    let pair = Pair::honest().await;
    drop(pair.listener);
    assert!(matches!(pair.client.provider_status().await, Err(GatewayError::Unreachable { .. })));
}

/// Sends these frames to whoever opens a log stream.
fn stream_frames(pair: Pair, frames: Vec<Message>) -> (GatewayClient, JoinHandle<()>) {
    let Pair { listener, acceptor, client, .. } = pair;
    let server = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let stream = acceptor.accept(socket).await.unwrap();
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        for frame in frames {
            socket.send(frame).await.unwrap();
        }
        while let Some(Ok(_)) = socket.next().await {}
    });
    (client, server)
}

fn close(code: u16, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() }))
}

#[tokio::test]
async fn log_lines_come_until_the_gateway_closes() {
    let line = Message::text(r#"{"name":"web-0","message":"GET /"}"#);
    let frames = vec![Message::Ping(Vec::new().into()), line.clone(), line, close(1000, "")];
    let (client, _server) = stream_frames(Pair::honest().await, frames);
    let options = LogOptions { service: Some("we&b".to_owned()), follow: true, tail: Some(2) };
    let lines: Vec<_> = client.logs(&lease(), &options).await.unwrap().collect().await;
    let expected = LogLine { name: "web-0".to_owned(), message: "GET /".to_owned() };
    let lines: Vec<LogLine> = lines.into_iter().map(Result::unwrap).collect();
    assert_eq!(lines, [expected.clone(), expected]);
}

#[tokio::test]
async fn log_stream_that_fails_says_so_once() {
    let (client, _server) = stream_frames(Pair::honest().await, vec![close(4001, "no such lease")]);
    let lines: Vec<_> = client.logs(&lease(), &LogOptions::default()).await.unwrap().collect().await;
    assert!(matches!(&lines[..], [Err(GatewayError::Refused { status: 4001, text })] if text == "no such lease"));

    let (client, server) = stream_frames(Pair::honest().await, vec![Message::text("{}")]);
    let mut lines = Box::pin(client.logs(&lease(), &LogOptions::default()).await.unwrap());
    assert!(matches!(lines.next().await, Some(Err(GatewayError::Malformed(_)))));
    server.abort();
    let _ = server.await; // ended by us
    assert!(matches!(lines.next().await, Some(Err(GatewayError::Unreachable { .. })) | None));
    assert!(lines.next().await.is_none());
}

#[tokio::test]
async fn refused_log_stream_has_the_status() {
    let (client, _server) = Pair::honest().await.answer(response("401 Unauthorized", r#"{"message":"who are you"}"#));
    let Err(error) = client.logs(&lease(), &LogOptions::default()).await else { panic!("it was opened") };
    assert!(matches!(&error, GatewayError::Refused { status: 401, text } if text == "who are you"), "{error}");
}
