use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::{Claims, JwtError, text};
use crate::address::Address;
use crate::adr36;
use crate::key::{PublicKey, SecretKey};

/// The longest token that is read.
pub const MAX_TOKEN_BYTES: usize = 64 << 10;

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// The text itself.
    Es256k,
    /// The ADR-36 document with the text as data.
    Es256kAdr36,
}

impl Algorithm {
    /// The name in a token's header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256k => "ES256K",
            Self::Es256kAdr36 => "ES256KADR36",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Es256k, Self::Es256kAdr36].into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// Signs claims with the key of their issuer.
#[must_use]
pub fn mint(claims: &Claims, algorithm: Algorithm, key: &SecretKey) -> String {
    let header = format!(r#"{{"alg":"{}","typ":"JWT"}}"#, algorithm.as_str());
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(text::write(claims)));
    let signature = match algorithm {
        Algorithm::Es256k => key.sign(signed.as_bytes()),
        Algorithm::Es256kAdr36 => adr36::sign(key, signed.as_bytes()),
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A token of which nothing is verified yet.
#[derive(Clone, Debug)]
pub struct Token<'a> {
    algorithm: Algorithm,
    /// Header and payload as they were received.
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    pub fn read(token: &'a str) -> Result<Self, JwtError> {
        #[derive(Deserialize)]
        struct Header {
            alg: String,
        }
        if token.len() > MAX_TOKEN_BYTES {
            return Err(JwtError::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwtError::Malformed)?;
        let header: Header = serde_json::from_slice(&base64(header)?).map_err(|_| JwtError::Malformed)?;
        let algorithm = Algorithm::parse(&header.alg).ok_or(JwtError::Algorithm)?;
        Ok(Self { algorithm, signed, payload: base64(payload)?, signature: base64(signature)? })
    }

    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Who claims to have signed it. The key of this account is what [`Self::verify`] needs.
    pub fn issuer(&self) -> Result<Address, JwtError> {
        text::issuer(&self.payload)
    }

    /// Whether the key signed the token, whatever it says.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), JwtError> {
        let verdict = match self.algorithm {
            Algorithm::Es256k => key.verify(self.signed.as_bytes(), &self.signature),
            Algorithm::Es256kAdr36 => adr36::verify(key, self.signed.as_bytes(), &self.signature),
        };
        verdict.map_err(|_| JwtError::Signature)
    }

    /// What the token says, if the key is its issuer's, signed it, and `now` (seconds of the epoch) is within its
    /// time.
    pub fn verify(&self, key: &PublicKey, now: i64) -> Result<Claims, JwtError> {
        self.verify_signature(key)?;
        let claims = Claims::read(&self.payload, now)?;
        if claims.issuer != key.address() {
            return Err(JwtError::Signature);
        }
        Ok(claims)
    }
}

impl Claims {
    /// Reads the JSON of claims and checks it against the time, in seconds of the epoch. Nothing says here that
    /// anybody signed it: see [`Token::verify`].
    pub fn read(payload: &[u8], now: i64) -> Result<Self, JwtError> {
        let claims = text::read(payload)?;
        if now >= claims.expires_at {
            return Err(JwtError::Expired);
        }
        if now < claims.not_before {
            return Err(JwtError::NotYetValid);
        }
        Ok(claims)
    }
}

fn base64(text: &str) -> Result<Vec<u8>, JwtError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JwtError::Malformed)
}
