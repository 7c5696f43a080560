//! `akash tx`: transactions without a network. What is signed and checked is decided by `akash_client::offline`.

mod input;

use akash_client::offline::{Checked, OfflineError, check_signatures, sign};
use akash_types::json::encode_message_text;
use akash_types::tx::{self, SignerData};
use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use serde_json::{Value, json};

use super::keyring::signing_key;
use crate::args::{Tx, TxSign, TxValidate};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;
use input::{opened, read};

pub fn run(home: &Home, command: &Tx, output: &Output) -> Result<()> {
    match command {
        Tx::Decode(input) => output.document(&encode_message_text(&opened(&read(input)?)?)),
        Tx::Encode { input, hex } => {
            let bytes = read(input)?.encode_to_vec();
            let text = if *hex { hex::encode(&bytes) } else { STANDARD.encode(&bytes) };
            output.result(&text, &json!({ "tx": text, "hash": tx::hash_text(&bytes) }))
        }
        Tx::Sign(flags) => sign_one(home, flags, output),
        Tx::ValidateSignatures(flags) => validate(flags, output),
    }
}

fn sign_one(home: &Home, flags: &TxSign, output: &Output) -> Result<()> {
    let given = opened(&read(&flags.input)?)?;
    let key = signing_key(home, flags.keyring.keyring_backend, &flags.from)?;
    let data = SignerData { chain_id: &flags.chain_id, account_number: flags.account_number, sequence: flags.sequence };
    let signed = sign(&given, &key.secret, data).map_err(unfit)?;
    output.document(&encode_message_text(&opened(&signed)?))
}

fn validate(flags: &TxValidate, output: &Output) -> Result<()> {
    let bytes = read(&flags.input)?.encode_to_vec();
    let decoded = tx::decode(&bytes).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let mut checked = check_signatures(&decoded, &flags.chain_id, &flags.account_number).map_err(unfit)?;
    for (signature, wanted) in checked.iter_mut().zip(&flags.sequence) {
        if signature.sequence != *wanted && signature.fault.is_none() {
            signature.fault = Some(format!("it is for sequence {}, not {wanted}", signature.sequence));
        }
    }
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
    let next = match &error {
        OfflineError::OtherSigner { .. } => "give the signer's key with --from",
        OfflineError::Missing(_) => "`akash tx decode` shows what the transaction holds",
        _ => "",
    };
    let failure = Failure::new(Exit::Usage, error.to_string());
    if next.is_empty() { failure.into() } else { failure.next(next).into() }
}
