//! The genesis file. Written in CometBFT's form; the SDK's form is read too.

use akash_kernel::time;
use akash_proto::tendermint::types::{
    AbciParams, BlockParams, ConsensusParams, EvidenceParams, ValidatorParams, VersionParams,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use super::{Genesis, GenesisError, GenesisValidator};
use crate::consensus;

const ED25519: &str = "tendermint/PubKeyEd25519";
const NANOS_PER_SECOND: i64 = 1_000_000_000;

impl Genesis {
    /// The document as a JSON value, as RPC `genesis` shows it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "genesis_time": time::rfc3339(self.genesis_time),
            "chain_id": self.chain_id,
            "initial_height": self.initial_height.to_string(),
            "consensus_params": params_to_json(&self.consensus_params),
            "validators": self.validators.iter().map(validator_to_json).collect::<Vec<_>>(),
            "app_hash": "",
            "app_state": self.app_state,
        })
    }

    /// Reads a document of either form and checks it.
    pub fn from_json(document: &Value) -> Result<Self, GenesisError> {
        let document = document.as_object().ok_or_else(|| GenesisError::Json("is not an object".to_owned()))?;
        let consensus = document.get("consensus").and_then(Value::as_object);
        let part = |in_consensus: &str, at_top: &str| -> Value {
            let nested = consensus.and_then(|consensus| consensus.get(in_consensus));
            nested.or_else(|| document.get(at_top)).cloned().unwrap_or(Value::Null)
        };

        let genesis_time = text(document, "genesis_time")?;
        let genesis = Self {
            chain_id: text(document, "chain_id")?.to_owned(),
            genesis_time: time::parse_rfc3339(genesis_time)
                .ok_or_else(|| GenesisError::field("genesis_time", format!("{genesis_time:?} is no RFC 3339 time")))?,
            initial_height: integer(document, "initial_height", 1)?.max(1),
            consensus_params: params_from_json(&part("params", "consensus_params"))?,
            validators: validators_from_json(&part("validators", "validators"))?,
            app_state: document.get("app_state").cloned().unwrap_or_else(|| json!({})),
        };
        genesis.validate()?;
        Ok(genesis)
    }

    /// Reads the text of a file.
    pub fn from_slice(text: &[u8]) -> Result<Self, GenesisError> {
        let document = serde_json::from_slice(text).map_err(|error| GenesisError::Json(error.to_string()))?;
        Self::from_json(&document)
    }
}

fn validator_to_json(validator: &GenesisValidator) -> Value {
    let address: String = validator.address().iter().map(|byte| format!("{byte:02X}")).collect();
    json!({
        "address": address,
        "pub_key": { "type": ED25519, "value": BASE64.encode(validator.public_key) },
        "power": validator.power.to_string(),
        "name": validator.name,
    })
}

fn validators_from_json(value: &Value) -> Result<Vec<GenesisValidator>, GenesisError> {
    let Some(list) = value.as_array() else { return Ok(Vec::new()) };
    list.iter().map(validator_from_json).collect()
}

fn validator_from_json(value: &Value) -> Result<GenesisValidator, GenesisError> {
    let wrong = |problem: &str| GenesisError::field("validators", problem);
    let validator = value.as_object().ok_or_else(|| wrong("an entry is not an object"))?;
    let key = validator.get("pub_key").and_then(Value::as_object).ok_or_else(|| wrong("pub_key is missing"))?;
    if key.get("type").and_then(Value::as_str) != Some(ED25519) {
        return Err(wrong("only keys of type tendermint/PubKeyEd25519 can validate"));
    }
    let encoded = key.get("value").and_then(Value::as_str).unwrap_or_default();
    let bytes = BASE64.decode(encoded).map_err(|error| wrong(&format!("pub_key: {error}")))?;
    let public_key = bytes.try_into().map_err(|_| wrong("an ed25519 key has 32 bytes"))?;
    let name = validator.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let validator = GenesisValidator { public_key, power: integer(validator, "power", 0)?, name };
    let stated = value.get("address").and_then(Value::as_str).unwrap_or_default();
    let address: String = validator.address().iter().map(|byte| format!("{byte:02X}")).collect();
    if !stated.is_empty() && !stated.eq_ignore_ascii_case(&address) {
        return Err(wrong(&format!("address {stated} is not that of the key, {address}")));
    }
    Ok(validator)
}

/// Consensus parameters as RPC and genesis show them.
#[must_use]
pub fn params_to_json(params: &ConsensusParams) -> Value {
    let block = params.block.unwrap_or_default();
    let evidence = params.evidence.unwrap_or_default();
    let age = evidence.max_age_duration.unwrap_or_default();
    let age_nanos = age.seconds.saturating_mul(NANOS_PER_SECOND).saturating_add(i64::from(age.nanos));
    json!({
        "block": { "max_bytes": block.max_bytes.to_string(), "max_gas": block.max_gas.to_string() },
        "evidence": {
            "max_age_num_blocks": evidence.max_age_num_blocks.to_string(),
            "max_age_duration": age_nanos.to_string(),
            "max_bytes": evidence.max_bytes.to_string(),
        },
        "validator": { "pub_key_types": params.validator.clone().unwrap_or_default().pub_key_types },
        "version": { "app": params.version.unwrap_or_default().app.to_string() },
        "abci": {
            "vote_extensions_enable_height": params.abci.unwrap_or_default().vote_extensions_enable_height.to_string(),
        },
    })
}

/// What the file leaves out has its default.
fn params_from_json(value: &Value) -> Result<ConsensusParams, GenesisError> {
    let mut params = consensus::default_params();
    let empty = Map::new();
    let part = |name: &str| value.get(name).and_then(Value::as_object).unwrap_or(&empty);

    let (block, evidence) = (params.block.unwrap_or_default(), params.evidence.unwrap_or_default());
    params.block = Some(BlockParams {
        max_bytes: integer(part("block"), "max_bytes", block.max_bytes)?,
        max_gas: integer(part("block"), "max_gas", block.max_gas)?,
    });
    let age = evidence.max_age_duration.unwrap_or_default().seconds.saturating_mul(NANOS_PER_SECOND);
    let age = integer(part("evidence"), "max_age_duration", age)?;
    let nanos = i32::try_from(age % NANOS_PER_SECOND)
        .map_err(|_| GenesisError::field("max_age_duration", "is out of range"))?;
    params.evidence = Some(EvidenceParams {
        max_age_num_blocks: integer(part("evidence"), "max_age_num_blocks", evidence.max_age_num_blocks)?,
        max_age_duration: Some(prost_types::Duration { seconds: age / NANOS_PER_SECOND, nanos }),
        max_bytes: integer(part("evidence"), "max_bytes", evidence.max_bytes)?,
    });
    if let Some(types) = part("validator").get("pub_key_types").and_then(Value::as_array) {
        let pub_key_types = types.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        params.validator = Some(ValidatorParams { pub_key_types });
    }
    let app = integer(part("version"), "app", 0)?;
    params.version =
        Some(VersionParams { app: u64::try_from(app).map_err(|_| GenesisError::field("app", "is negative"))? });
    params.abci =
        Some(AbciParams { vote_extensions_enable_height: integer(part("abci"), "vote_extensions_enable_height", 0)? });
    Ok(params)
}

fn text<'a>(object: &'a Map<String, Value>, field: &str) -> Result<&'a str, GenesisError> {
    object.get(field).and_then(Value::as_str).ok_or_else(|| GenesisError::field(field, "is missing or no text"))
}

/// A 64-bit integer, which CometBFT writes as a text and the SDK as a number.
fn integer(object: &Map<String, Value>, field: &str, default: i64) -> Result<i64, GenesisError> {
    let parsed = match object.get(field) {
        None | Some(Value::Null) => return Ok(default),
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_i64(),
        Some(_) => None,
    };
    parsed.ok_or_else(|| GenesisError::field(field, "is no 64-bit integer"))
}
