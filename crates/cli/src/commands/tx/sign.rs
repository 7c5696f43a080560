//! `akash tx sign` and `akash tx multisign`.

use std::fs;
use std::path::Path;

use akash_client::offline::{Mode, Part, combine, sign, sign_part};
use akash_proto::cosmos::tx::signing::v1beta1::signature_descriptor::{Data, data};
use akash_proto::cosmos::tx::signing::v1beta1::{SignMode as ProtoMode, SignatureDescriptor, SignatureDescriptors};
use akash_proto::cosmos::tx::v1beta1::TxRaw;
use akash_types::address::Address;
use akash_types::json::{decode_message, encode_message_text};
use akash_types::key::{MultisigKey, SecretKey, SignerKey};
use akash_types::tx::SignerData;
use anyhow::Result;

use super::super::keyring::{self, Need, signing_key};
use super::input::{opened, read, text_file};
use super::unfit;
use crate::args::{Backend, SignMode, SignerFlags, TxMultisign, TxSign};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

pub fn run(home: &Home, flags: &TxSign, output: &Output) -> Result<()> {
    let tx = read(&flags.input)?;
    let data = signer_data(&flags.signer);
    if let Some(account) = &flags.multisig {
        return sign_member(home, flags, account, &tx, output);
    }
    let mode = match flags.sign_mode {
        Some(SignMode::AminoJson) => Mode::AminoJson,
        Some(SignMode::Direct) | None => Mode::Direct,
    };
    let key = signing_key(home, flags.keyring.keyring_backend, &flags.from)?;
    let signed = sign(&tx, &key.secret, mode, &data).map_err(unfit)?;
    let text = if flags.signature_only {
        encode_message_text(&own_signature(&signed, &key.secret, mode)?)
    } else {
        encode_message_text(&opened(&signed)?)
    };
    write(&flags.signer, &text, output)
}

pub fn multisign(home: &Home, flags: &TxMultisign, output: &Output) -> Result<()> {
    let tx = read(&flags.input)?;
    let keys = keyring::open(home, flags.keyring.keyring_backend, Need::Public)?;
    let found = keyring::find(&keys, &flags.name)?;
    let SignerKey::Multisig(key) = &found.public_key else { return Err(no_multisig(&found.name)) };
    let mut parts = Vec::new();
    for file in &flags.signatures {
        parts.extend(read_parts(file)?);
    }
    let signed = combine(&tx, key, &parts, &signer_data(&flags.signer)).map_err(unfit)?;
    write(&flags.signer, &encode_message_text(&opened(&signed)?), output)
}

fn sign_member(home: &Home, flags: &TxSign, account: &str, tx: &TxRaw, output: &Output) -> Result<()> {
    if flags.sign_mode == Some(SignMode::Direct) {
        let failure = Failure::new(Exit::Usage, "members of a multisig account sign in amino-json, not in direct mode");
        return Err(failure.next("leave --sign-mode out").into());
    }
    let backend = flags.keyring.keyring_backend;
    let (address, multisig) = multisig_account(home, backend, account)?;
    let key = signing_key(home, backend, &flags.from)?;
    let own = SignerKey::Secp256k1(key.secret.public());
    if multisig.is_some_and(|multisig| !multisig.members().contains(&own)) {
        let text = format!("{} is not one of the members of {account}", key.address);
        return Err(Failure::new(Exit::Usage, text)
            .next(format!("`akash keys show {account}` shows its members"))
            .into());
    }
    let part = sign_part(tx, &key.secret, &address, &signer_data(&flags.signer)).map_err(unfit)?;
    write(&flags.signer, &encode_message_text(&part.to_message()), output)
}

/// The account, and its key where the key ring has it. An address alone is enough for a member.
fn multisig_account(home: &Home, backend: Backend, account: &str) -> Result<(Address, Option<MultisigKey>)> {
    let address = Address::parse(account);
    if backend == Backend::Memory {
        let failure =
            |error| Failure::new(Exit::Usage, format!("{account}: {error}")).next("give the account's address");
        return Ok((address.map_err(failure)?, None));
    }
    let keys = keyring::open(home, backend, Need::Public)?;
    match (keyring::find(&keys, account), address) {
        (Ok(found), _) => match found.public_key {
            SignerKey::Multisig(key) => Ok((found.address, Some(key))),
            _ => Err(no_multisig(account)),
        },
        (Err(_), Ok(address)) => Ok((address, None)),
        (Err(error), Err(_)) => Err(error),
    }
}

fn no_multisig(name: &str) -> anyhow::Error {
    let failure = Failure::new(Exit::Usage, format!("{name} is no multisig key"));
    failure.next("`akash keys add NAME --multisig a,b --multisig-threshold 2` makes one").into()
}

fn read_parts(file: &Path) -> Result<Vec<Part>> {
    let refuse = |reason: String| {
        let failure = Failure::new(Exit::Usage, format!("{} holds no signature: {reason}", file.display()));
        failure.next("`akash tx sign TX --from MEMBER --multisig NAME` prints one")
    };
    let value = serde_json::from_str(&text_file(file)?).map_err(|error| refuse(error.to_string()))?;
    let message: SignatureDescriptors = decode_message(&value).map_err(|error| refuse(error.to_string()))?;
    let parts = Part::from_message(&message).map_err(refuse)?;
    if parts.is_empty() { Err(refuse("it is empty".to_owned()).into()) } else { Ok(parts) }
}

/// The signature of the key in a transaction that it just signed.
fn own_signature(signed: &TxRaw, key: &SecretKey, mode: Mode) -> Result<SignatureDescriptors> {
    let public_key = Some(key.public().to_any());
    let infos = opened(signed)?.auth_info.unwrap_or_default().signer_infos;
    let own = infos.iter().zip(&signed.signatures).filter(|(info, _)| info.public_key == public_key);
    let signatures = own.map(|(info, signature)| {
        let single = data::Single { mode: ProtoMode::from(mode).into(), signature: signature.clone() };
        let data = Some(Data { sum: Some(data::Sum::Single(single)) });
        SignatureDescriptor { public_key: info.public_key.clone(), data, sequence: info.sequence }
    });
    Ok(SignatureDescriptors { signatures: signatures.collect() })
}

fn signer_data(flags: &SignerFlags) -> SignerData<'_> {
    SignerData { chain_id: &flags.chain_id, account_number: flags.account_number, sequence: flags.sequence }
}

fn write(flags: &SignerFlags, text: &str, output: &Output) -> Result<()> {
    let Some(file) = &flags.out else { return output.document(text) };
    let cannot = |error| Failure::new(Exit::Usage, format!("cannot write {}: {error}", file.display()));
    fs::write(file, format!("{text}\n")).map_err(cannot)?;
    output.note(format!("written to {}", file.display()));
    Ok(())
}
