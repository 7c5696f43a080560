use akash_proto::akash::deployment::v1::DeploymentId;
use akash_proto::akash::deployment::v1beta4::MsgCreateDeployment;
use akash_proto::akash::market::v1::BidId;
use akash_proto::akash::market::v1beta5::{MsgCloseBid, MsgCreateLease};
use akash_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, MsgSend};
use akash_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, TxBody, TxRaw};
use akash_types::address::Address;
use akash_types::adr36;
use akash_types::key::{HdPath, MultisigError, MultisigKey, SecretKey, SignerKey};
use akash_types::tx::{Decoded, SignerData, decode, encode_any};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use prost_types::Any;
use serde_json::json;

use super::{Mode, OfflineError, Part, check_document, check_signatures, combine, sign, sign_part, signers};

const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

fn key() -> SecretKey {
    SecretKey::from_mnemonic(WORDS, &HdPath::default()).unwrap()
}

fn tx(messages: Vec<Any>) -> TxRaw {
    let fee = Fee { gas_limit: 1, ..Fee::default() };
    let auth_info = AuthInfo { fee: Some(fee), ..AuthInfo::default() };
    let body = TxBody { messages, ..TxBody::default() };
    TxRaw { body_bytes: body.encode_to_vec(), auth_info_bytes: auth_info.encode_to_vec(), signatures: Vec::new() }
}

fn opened(tx: &TxRaw) -> Decoded {
    decode(&tx.encode_to_vec()).unwrap()
}

fn send(from: &Address) -> Any {
    encode_any(&MsgSend { from_address: from.to_string(), to_address: from.to_string(), amount: Vec::new() })
}

#[test]
fn signers_are_found_through_further_messages() {
    let id = DeploymentId { owner: "one".to_owned(), dseq: 7 };
    let create = encode_any(&MsgCreateDeployment { id: Some(id), ..MsgCreateDeployment::default() });
    let bid = BidId { owner: "one".to_owned(), provider: "four".to_owned(), ..BidId::default() };
    let close = encode_any(&MsgCloseBid { id: Some(bid.clone()), ..MsgCloseBid::default() });
    let lease = encode_any(&MsgCreateLease { bid_id: Some(bid) });
    let inputs = ["two", "one"].map(|address| Input { address: address.to_owned(), coins: Vec::new() });
    let multi = encode_any(&MsgMultiSend { inputs: inputs.to_vec(), outputs: Vec::new() });
    let body = TxBody { messages: vec![create, multi, lease, close], ..TxBody::default() };
    let fee = Fee { payer: "three".to_owned(), ..Fee::default() };
    let auth_info = AuthInfo { fee: Some(fee), ..AuthInfo::default() };
    assert_eq!(signers(&body, &auth_info).unwrap(), ["one", "two", "four", "three"]);

    let unknown = TxBody { messages: vec![Any { type_url: "/x.Y".to_owned(), value: Vec::new() }], ..body };
    assert_eq!(signers(&unknown, &auth_info), Err(OfflineError::UnknownMessage("/x.Y".to_owned())));
}

#[test]
fn what_was_signed_is_valid_and_nothing_else_is() {
    let data = SignerData { chain_id: "akash-play-1", account_number: 7, sequence: 3 };
    let signed = sign(&tx(vec![send(&key().address())]), &key(), Mode::Direct, &data).unwrap();
    let signed = decode(&signed.encode_to_vec()).unwrap();
    let fault = |chain_id, numbers: &[u64]| check_signatures(&signed, chain_id, numbers).unwrap()[0].fault.clone();
    assert_eq!(fault("akash-play-1", &[7]), None);
    assert!(fault("akash-play-1", &[8]).is_some());
    assert!(fault("akash-play-2", &[7]).is_some());
    assert!(fault("akash-play-1", &[]).unwrap().contains("account number"));
}

#[test]
fn signature_of_somebody_else_is_not_valid() {
    let data = SignerData { chain_id: "c", account_number: 7, sequence: 3 };
    let signed = sign(&tx(vec![send(&key().address())]), &key(), Mode::Direct, &data).unwrap();
    let mut other = decode(&signed.encode_to_vec()).unwrap();
    other.body.messages = vec![send(&SecretKey::generate().address())];
    let fault = check_signatures(&other, "c", &[7]).unwrap()[0].fault.clone();
    assert!(fault.unwrap().contains("the public key is that of"));
    let message = MsgSend { from_address: "nobody".to_owned(), ..MsgSend::default() };
    other.body.messages = vec![encode_any(&message)];
    let fault = check_signatures(&other, "c", &[7]).unwrap()[0].fault.clone();
    assert!(fault.unwrap().contains("no account"));
}

#[test]
fn only_the_one_signer_can_sign() {
    let data = SignerData { chain_id: "c", account_number: 0, sequence: 0 };
    let other = SecretKey::generate();
    let error = sign(&tx(vec![send(&key().address())]), &other, Mode::Direct, &data).unwrap_err();
    assert!(matches!(error, OfflineError::OtherSigner { .. }), "{error}");
    let two = tx(vec![send(&key().address()), send(&other.address())]);
    assert_eq!(sign(&two, &key(), Mode::Direct, &data), Err(OfflineError::SeveralSigners(2)));
    assert_eq!(sign(&tx(Vec::new()), &key(), Mode::Direct, &data), Err(OfflineError::Missing("messages")));
}

#[test]
fn several_signers_sign_amino_in_their_order() {
    let (first, second) = (key(), SecretKey::generate());
    let two = tx(vec![send(&first.address()), send(&second.address())]);
    let data = |account_number| SignerData { chain_id: "c", account_number, sequence: 5 };
    let early = sign(&two, &second, Mode::AminoJson, &data(2)).unwrap_err();
    assert_eq!(early, OfflineError::NotYet(first.address().to_string()));
    let one = sign(&two, &first, Mode::AminoJson, &data(1)).unwrap();
    let both = sign(&one, &second, Mode::AminoJson, &data(2)).unwrap();
    // Signing again replaces the own signature alone.
    let again = sign(&both, &first, Mode::AminoJson, &data(1)).unwrap();
    assert_eq!(again, both);
    let checked = check_signatures(&opened(&both), "c", &[1, 2]).unwrap();
    assert!(checked.iter().all(|checked| checked.fault.is_none()), "{checked:?}");
    assert!(check_signatures(&opened(&both), "c", &[2, 1]).unwrap().iter().all(|checked| checked.fault.is_some()));
    assert!(check_signatures(&opened(&one), "c", &[1, 2]).unwrap()[1].fault.as_ref().unwrap().contains("not signed"));
}

#[test]
fn members_sign_apart_and_are_joined() {
    let members: Vec<SecretKey> = (1..=3).map(|byte| SecretKey::from_bytes(&[byte; 32]).unwrap()).collect();
    let keys = members.iter().map(|member| SignerKey::Secp256k1(member.public())).collect();
    let multisig = MultisigKey::new(2, keys).unwrap();
    let tx = tx(vec![send(&multisig.address())]);
    let data = SignerData { chain_id: "c", account_number: 9, sequence: 4 };
    let part = |key: &SecretKey| sign_part(&tx, key, &multisig.address(), &data).unwrap();
    let (a, c) = (part(&members[0]), part(&members[2]));
    assert_eq!(Part::from_message(&a.to_message()), Ok(vec![a.clone()]));

    let joined = combine(&tx, &multisig, &[c.clone(), a.clone()], &data).unwrap();
    assert_eq!(check_signatures(&opened(&joined), "c", &[9]).unwrap()[0].fault, None);
    let refuse = |parts: &[Part]| combine(&tx, &multisig, parts, &data).unwrap_err();
    assert_eq!(refuse(std::slice::from_ref(&a)), OfflineError::Multisig(MultisigError::TooFew { have: 1, need: 2 }));
    assert!(matches!(refuse(&[a.clone(), a.clone()]), OfflineError::Twice(_)));
    let stranger = part(&SecretKey::generate());
    assert!(matches!(refuse(&[a.clone(), stranger]), OfflineError::NoMember(_)));
    let false_part = Part { signature: c.signature.clone(), ..a.clone() };
    assert!(matches!(refuse(&[false_part, c]), OfflineError::Part { .. }));
    let error = sign_part(&tx, &key(), &key().address(), &data).unwrap_err();
    assert!(matches!(error, OfflineError::OtherSigner { .. }));
}

#[test]
fn signed_data_is_checked_as_wallets_give_it() {
    let key = key();
    let data = b"hello";
    let signed: serde_json::Value = serde_json::from_slice(&adr36::sign_bytes(&key.address(), data)).unwrap();
    let public = json!({"type": "tendermint/PubKeySecp256k1", "value": STANDARD.encode(key.public().to_bytes())});
    let signature = json!({"pub_key": public, "signature": STANDARD.encode(adr36::sign(&key, data))});
    let mut given = json!({"signed": signed, "signature": signature});
    assert_eq!(check_document(&given).unwrap().fault, None);
    given["signed"]["msgs"][0]["value"]["data"] = json!(STANDARD.encode(b"other"));
    assert!(check_document(&given).unwrap().fault.is_some());
    given["signed"]["chain_id"] = json!("akashnet-2");
    assert!(matches!(check_document(&given), Err(OfflineError::Document(_))));
    assert!(matches!(check_document(&json!({})), Err(OfflineError::Document(_))));
}
