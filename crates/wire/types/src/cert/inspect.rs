use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::{CERTIFICATE, CertError, Serial, der, parse_pem};

/// What a certificate says about itself. Nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateInfo {
    /// The subject's common name; of our certificates the owner's address.
    pub common_name: String,
    /// The issuer's common name; of our certificates the same.
    pub issuer_common_name: String,
    pub serial: Serial,
    /// The public key in PKIX form (DER).
    pub public_key: Vec<u8>,
    /// Unix seconds.
    pub not_before: i64,
    /// Unix seconds.
    pub not_after: i64,
    /// Whether it is signed by ECDSA with SHA-256, and its key is on the curve P-256.
    pub is_p256_sha256: bool,
    /// Whether the extended key usage names client authentication.
    pub for_clients: bool,
    /// Whether the extended key usage names server authentication.
    pub for_servers: bool,
    /// DNS names and addresses that it is for.
    pub names: Vec<String>,
}

/// Reads a certificate in DER.
pub fn inspect(certificate: &[u8]) -> Result<CertificateInfo, CertError> {
    info(&parse(certificate)?)
}

/// Reads a certificate in PEM.
pub fn inspect_pem(certificate: &[u8]) -> Result<CertificateInfo, CertError> {
    inspect(&parse_pem(certificate, CERTIFICATE)?)
}

/// Strict: DER throughout, nothing behind it, no extension twice or unreadable, no negative serial number.
pub(super) fn parse(certificate: &[u8]) -> Result<X509Certificate<'_>, CertError> {
    if !der::is_strict(certificate) {
        return Err(CertError::Malformed("malformed certificate"));
    }
    let (rest, parsed) =
        X509Certificate::from_der(certificate).map_err(|_| CertError::Malformed("malformed certificate"))?;
    if !rest.is_empty() {
        return Err(CertError::Malformed("trailing data"));
    }
    let outline = outline(certificate).ok_or(CertError::Malformed("malformed certificate"))?;
    if outline.outer_algorithm != outline.inner_algorithm {
        return Err(CertError::Malformed("inner and outer signature algorithm identifiers don't match"));
    }
    if parsed.signature_value.unused_bits != 0 {
        return Err(CertError::Malformed("malformed signature"));
    }
    if parsed.raw_serial().first().is_none_or(|byte| byte & 0x80 != 0) {
        return Err(CertError::Malformed("negative serial number"));
    }
    if parsed.tbs_certificate.extensions_map().is_err() {
        return Err(CertError::Malformed("certificate contains duplicate extensions"));
    }
    let unreadable = |extension: &ParsedExtension<'_>| matches!(extension, ParsedExtension::ParseError { .. });
    if parsed.extensions().iter().any(|extension| unreadable(extension.parsed_extension())) {
        return Err(CertError::Malformed("invalid extension"));
    }
    for name in [outline.issuer, outline.subject] {
        check_name(name)?;
    }
    let texts = parsed.issuer().iter_attributes().chain(parsed.subject().iter_attributes());
    if texts.into_iter().any(|attribute| attribute.as_str().is_err()) {
        return Err(CertError::Malformed("invalid RDNSequence: invalid attribute value"));
    }
    Ok(parsed)
}

pub(super) fn info(parsed: &X509Certificate<'_>) -> Result<CertificateInfo, CertError> {
    let usage = parsed.extended_key_usage().ok().flatten().map(|extension| extension.value);
    Ok(CertificateInfo {
        common_name: common_name(parsed.subject()),
        issuer_common_name: common_name(parsed.issuer()),
        serial: Serial::from_bytes(parsed.raw_serial())?,
        public_key: parsed.public_key().raw.to_vec(),
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
        is_p256_sha256: is_p256_sha256(parsed),
        for_clients: usage.is_some_and(|usage| usage.client_auth),
        for_servers: usage.is_some_and(|usage| usage.server_auth),
        names: names(parsed),
    })
}

/// A sequence of sets of pairs, each an object identifier and a text. The library is not strict about that.
fn check_name(name: &[u8]) -> Result<(), CertError> {
    const NAME: CertError = CertError::Malformed("invalid RDNSequence");
    const ATTRIBUTE: CertError = CertError::Malformed("invalid RDNSequence: invalid attribute");
    const TYPE: CertError = CertError::Malformed("invalid RDNSequence: invalid attribute type");
    const VALUE: CertError = CertError::Malformed("invalid RDNSequence: invalid attribute value");

    let mut sets = expect(name, der::SEQUENCE).ok_or(NAME)?.0;
    while !sets.is_empty() {
        let (mut set, rest) = expect(sets, der::SET).ok_or(NAME)?;
        sets = rest;
        while !set.is_empty() {
            let (pair, rest) = expect(set, der::SEQUENCE).ok_or(ATTRIBUTE)?;
            set = rest;
            let (_, value) = expect(pair, der::OBJECT_IDENTIFIER).filter(|(oid, _)| !oid.is_empty()).ok_or(TYPE)?;
            der::split(value).filter(|(_, _, rest)| rest.is_empty()).ok_or(VALUE)?;
        }
    }
    Ok(())
}

/// The elements that the library does not look at closely enough.
struct Outline<'a> {
    inner_algorithm: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    /// Nothing signs this one and what is behind it, so it must have exactly one form.
    outer_algorithm: &'a [u8],
}

fn outline(certificate: &[u8]) -> Option<Outline<'_>> {
    let (content, _) = expect(certificate, der::SEQUENCE)?;
    let (mut rest, unsigned) = expect(content, der::SEQUENCE)?;
    let (outer_algorithm, signature) = take(unsigned)?;
    let (_, end) = expect(signature, der::BIT_STRING)?;
    if let Some((_, after_version)) = expect(rest, der::VERSION) {
        rest = after_version;
    }
    let mut elements = [rest; 5]; // serial number, algorithm, issuer, validity, subject
    for element in &mut elements {
        (*element, rest) = take(rest)?;
    }
    let [_, inner_algorithm, issuer, _, subject] = elements;
    end.is_empty().then_some(Outline { inner_algorithm, issuer, subject, outer_algorithm })
}

/// The first element as it stands, and what follows.
fn take(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, _, after) = der::split(bytes)?;
    Some(bytes.split_at(bytes.len() - after.len()))
}

/// The content of the first element, which must have this tag, and what follows.
fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    der::split(bytes).filter(|(got, _, _)| *got == tag).map(|(_, content, rest)| (content, rest))
}

/// The last one, as in Go; empty if there is none.
fn common_name(name: &X509Name<'_>) -> String {
    let last = name.iter_common_name().last();
    last.and_then(|attribute| attribute.as_str().ok()).unwrap_or_default().to_owned()
}

fn is_p256_sha256(parsed: &X509Certificate<'_>) -> bool {
    let curve = parsed.public_key().algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
    parsed.signature_algorithm.algorithm == oid_registry::OID_SIG_ECDSA_WITH_SHA256
        && parsed.public_key().algorithm.algorithm == oid_registry::OID_KEY_TYPE_EC_PUBLIC_KEY
        && curve.is_some_and(|curve| curve == oid_registry::OID_EC_P256)
}

fn names(parsed: &X509Certificate<'_>) -> Vec<String> {
    use x509_parser::extensions::GeneralName;
    let Ok(Some(extension)) = parsed.subject_alternative_name() else { return Vec::new() };
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|b| core::net::Ipv4Addr::from(b).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|b| core::net::Ipv6Addr::from(b).to_string()),
        },
        _ => None,
    };
    extension.value.general_names.iter().filter_map(text).collect()
}
