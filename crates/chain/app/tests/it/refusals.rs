//! Transactions that fail, with the texts that clients read.

use akash_app::{CheckKind, TxOutcome};
use akash_proto::akash::cert::v1::MsgCreateCertificate;
use akash_types::address::Address;
use akash_types::coin::Coins;
use akash_types::tx::{self, Unsigned};
use expect_test::{Expect, expect};

use crate::chain::{CHAIN_ID, Chain, FEE, FUNDS, events, send_tx, verdict};

fn check(chain: &Chain, outcome: &TxOutcome, expected: Expect) {
    expected.assert_eq(&chain.named(&verdict(outcome)));
}

#[test]
fn wrong_sequence_is_refused_everywhere() {
    let mut chain = Chain::new();
    let tx = chain.send(0, &chain.address(1), 1, 7);
    let expected = "sdk/32: account sequence mismatch, expected 0, got 7: incorrect account sequence";
    assert_eq!(verdict(&chain.check_new(&tx)), expected);
    assert_eq!(verdict(&chain.deliver(&tx)), expected);
    let failure = chain.app.view().simulate(&tx).unwrap_err();
    assert!(failure.text.starts_with("account sequence mismatch, expected 0, got 7: incorrect account sequence"));
}

#[test]
fn signature_for_another_chain_is_refused() {
    let mut chain = Chain::new();
    let unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    let tx = tx::sign_direct(&unsigned, &chain.keys[0], "another-1", 0, 0);
    let expected = expect![[r#"
        sdk/4: signature verification failed; please verify account number (0) and
            chain-id (akash-play-1): (unable to verify single signer signature):
            unauthorized"#]];
    let outcome = chain.check_new(&tx);
    check(&chain, &outcome, expected);
    assert_ne!(chain.deliver(&tx).code, 0);
    assert_eq!(
        chain.balance(&chain.address(0)),
        FUNDS.to_string(),
        "a refusal before the end of the ante costs nothing"
    );
}

#[test]
fn signature_of_somebody_else_is_refused() {
    let mut chain = Chain::new();
    let unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    let tx = tx::sign_direct(&unsigned, &chain.keys[1], CHAIN_ID, 0, 0);
    let outcome = chain.check_new(&tx);
    check(
        &chain,
        &outcome,
        expect![[r#"
            sdk/8: pubKey does not match signer address <0> with signer index: 0: invalid
                pubkey"#]],
    );
}

#[test]
fn too_large_a_send_fails_but_pays_its_fee() {
    let mut chain = Chain::new();
    let tx = chain.send(0, &chain.address(1), FUNDS, 0);
    assert_eq!(verdict(&chain.check_new(&tx)), "ok", "messages do not run on admission");

    let outcome = chain.deliver(&tx);

    check(
        &chain,
        &outcome,
        expect![[r#"
            sdk/5: failed to execute message; message index: 0: spendable balance
                999995000uakt is smaller than 1000000000uakt: insufficient funds"#]],
    );
    assert_eq!(outcome.data, Vec::<u8>::new());
    assert_eq!(chain.balance(&chain.address(0)), (FUNDS - FEE).to_string());
    expect![[r#"
        coin_spent: spender=<0> amount=5000uakt
        coin_received: receiver=<fees> amount=5000uakt
        transfer: recipient=<fees> sender=<0> amount=5000uakt
        message: sender=<0>
        tx: fee=5000uakt fee_payer=<0>
        tx: acc_seq=<0>/0
        tx: signature=…"#]]
    .assert_eq(&chain.named(&events(&outcome)));
    let next = chain.send(0, &chain.address(1), 1, 1);
    assert_eq!(verdict(&chain.deliver(&next)), "ok", "the sequence was used up too");
}

#[test]
fn fee_below_the_minimum_is_refused_on_admission_only() {
    let mut chain = Chain::new();
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.fee = Coins::parse("4999uakt").expect("coins");
    let tx = chain.sign(0, 0, &unsigned);
    let outcome = chain.check_new(&tx);
    check(&chain, &outcome, expect!["sdk/13: insufficient fees; got: 4999uakt required: 5000uakt: insufficient fee"]);
    assert_eq!(verdict(&chain.deliver(&tx)), "ok");
}

#[test]
fn fee_that_cannot_be_paid_is_refused() {
    let mut chain = Chain::new();
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.fee = Coins::parse(&format!("{}uakt", FUNDS + 1)).expect("coins");
    let tx = chain.sign(0, 0, &unsigned);
    let outcome = chain.check_new(&tx);
    check(
        &chain,
        &outcome,
        expect![[r#"
            sdk/5: spendable balance 1000000000uakt is smaller than 1000000001uakt:
                insufficient funds: insufficient funds"#]],
    );
    let outcome = chain.deliver(&tx);
    check(
        &chain,
        &outcome,
        expect![[r#"
            sdk/5: spendable balance 1000000000uakt is smaller than 1000000001uakt:
                insufficient funds: insufficient funds"#]],
    );
}

#[test]
fn account_that_never_received_coins_cannot_pay() {
    let mut chain = Chain::new();
    let tx = chain.send(3, &chain.address(1), 1, 0);
    let outcome = chain.check_new(&tx);
    check(&chain, &outcome, expect!["sdk/9: fee payer address: <3> does not exist: unknown address"]);
}

#[test]
fn running_out_of_gas_in_the_ante_costs_nothing() {
    let mut chain = Chain::new();
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.gas_limit = 2_000;
    let outcome = chain.deliver(&chain.sign(0, 0, &unsigned));
    assert!(verdict(&outcome).starts_with("sdk/11: out of gas in location: txSize; gasWanted: 2000, gasUsed: "));
    assert_eq!(outcome.gas_wanted, 2_000);
    assert_eq!(chain.balance(&chain.address(0)), FUNDS.to_string());
}

#[test]
fn running_out_of_gas_in_a_message_costs_the_fee() {
    let mut chain = Chain::new();
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    let used = chain.app.check_state().simulate(&chain.sign(0, 0, &unsigned)).expect("it would succeed").gas_used;
    unsigned.gas_limit = used - 1_000;
    let outcome = chain.deliver(&chain.sign(0, 0, &unsigned));
    assert!(verdict(&outcome).starts_with("sdk/11: out of gas in location: "), "{}", outcome.log);
    assert!(outcome.gas_used > outcome.gas_wanted);
    assert_eq!(chain.balance(&chain.address(0)), (FUNDS - FEE).to_string());
}

#[test]
fn replay_is_refused() {
    let mut chain = Chain::new();
    let tx = chain.send(0, &chain.address(1), 1, 0);
    assert_eq!(verdict(&chain.deliver(&tx)), "ok");
    let expected = "sdk/32: account sequence mismatch, expected 1, got 0: incorrect account sequence";
    assert_eq!(verdict(&chain.deliver(&tx)), expected);
    assert_eq!(verdict(&chain.check.check_tx(&tx, CheckKind::Recheck)), expected);
}

#[test]
fn module_account_cannot_receive() {
    let mut chain = Chain::new();
    let tx = chain.send(0, &Address::module("escrow"), 1, 0);
    let outcome = chain.deliver(&tx);
    check(
        &chain,
        &outcome,
        expect![[r#"
            sdk/4: failed to execute message; message index: 0:
                akash14pphss726thpwws3yc458hggufynm9x77l4l2u is not allowed to receive
                funds: unauthorized"#]],
    );
}

#[test]
fn denomination_that_is_not_transferable_is_refused() {
    let mut chain = Chain::new();
    let mut message = akash_proto::cosmos::bank::v1beta1::MsgSend {
        from_address: chain.address(0).to_string(),
        to_address: chain.address(1).to_string(),
        amount: Vec::new(),
    };
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    let coin = |denom: &str, amount: &str| akash_proto::cosmos::base::v1beta1::Coin {
        denom: denom.to_owned(),
        amount: amount.to_owned(),
    };

    message.amount = vec![coin("uact", "1")];
    unsigned.messages = vec![tx::encode_any(&message)];
    let outcome = chain.deliver(&chain.sign(0, 0, &unsigned));
    check(
        &chain,
        &outcome,
        expect![[r#"
            bank/5: failed to execute message; message index: 0: uact transfers are
                currently disabled: send transactions are disabled"#]],
    );

    message.amount = vec![coin("uakt", "0")];
    unsigned.messages = vec![tx::encode_any(&message)];
    let outcome = chain.deliver(&chain.sign(0, 1, &unsigned));
    check(&chain, &outcome, expect!["sdk/10: failed to execute message; message index: 0: 0uakt: invalid coins"]);
}

#[test]
fn bytes_that_are_no_transaction_say_more_on_admission_than_in_a_block() {
    let mut chain = Chain::new();
    let outcome = chain.check_new(b"\x08\x01");
    check(&chain, &outcome, expect!["sdk/2: expected 2 wire type, got 0: tx parse error: tx parse error"]);
    let outcome = chain.deliver(b"\x08\x01");
    check(&chain, &outcome, expect!["sdk/2: tx parse error"]);
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.messages.clear();
    let outcome = chain.deliver(&chain.sign(0, 0, &unsigned));
    check(&chain, &outcome, expect!["sdk/18: must contain at least one message: invalid request"]);
}

#[test]
fn timeout_height_and_memo_are_limited() {
    let mut chain = Chain::new();
    chain.block(&[]);
    chain.block(&[]);
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.timeout_height = 1;
    let outcome = chain.check_new(&chain.sign(0, 0, &unsigned));
    check(&chain, &outcome, expect!["sdk/30: block height: 2, timeout height: 1: tx timeout height"]);
    unsigned.timeout_height = 0;
    unsigned.memo = "m".repeat(257);
    let outcome = chain.check_new(&chain.sign(0, 0, &unsigned));
    check(
        &chain,
        &outcome,
        expect![[r#"
            sdk/12: maximum number of characters is 256 but received 257 characters: memo
                too large"#]],
    );
}

#[test]
fn transaction_with_any_bit_changed_is_refused_and_never_panics() {
    let mut chain = Chain::new();
    let tx = chain.send(0, &chain.address(1), 1, 0);
    for index in 0..tx.len() {
        let mut changed = tx.clone();
        changed[index] ^= 1 << (index % 8);
        let outcome = chain.check_new(&changed);
        assert!(outcome.code != 0 && outcome.code != 111_222, "byte {index}: {}", verdict(&outcome));
        assert!(chain.check_new(&tx[..index]).code != 0, "cut after {index} bytes");
    }
    assert_eq!(verdict(&chain.check_new(&tx)), "ok");
}

#[test]
fn certificate_that_is_refused_pays_for_its_verification() {
    let mut chain = Chain::new();
    let (cert, pubkey) = (
        include_bytes!("../../../../../fixtures/market/tenant.cert.pem").to_vec(),
        include_bytes!("../../../../../fixtures/market/tenant.pubkey.pem").to_vec(),
    );
    let foreign = MsgCreateCertificate { owner: chain.address(1).to_string(), cert, pubkey };
    let unsigned =
        Unsigned { messages: vec![tx::encode_any(&foreign)], ..send_tx(&chain.address(1), &chain.address(1), 1) };
    let signed = chain.sign(1, 0, &unsigned);
    assert_eq!(verdict(&chain.check_new(&signed)), "ok", "nobody verifies it for nothing");
    let outcome = chain.deliver(&signed);
    assert_eq!(
        verdict(&outcome),
        "cert/6: failed to execute message; message index: 0: invalid certificate value: common name is not the owner"
    );
    assert_eq!(chain.balance(&chain.address(1)), (FUNDS - FEE).to_string());
}
