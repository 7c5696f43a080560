//! A transaction in any form in which a person has one.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use akash_proto::cosmos::tx::v1beta1::{AuthInfo, Tx, TxBody, TxRaw};
use akash_types::json::decode_message;
use akash_types::tx;
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use serde_json::Value;

use crate::args::Input;
use crate::failure::{Exit, Failure};

/// Longest text that is read; hexadecimal digits take twice the bytes, JSON some more.
const MAX_BYTES: u64 = 16 << 20;

/// Reads what was given: bytes by the rules of the chain, or JSON.
pub fn read(input: &Input) -> Result<TxRaw> {
    parse(&content(&input.tx)?)
}

/// The same of what was read already.
pub fn parse(bytes: &[u8]) -> Result<TxRaw> {
    understand(bytes).map_err(|reason| {
        let failure = Failure::new(Exit::Usage, format!("this is no transaction: {reason}"));
        failure.next("give JSON, base64 or hex, a file that holds one of these, or - for standard input").into()
    })
}

/// The parts, readable.
pub fn opened(raw: &TxRaw) -> Result<Tx> {
    let body = TxBody::decode(raw.body_bytes.as_slice()).context("the body cannot be read")?;
    let auth_info = AuthInfo::decode(raw.auth_info_bytes.as_slice()).context("the fee cannot be read")?;
    Ok(Tx { body: Some(body), auth_info: Some(auth_info), signatures: raw.signatures.clone() })
}

/// The text of a file, `-` is standard input.
pub fn text_file(file: &Path) -> Result<String> {
    let name = file.display();
    let cannot = |error: io::Error| Failure::new(Exit::Usage, format!("cannot read {name}: {error}"));
    let mut text = String::new();
    if file.as_os_str() == "-" {
        io::stdin().lock().take(MAX_BYTES).read_to_string(&mut text).map_err(cannot)?;
    } else {
        fs::File::open(file).map_err(cannot)?.take(MAX_BYTES).read_to_string(&mut text).map_err(cannot)?;
    }
    Ok(text)
}

/// What was given, or what stands where it points.
pub fn content(given: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let is_short = given.len() < 4096; // longer ones are no path
    if given == "-" {
        io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes).context("cannot read standard input")?;
    } else if is_short && Path::new(given).is_file() {
        let file = fs::File::open(given).with_context(|| format!("cannot read {given}"))?;
        file.take(MAX_BYTES).read_to_end(&mut bytes).with_context(|| format!("cannot read {given}"))?;
    } else {
        bytes = given.as_bytes().to_vec();
    }
    Ok(bytes)
}

fn understand(bytes: &[u8]) -> Result<TxRaw, String> {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0')) else {
        return checked(bytes);
    };
    let text = text.trim();
    if text.starts_with('{') {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        return from_json(&value);
    }
    let packed: String = text.split_whitespace().collect();
    if packed.is_empty() {
        return Err("it is empty".to_owned());
    }
    // Hex digits are base64 too; whichever gives a transaction is meant.
    let mut fault = None;
    for bytes in [hex::decode(&packed).ok(), STANDARD.decode(&packed).ok()].into_iter().flatten() {
        match checked(&bytes) {
            Ok(raw) => return Ok(raw),
            Err(reason) => fault = fault.or(Some(reason)),
        }
    }
    // The bytes of a transaction may happen to be text.
    checked(bytes).map_err(|_| fault.unwrap_or_else(|| "it is neither JSON nor base64 nor hex".to_owned()))
}

fn checked(bytes: &[u8]) -> Result<TxRaw, String> {
    tx::decode(bytes).map_err(|error| error.to_string())?;
    TxRaw::decode(bytes).map_err(|error| error.to_string())
}

fn from_json(value: &Value) -> Result<TxRaw, String> {
    let tx: Tx = decode_message(value).map_err(|error| error.to_string())?;
    Ok(TxRaw {
        body_bytes: tx.body.unwrap_or_default().encode_to_vec(),
        auth_info_bytes: tx.auth_info.unwrap_or_default().encode_to_vec(),
        signatures: tx.signatures,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_transaction_says_why() {
        assert_eq!(understand(b" \n").unwrap_err(), "it is empty");
        assert!(understand(b"hello!").unwrap_err().contains("neither JSON"));
        assert!(understand(b"{\"body\": 1}").unwrap_err().contains("body"));
        assert!(understand(b"zz").is_err());
        assert!(understand(&[0xff, 0, 1]).is_err());
    }

    #[test]
    fn one_transaction_in_four_forms() {
        let body = TxBody { memo: "hello".to_owned(), ..TxBody::default() };
        let raw =
            TxRaw { body_bytes: body.encode_to_vec(), auth_info_bytes: Vec::new(), signatures: vec![vec![7; 64]] };
        let bytes = raw.encode_to_vec();
        let json = akash_types::json::encode_message_text(&opened(&raw).unwrap());
        for form in [hex::encode(&bytes).into_bytes(), STANDARD.encode(&bytes).into_bytes(), bytes, json.into_bytes()] {
            assert_eq!(understand(&form).unwrap(), raw);
        }
    }
}
