use std::sync::LazyLock;

use prost::Message;
use prost_reflect::MessageDescriptor;

use akash_proto::cosmos::tx::v1beta1::{AuthInfo, TxBody, TxRaw};

use super::unknown::{self, Unknown};
use super::wire::WireError;
use super::{adr027, hash};

/// Largest transaction: what the mempool takes. A record of the state may have several times as much, so that nothing
/// which a transaction brings is too large to be stored.
pub const MAX_TX_BYTES: usize = 1 << 20;

/// Why bytes are no transaction. The texts are those of the Cosmos SDK; a node puts `: tx parse error` behind them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("transaction has {0} bytes, more than {MAX_TX_BYTES}")]
    TooLarge(usize),
    #[error("invalid length; {0}")]
    Length(WireError),
    #[error("expected 2 wire type, got {0}")]
    RawWireType(u8),
    #[error("txRaw must follow ADR-027, got tagNum {number} after tagNum {last}")]
    RawOrder { number: u32, last: u32 },
    /// PARITY(tx/raw-form): the reference takes a body twice, or a long field number. Page: docs/parity/wire.md.
    #[error("txRaw must follow ADR-027, the bytes are not the shortest encoding of their fields")]
    RawForm,
    #[error("length prefix varint for tagNum {number} is not as short as possible, read {read}, only need {need}")]
    LongPrefix { number: u32, read: usize, need: usize },
    #[error("invalid length")]
    Tag,
    #[error("could not consume field value for tagNum: {number}, wireType: {wire_type:?}; {reason}")]
    FieldValue { number: u32, wire_type: String, reason: WireError },
    #[error("errUnknownField {message:?}: {{TagNum: {number}, WireType:{wire_type:?}}}")]
    UnknownField { message: String, number: u32, wire_type: String },
    #[error("Mismatched {message:?}: {{TagNum: {number}, GotWireType: {got:?} != WantWireType: {want:?}}}")]
    WireType { message: String, number: u32, got: String, want: String },
    #[error("recursion limit reached")]
    Depth,
    #[error("unable to resolve type URL {0}")]
    UnknownType(String),
    #[error("no concrete type registered for type URL {type_url} against interface {interface}")]
    WrongType { type_url: String, interface: String },
    #[error("max depth exceeded")]
    AnyDepth,
    #[error("call limit exceeded")]
    AnyCalls,
    #[error("{0}")]
    Protobuf(prost::DecodeError),
}

/// A transaction that is well-formed. Its signatures are not verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// SHA-256 of the whole.
    pub hash: [u8; 32],
    /// The body as it was received; it is what was signed.
    pub body_bytes: Vec<u8>,
    /// The other part as it was received.
    pub auth_info_bytes: Vec<u8>,
    pub signatures: Vec<Vec<u8>>,
    pub body: TxBody,
    pub auth_info: AuthInfo,
    /// Whether the body has unknown fields that are not critical. Amino-JSON signatures are refused then.
    pub has_unknown_fields: bool,
}

/// Reads a transaction by the rules of the chain: ADR-027, no unknown fields, known types only.
pub fn decode(tx: &[u8]) -> Result<Decoded, DecodeError> {
    if tx.len() > MAX_TX_BYTES {
        return Err(DecodeError::TooLarge(tx.len()));
    }
    let types = &*TYPES;
    adr027::check(tx)?;
    unknown::check(tx, &types.raw, Unknown::Refused)?;
    let raw = TxRaw::decode(tx).map_err(DecodeError::Protobuf)?;
    if raw.encode_to_vec() != tx {
        return Err(DecodeError::RawForm);
    }

    let has_unknown_fields = unknown::check(&raw.body_bytes, &types.body, Unknown::NonCriticalTolerated)?;
    let body = TxBody::decode(raw.body_bytes.as_slice()).map_err(DecodeError::Protobuf)?;
    unknown::check(&raw.auth_info_bytes, &types.auth_info, Unknown::Refused)?;
    let auth_info = AuthInfo::decode(raw.auth_info_bytes.as_slice()).map_err(DecodeError::Protobuf)?;

    let TxRaw { body_bytes, auth_info_bytes, signatures } = raw;
    Ok(Decoded { hash: hash(tx), body_bytes, auth_info_bytes, signatures, body, auth_info, has_unknown_fields })
}

struct Types {
    raw: MessageDescriptor,
    body: MessageDescriptor,
    auth_info: MessageDescriptor,
}

static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let message = |name: &str| {
        let found = akash_proto::descriptors().get_message_by_name(&format!("cosmos.tx.v1beta1.{name}"));
        found.expect("the transaction's own messages are part of the sources")
    };
    Types { raw: message("TxRaw"), body: message("TxBody"), auth_info: message("AuthInfo") }
});
