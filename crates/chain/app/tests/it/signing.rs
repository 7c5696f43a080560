//! Every way of signing: amino JSON, several keys, without an order, at somebody else's cost.

use std::collections::BTreeMap;

use akash_app::CheckKind;
use akash_proto::cosmos::feegrant::v1beta1::{BasicAllowance, MsgGrantAllowance};
use akash_types::coin::Coins;
use akash_types::key::{MultisigKey, SignerKey};
use akash_types::tx::{self, SignerData, Unsigned};
use expect_test::expect;
use prost_types::Timestamp;

use crate::chain::{CHAIN_ID, Chain, FEE, FUNDS, events, key, send_tx, verdict};

/// Blocks begin at this time and are five seconds apart.
const START: i64 = 1_700_000_000;

fn data(account_number: u64, sequence: u64) -> SignerData<'static> {
    SignerData { chain_id: CHAIN_ID, account_number, sequence }
}

fn amino(chain: &Chain, from: usize, sequence: u64, tx: &Unsigned) -> Vec<u8> {
    tx::sign_amino(tx, &chain.keys[from], &data(from as u64, sequence)).expect("it has an amino form")
}

#[test]
fn amino_json_is_a_signature_like_any_other() {
    let mut chain = Chain::new();
    let unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    let tx = amino(&chain, 0, 0, &unsigned);
    assert_eq!(verdict(&chain.check_new(&tx)), "ok");
    assert_eq!(verdict(&chain.deliver(&tx)), "ok");
    let tx = amino(&chain, 0, 1, &unsigned);
    assert_eq!(verdict(&chain.deliver(&tx)), "ok");
}

#[test]
fn amino_json_signed_for_something_else_names_the_sequence() {
    let mut chain = Chain::new();
    let unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    let wrong = tx::sign_amino(&unsigned, &chain.keys[0], &data(5, 0)).expect("it has an amino form");
    let outcome = chain.check_new(&wrong);
    expect![[r#"
        sdk/4: signature verification failed; please verify account number (0),
            sequence (0) and chain-id (akash-play-1): unauthorized"#]]
    .assert_eq(&chain.named(&verdict(&outcome)));
    assert_eq!(chain.deliver(&wrong).code, 4);
}

/// Two of three keys that nobody else uses.
fn multisig() -> MultisigKey {
    let member = |number| SignerKey::Secp256k1(key(number).public());
    MultisigKey::new(2, vec![member(21), member(22), member(23)]).expect("a sound key")
}

/// Signatures of the members at these places.
fn jointly(unsigned: &Unsigned, account_number: u64, sequence: u64, places: &[usize]) -> Vec<u8> {
    let bytes = tx::amino_sign_bytes(unsigned, &data(account_number, sequence)).expect("it has an amino form");
    let sign = |place: usize| (place, key(21 + place as u8).sign(&bytes).to_vec());
    let signatures: BTreeMap<_, _> = places.iter().map(|place| sign(*place)).collect();
    tx::combine_multisig(unsigned, &multisig(), sequence, &signatures).expect("enough signed")
}

/// A chain on which the joint account has coins; its number follows those of genesis.
fn with_joint_account() -> (Chain, u64) {
    let mut chain = Chain::new();
    let joint = SignerKey::Multisig(multisig()).address();
    let fund = chain.send(0, &joint, FUNDS / 2, 0);
    assert_eq!(verdict(&chain.deliver(&fund)), "ok");
    let number = account_number(&chain, &joint.to_string());
    (chain, number)
}

fn account_number(chain: &Chain, address: &str) -> u64 {
    use akash_proto::cosmos::auth::v1beta1::{QueryAccountInfoRequest, QueryAccountInfoResponse};
    use prost::Message;
    let request = QueryAccountInfoRequest { address: address.to_owned() }.encode_to_vec();
    let answer = chain.app.view().query("/cosmos.auth.v1beta1.Query/AccountInfo", &request, 0, false);
    let info = QueryAccountInfoResponse::decode(answer.value.as_slice()).expect("an answer").info;
    info.expect("it exists").account_number
}

#[test]
fn several_keys_sign_together() {
    let (mut chain, number) = with_joint_account();
    let joint = SignerKey::Multisig(multisig()).address();
    let unsigned = send_tx(&joint, &chain.address(1), 1);
    let two = jointly(&unsigned, number, 0, &[0, 2]);
    assert_eq!(verdict(&chain.check_new(&two)), "ok");
    let outcome = chain.deliver(&two);
    assert_eq!(verdict(&outcome), "ok");
    let signatures = events(&outcome).lines().filter(|line| line.starts_with("tx: signature=")).count();
    assert_eq!(signatures, 3, "that of each member, and what they make together");

    let three = chain.deliver(&jointly(&unsigned, number, 1, &[0, 1, 2]));
    assert_eq!(verdict(&three), "ok");
    // One more signature: its gas, its bytes, and its mode. The key is not written a second time.
    assert!(three.gas_used + 5_000 > outcome.gas_used, "{} {}", three.gas_used, outcome.gas_used);
}

#[test]
fn joint_signature_with_a_wrong_part_names_its_place() {
    let (mut chain, number) = with_joint_account();
    let joint = SignerKey::Multisig(multisig()).address();
    let unsigned = send_tx(&joint, &chain.address(1), 1);
    let bytes = tx::amino_sign_bytes(&unsigned, &data(number, 0)).expect("it has an amino form");
    let signatures = BTreeMap::from([(0, key(21).sign(&bytes).to_vec()), (2, key(9).sign(&bytes).to_vec())]);
    let tx = tx::combine_multisig(&unsigned, &multisig(), 0, &signatures).expect("enough signed");
    let outcome = chain.check_new(&tx);
    // All modes are amino, so the text speaks of the sequence, as the reference's does.
    assert!(verdict(&outcome).starts_with("sdk/4: signature verification failed; please verify account number ("));
    assert_ne!(chain.deliver(&tx).code, 0);
}

#[test]
fn simulated_joint_signature_costs_what_the_real_one_does() {
    let (mut chain, number) = with_joint_account();
    let joint = SignerKey::Multisig(multisig()).address();
    let unsigned = send_tx(&joint, &chain.address(1), 1);
    let real = jointly(&unsigned, number, 0, &[0, 1]);
    // What a wallet simulates: the key, no signature, no way of signing.
    let mut free = Unsigned { fee: Coins::new(), gas_limit: 0, ..unsigned };
    free.memo = String::new();
    let simulated = simulate_bytes(&free, &SignerKey::Multisig(multisig()), 0);
    let used = chain.app.check_state().simulate(&simulated).expect("it would succeed").gas_used;
    let outcome = chain.deliver(&real);
    assert_eq!(verdict(&outcome), "ok");
    assert!(used >= outcome.gas_used, "simulated {used}, used {}", outcome.gas_used);
}

/// The transaction with its key and nothing signed.
fn simulate_bytes(unsigned: &Unsigned, key: &SignerKey, sequence: u64) -> Vec<u8> {
    use akash_proto::cosmos::tx::v1beta1::{AuthInfo, ModeInfo, SignerInfo, TxRaw, mode_info};
    use prost::Message;
    let template = tx::unsigned_for_simulation(unsigned, &super::chain::key(1).public(), sequence);
    let raw = TxRaw::decode(template.as_slice()).expect("a transaction");
    let mut auth_info = AuthInfo::decode(raw.auth_info_bytes.as_slice()).expect("its other part");
    let mode_info = Some(ModeInfo { sum: Some(mode_info::Sum::Single(mode_info::Single { mode: 0 })) });
    auth_info.signer_infos = vec![SignerInfo { public_key: Some(key.to_any()), mode_info, sequence }];
    TxRaw { auth_info_bytes: auth_info.encode_to_vec(), signatures: vec![Vec::new()], ..raw }.encode_to_vec()
}

#[test]
fn simulation_without_a_fee_covers_the_transaction_with_one() {
    let mut chain = Chain::new();
    for sequence in 0..3 {
        let unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
        let free = Unsigned { fee: Coins::new(), gas_limit: 0, ..unsigned.clone() };
        let simulated = tx::unsigned_for_simulation(&free, &chain.keys[0].public(), sequence);
        let used = chain.app.check_state().simulate(&simulated).expect("it would succeed").gas_used;
        let outcome = chain.deliver(&chain.sign(0, sequence, &unsigned));
        assert_eq!(verdict(&outcome), "ok");
        let difference = used.abs_diff(outcome.gas_used);
        assert!(used >= outcome.gas_used && difference < 3_000, "simulated {used}, used {}", outcome.gas_used);
    }
}

#[test]
fn simulation_has_a_bound() {
    let chain = Chain::with(|genesis| {
        let block = genesis.consensus_params.block.as_mut().expect("set");
        block.max_gas = 30_000;
    });
    let unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    let failure = chain.app.check_state().simulate(&chain.sign(0, 0, &unsigned)).unwrap_err();
    assert_eq!((failure.codespace.as_str(), failure.code), ("sdk", 11), "{}", failure.text);
}

fn unordered(chain: &Chain, from: usize, ahead: i64) -> Unsigned {
    let timeout_timestamp = Some(Timestamp { seconds: START + ahead, nanos: 0 });
    Unsigned { unordered: true, timeout_timestamp, ..send_tx(&chain.address(from), &chain.address(1), 1) }
}

#[test]
fn unordered_transactions_come_in_any_order_and_once() {
    let mut chain = Chain::new();
    let (first, second) = (unordered(&chain, 0, 100), unordered(&chain, 0, 101));
    let (first, second) = (chain.sign(0, 0, &first), chain.sign(0, 0, &second));
    assert_eq!(verdict(&chain.check_new(&second)), "ok");
    let repeated = chain.check_new(&second);
    expect![[r#"
        sdk/18: failed to add unordered nonce: sender <0> has already used timeout
            1700000101000000000: invalid request"#]]
    .assert_eq(&chain.named(&verdict(&repeated)));
    let outcome = chain.block(&[second.clone(), first.clone()]);
    assert!(outcome.tx_results.iter().all(|result| result.code == 0), "{:?}", outcome.tx_results);
    let has_sequence = outcome.tx_results.iter().any(|result| events(result).contains("acc_seq"));
    assert!(!has_sequence, "no sequence is used");
    assert_eq!(chain.deliver(&first).code, 18, "a second time is refused in a block too");
    let ordered = chain.send(0, &chain.address(1), 1, 0);
    assert_eq!(verdict(&chain.deliver(&ordered)), "ok", "the sequence is where it was");
    let after = chain.sign(0, 0, &unordered(&chain, 0, 102));
    assert_eq!(verdict(&chain.deliver(&after)), "ok", "and has no part in what is unordered");
    let amino = amino(&chain, 0, 0, &unordered(&chain, 0, 103));
    assert_eq!(verdict(&chain.deliver(&amino)), "ok");
}

#[test]
fn unordered_transaction_is_known_in_the_last_block_that_could_take_it() {
    let mut chain = Chain::new();
    let tx = chain.sign(0, 0, &unordered(&chain, 0, 10));
    assert_eq!(verdict(&chain.deliver(&tx)), "ok");
    // This block has the time of the timeout.
    assert!(verdict(&chain.deliver(&tx)).starts_with("sdk/18: failed to add unordered nonce"));
    assert!(verdict(&chain.deliver(&tx)).starts_with("sdk/42: "));
    let state = chain.app.export_genesis().expect("exports");
    assert_eq!(state["auth"].get("ext"), None, "it is forgotten");
}

#[test]
fn timeouts_of_unordered_transactions_have_bounds() {
    let mut chain = Chain::new();
    let missing = Unsigned { timeout_timestamp: None, ..unordered(&chain, 0, 0) };
    let cases = [
        (chain.sign(0, 0, &missing), "sdk/18: unordered transaction must have timeout_timestamp set: invalid request"),
        (chain.sign(0, 0, &unordered(&chain, 0, 601)), "sdk/18: unordered tx ttl exceeds 10m0s: invalid request"),
        (
            chain.sign(0, 3, &unordered(&chain, 0, 100)),
            "sdk/18: sequence is not allowed for unordered transactions: invalid request",
        ),
        (
            chain.sign(0, 0, &unordered(&chain, 0, -1)),
            "sdk/42: block time: 2023-11-14 22:13:20 +0000 UTC, timeout timestamp: 2023-11-14 22:13:19 +0000 UTC: \
             tx timeout",
        ),
    ];
    for (tx, expected) in cases {
        assert_eq!(verdict(&chain.check_new(&tx)), expected);
    }
}

#[test]
fn allowance_pays_the_fee_of_somebody_without_coins() {
    let mut chain = Chain::new();
    let limit = Coins::parse(&format!("{}uakt", FEE + 1)).expect("coins");
    let allowance = BasicAllowance { spend_limit: (&limit).into(), expiration: None };
    let grant = MsgGrantAllowance {
        granter: chain.address(0).to_string(),
        grantee: chain.address(1).to_string(),
        allowance: Some(tx::encode_any(&allowance)),
    };
    let unsigned =
        Unsigned { messages: vec![tx::encode_any(&grant)], ..send_tx(&chain.address(0), &chain.address(1), 1) };
    assert_eq!(verdict(&chain.deliver(&chain.sign(0, 0, &unsigned))), "ok");

    let granter = Some(chain.address(0));
    let paid_for = Unsigned { granter, ..send_tx(&chain.address(1), &chain.address(2), 7) };
    let outcome = chain.deliver(&chain.sign(1, 0, &paid_for));
    assert_eq!(verdict(&outcome), "ok");
    assert_eq!(chain.balance(&chain.address(1)), (FUNDS - 7).to_string(), "it paid no fee");
    let paid = events(&outcome);
    assert!(paid.contains(&format!("tx: fee={FEE}uakt fee_payer={}", chain.address(0))), "{paid}");

    let outcome = chain.check_new(&chain.sign(1, 1, &paid_for));
    expect![[r#"
        feegrant/2: <0> does not allow to pay fees for <1>: basic allowance: fee limit
            exceeded"#]]
    .assert_eq(&chain.named(&verdict(&outcome)));
    let stranger = Unsigned { granter: Some(chain.address(2)), ..paid_for };
    let outcome = chain.check_new(&chain.sign(1, 1, &stranger));
    expect!["sdk/38: <2> does not allow to pay fees for <1>: fee-grant not found: not found"]
        .assert_eq(&chain.named(&verdict(&outcome)));
}

#[test]
fn what_was_prepared_is_admitted_like_the_bytes() {
    let mut chain = Chain::new();
    let good = chain.send(0, &chain.address(1), 1, 0);
    let prepared = chain.app.view().prepare(&good).expect("it is sound");
    assert_eq!(prepared.sender().map(|sender| sender.sequence), Some(0));
    assert_eq!(verdict(&chain.check.check_prepared(&prepared, CheckKind::New)), "ok");
    let again = chain.check.check_prepared(&prepared, CheckKind::New);
    assert!(verdict(&again).starts_with("sdk/32: account sequence mismatch, expected 1, got 0"));
    chain.check = chain.app.check_state();
    assert_eq!(verdict(&chain.check.check_prepared(&prepared, CheckKind::Recheck)), "ok");
}

#[test]
fn what_cannot_become_good_is_refused_before_it_meets_the_state() {
    let chain = Chain::new();
    let unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    let refused = |tx: &[u8]| chain.app.view().prepare(tx).err().map(|outcome| verdict(&outcome)).unwrap_or_default();
    assert!(refused(b"no transaction").starts_with("sdk/2: "));
    let poor = Unsigned { fee: Coins::new(), ..unsigned.clone() };
    assert!(refused(&chain.sign(0, 0, &poor)).starts_with("sdk/13: insufficient fees"));
    let foreign = tx::sign_direct(&unsigned, &chain.keys[0], "another-1", 0, 0);
    assert!(refused(&foreign).starts_with("sdk/4: signature verification failed"));
    let unknown = chain.send(3, &chain.address(1), 1, 0);
    assert_eq!(refused(&unknown), "", "an account may appear meanwhile");
}
