//! `akash tx`: transactions without a network. What is signed and checked is decided by `akash_client::offline`.

mod input;
mod sign;

use akash_client::offline::{Checked, OfflineError, check_document, check_signatures, is_document};
use akash_types::json::encode_message_text;
use akash_types::tx;
use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use serde_json::{Value, json};

use crate::args::{Tx, TxValidate};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;
pub use input::{opened, read};

pub fn run(home: &Home, command: &Tx, output: &Output) -> Result<()> {
    match command {
        Tx::Decode(input) => output.document(&encode_message_text(&opened(&read(input)?)?)),
        Tx::Encode { input, hex } => {
            let bytes = read(input)?.encode_to_vec();
            let text = if *hex { hex::encode(&bytes) } else { STANDARD.encode(&bytes) };
            output.result(&text, &json!({ "tx": text, "hash": tx::hash_text(&bytes) }))
        }
        Tx::Sign(flags) => sign::run(home, flags, output),
        Tx::Multisign(flags) => sign::multisign(home, flags, output),
        Tx::ValidateSignatures(flags) => validate(flags, output),
    }
}

fn validate(flags: &TxValidate, output: &Output) -> Result<()> {
    let content = input::content(&flags.input.tx)?;
    if let Some(document) = serde_json::from_slice(&content).ok().filter(is_document) {
        return verdict(&[check_document(&document).map_err(unfit)?], output);
    }
    let bytes = input::parse(&content)?.encode_to_vec();
    let missing = |flag: &str| {
        Failure::new(Exit::Usage, format!("{flag} is missing, which a transaction's signatures depend on"))
            .next("give --chain-id, and --account-number for each signer")
    };
    let chain_id = flags.chain_id.as_ref().ok_or_else(|| missing("--chain-id"))?;
    if flags.account_number.is_empty() {
        return Err(missing("--account-number").into());
    }
    let decoded = tx::decode(&bytes).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let mut checked = check_signatures(&decoded, chain_id, &flags.account_number).map_err(unfit)?;
    for (signature, wanted) in checked.iter_mut().zip(&flags.sequence) {
        if signature.sequence != *wanted && signature.fault.is_none() {
            signature.fault = Some(format!("it is for sequence {}, not {wanted}", signature.sequence));
        }
    }
    verdict(&checked, output)
}

fn verdict(checked: &[Checked], output: &Output) -> Result<()> {
    let lines: Vec<String> = checked.iter().map(line_of).collect();
    output.result(lines.join("\n"), &checked.iter().map(json_of).collect::<Vec<_>>())?;
    match checked.iter().filter(|signature| signature.fault.is_some()).count() {
        0 if !checked.is_empty() => Ok(()),
        0 => Err(Failure::new(Exit::Usage, "the transaction has no messages, so nobody signs it").into()),
        bad => {
            let text = format!("{bad} of {} signatures are not valid", checked.len());
            Err(Failure::new(Exit::Transaction, text).into())
        }
    }
}

fn line_of(signature: &Checked) -> String {
    match &signature.fault {
        None => format!("{}: valid", signature.signer),
        Some(fault) => format!("{}: NOT VALID: {fault}", signature.signer),
    }
}

fn json_of(signature: &Checked) -> Value {
    json!({
        "signer": signature.signer, "sequence": signature.sequence.to_string(), "valid": signature.fault.is_none(),
        "fault": signature.fault,
    })
}

fn unfit(error: OfflineError) -> anyhow::Error {
    let failure = Failure::new(Exit::Usage, error.to_string());
    let next = match &error {
        OfflineError::OtherSigner { .. } => "give the signer's key with --from; for a multisig account see --multisig",
        OfflineError::Missing(_) => "`akash tx decode` shows what the transaction holds",
        OfflineError::SeveralSigners(_) => "let each of them sign with --sign-mode amino-json",
        OfflineError::NotYet(_) => "give the transaction as that signer returned it",
        OfflineError::NoMember(_) | OfflineError::Twice(_) => "give one signature of each member who signs",
        OfflineError::Part { .. } => "chain id, account number and sequence must be those with which it was made",
        OfflineError::Multisig(_) => "collect signatures of more members",
        _ => return failure.into(),
    };
    failure.next(next).into()
}
