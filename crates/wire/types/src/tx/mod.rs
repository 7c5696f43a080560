//! Transactions: made, signed (directly, as amino JSON, by several keys), hashed, read and verified.
//!
//! Life of one: an [`Unsigned`] is filled with messages and a fee, [`unsigned_for_simulation`] lets a node count
//! its gas, [`sign_direct`] or [`sign_amino`] gives the bytes that go to the mempool, [`hash`] names them for ever,
//! [`decode`] reads them on the other side.
//!
//! [`decode`] is strict, since two nodes must agree on it: the outer message must be encoded in the one way of
//! ADR-027 and unknown fields are refused, also inside every `Any`. Sizes, recursion and the number of `Any` are
//! bounded. Whether a signature is right is a question of its own, [`Decoded::verify`]; what the messages do is not
//! known here.

mod adr027;
mod amino;
mod any_rules;
mod decode;
mod sign;
#[cfg(test)]
mod signer_tests;
#[cfg(test)]
mod tests;
mod unknown;
mod verify;
mod wire;

pub use decode::{DecodeError, Decoded, decode};
pub use sign::{
    Unsigned, amino_sign_bytes, combine_multisig, sign_amino, sign_bytes, sign_direct, unsigned_for_simulation,
};
pub use verify::{SignBytesError, SignerData};

use prost::{Message, Name};
use prost_types::Any;
use sha2::{Digest, Sha256};

/// The message with its type, as a transaction carries it.
pub fn encode_any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

/// Reads the message back, if it is of type `M`.
pub fn decode_any<M: Message + Name + Default>(any: &Any) -> Option<Result<M, prost::DecodeError>> {
    (any.type_url == M::type_url()).then(|| M::decode(any.value.as_slice()))
}

/// The hash by which a transaction is known.
#[must_use]
pub fn hash(tx: &[u8]) -> [u8; 32] {
    Sha256::digest(tx).into()
}

/// The hash as clients write it: upper-case hexadecimal digits.
#[must_use]
pub fn hash_text(tx: &[u8]) -> String {
    hex::encode_upper(hash(tx))
}
