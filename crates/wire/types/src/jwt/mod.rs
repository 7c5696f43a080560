//! Access tokens of tenants for providers (AEP-64): JSON Web Tokens signed with the account's key.
//!
//! Life of one: a tenant fills [`Claims`] and [`mint`]s a token; the provider [`Token::read`]s it, looks up the public
//! key of [`Token::issuer`] on the chain, [`Token::verify`]s it against the time and asks [`Claims::allows`].
//!
//! Two algorithms with one key: `ES256K` signs the text itself, `ES256KADR36` what a browser wallet signs for it
//! (see `adr36`). Tokens are bounded in size. Claims that come out of [`Token::verify`] are whole and consistent.
//!
//! PARITY(jwt/unknown-scope): the reference refuses a whole token for one scope that it does not know; here such a
//! scope grants nothing and the rest stands. Page: docs/parity/wire.md.
//!
//! What it does not know: where keys come from, what the time is, which request needs which [`Scope`].

mod allow;
mod claims;
#[cfg(test)]
mod tests;
mod text;
mod token;

pub use allow::{Request, Resource};
pub use claims::{Access, Claims, DeploymentGrant, Permission, ProviderAccess, Scope};
pub use token::{Algorithm, Token, mint};

/// Why a token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    #[error("token is too long")]
    TooLong,
    #[error("token is malformed")]
    Malformed,
    #[error("signing algorithm is not supported")]
    Algorithm,
    #[error("token signature is invalid")]
    Signature,
    #[error("token has invalid claims: {0}")]
    Claims(String),
    #[error("token is expired")]
    Expired,
    #[error("token is not valid yet")]
    NotYetValid,
}
