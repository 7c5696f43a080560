//! Trying a transaction without signatures, to learn its gas.

use akash_kernel::{BlockInfo, Event, GrpcCode, Mode, QueryError};
use akash_proto::cosmos::base::abci::v1beta1::{GasInfo, Result as ProtoResult, SimulationResponse};
use akash_proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse, Tx, TxRaw};
use akash_proto::tendermint::abci::{Event as ProtoEvent, EventAttribute};
use akash_store::Overlay;
use prost::Message;
use prost_types::Any;

use crate::core::Core;
use crate::outcome::{Fault, TxOutcome, panicked};
use crate::run::BlockGas;

/// What a transaction would do.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationResult {
    /// Always the largest number, as clients know it; the bound of a simulation is the node's own.
    pub gas_wanted: u64,
    pub gas_used: u64,
    /// An encoded `TxMsgData`.
    pub data: Vec<u8>,
    /// Those of the ante chain included.
    pub events: Vec<Event>,
    pub msg_responses: Vec<Any>,
}

/// Why a transaction would fail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct SimulationFailure {
    pub codespace: String,
    pub code: u32,
    /// The log, and how much gas was used until then.
    pub text: String,
}

/// Runs on state that is dropped afterwards. The text of a refusal says how much gas was used.
pub fn run(
    core: &Core,
    mut overlay: Overlay,
    block: &BlockInfo,
    max_gas: Option<u64>,
    tx: &[u8],
) -> Result<SimulationResult, SimulationFailure> {
    let mut gas = BlockGas::new(max_gas);
    let (outcome, msg_responses) = core
        .runner(block, Mode::Simulate)
        .run(&mut overlay, tx, &mut gas)
        .unwrap_or_else(|Fault(text)| (TxOutcome::refused(panicked(&text)), Vec::new()));
    let TxOutcome { code, codespace, log, gas_used, data, events, .. } = outcome;
    if code != 0 {
        return Err(SimulationFailure { codespace, code, text: format!("{log} with gas used: '{gas_used}'") });
    }
    Ok(SimulationResult { gas_wanted: u64::MAX, gas_used, data, events, msg_responses })
}

/// The bytes of the transaction in a request; older clients send its parts instead.
pub fn requested_tx(request: SimulateRequest) -> Result<Vec<u8>, QueryError> {
    #[expect(deprecated, reason = "older clients still send it")]
    let parts = request.tx;
    match parts {
        Some(Tx { body, auth_info, signatures }) => Ok(TxRaw {
            body_bytes: body.unwrap_or_default().encode_to_vec(),
            auth_info_bytes: auth_info.unwrap_or_default().encode_to_vec(),
            signatures,
        }
        .encode_to_vec()),
        None if request.tx_bytes.is_empty() => Err(QueryError::invalid_argument("empty txBytes is not allowed")),
        None => Ok(request.tx_bytes),
    }
}

/// The answer of the service `cosmos.tx.v1beta1.Service/Simulate`.
pub fn answer(result: Result<SimulationResult, SimulationFailure>) -> Result<SimulateResponse, QueryError> {
    let result = result.map_err(|failure| QueryError::new(GrpcCode::Unknown, failure.text))?;
    let (gas_info, result) = result.to_proto();
    Ok(SimulateResponse { gas_info: Some(gas_info), result: Some(result) })
}

impl SimulationResult {
    /// The form of the path `/app/simulate`.
    pub(crate) fn to_response(&self) -> SimulationResponse {
        let (gas_info, result) = self.to_proto();
        SimulationResponse { gas_info: Some(gas_info), result: Some(result) }
    }

    fn to_proto(&self) -> (GasInfo, ProtoResult) {
        let gas_info = GasInfo { gas_wanted: self.gas_wanted, gas_used: self.gas_used };
        #[expect(deprecated, reason = "clients still read the old field")]
        let result = ProtoResult {
            data: self.data.clone(),
            log: String::new(),
            events: self.events.iter().map(to_proto_event).collect(),
            msg_responses: self.msg_responses.clone(),
        };
        (gas_info, result)
    }
}

fn to_proto_event(event: &Event) -> ProtoEvent {
    let attribute =
        |(key, value): &(String, String)| EventAttribute { key: key.clone(), value: value.clone(), index: false };
    ProtoEvent { r#type: event.kind.clone(), attributes: event.attributes.iter().map(attribute).collect() }
}
