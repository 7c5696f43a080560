//! Transactions that fail, with the texts that clients read.

use akash_app::CheckKind;
use akash_types::address::Address;
use akash_types::coin::Coins;
use akash_types::tx;
use expect_test::{Expect, expect};

use crate::chain::{CHAIN_ID, Chain, FEE, FUNDS, events, send_tx, verdict};

fn check(outcome: &akash_app::TxOutcome, expected: Expect) {
    expected.assert_eq(&verdict(outcome));
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
    let expected = expect![
        "sdk/4: signature verification failed; please verify account number (0) and chain-id (akash-play-1): (unable to verify single signer signature): unauthorized"
    ];
    check(&chain.check_new(&tx), expected);
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
    check(
        &chain.check_new(&tx),
        expect![
            "sdk/8: pubKey does not match signer address akash10xcqpzrky6eff2g52qdye53xkk9jxkvrvmhmee with signer index: 0: invalid pubkey"
        ],
    );
}

#[test]
fn too_large_a_send_fails_but_pays_its_fee() {
    let mut chain = Chain::new();
    let tx = chain.send(0, &chain.address(1), FUNDS, 0);
    assert_eq!(verdict(&chain.check_new(&tx)), "ok", "messages do not run on admission");

    let outcome = chain.deliver(&tx);

    check(
        &outcome,
        expect![
            "sdk/5: failed to execute message; message index: 0: spendable balance 999995000uakt is smaller than 1000000000uakt: insufficient funds"
        ],
    );
    assert_eq!(outcome.data, Vec::<u8>::new());
    assert_eq!(chain.balance(&chain.address(0)), (FUNDS - FEE).to_string());
    expect![[r#"
        coin_spent: spender=akash10xcqpzrky6eff2g52qdye53xkk9jxkvrvmhmee amount=5000uakt
        coin_received: receiver=akash17xpfvakm2amg962yls6f84z3kell8c5lazw8j8 amount=5000uakt
        transfer: recipient=akash17xpfvakm2amg962yls6f84z3kell8c5lazw8j8 sender=akash10xcqpzrky6eff2g52qdye53xkk9jxkvrvmhmee amount=5000uakt
        message: sender=akash10xcqpzrky6eff2g52qdye53xkk9jxkvrvmhmee
        tx: fee=5000uakt fee_payer=akash10xcqpzrky6eff2g52qdye53xkk9jxkvrvmhmee
        tx: acc_seq=akash10xcqpzrky6eff2g52qdye53xkk9jxkvrvmhmee/0
        tx: signature=Hj2sAk/5yko9W2TM/2eWA+nQlafKLDAuGLKn9bMpGaMT2C6MQu49Y8cFG+eV6rCUCixY4VIh2dByettywDn95Q==
    "#]].assert_eq(&events(&outcome));
    let next = chain.send(0, &chain.address(1), 1, 1);
    assert_eq!(verdict(&chain.deliver(&next)), "ok", "the sequence was used up too");
}

#[test]
fn fee_below_the_minimum_is_refused_on_admission_only() {
    let mut chain = Chain::new();
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.fee = Coins::parse("4999uakt").expect("coins");
    let tx = chain.sign(0, 0, &unsigned);
    check(
        &chain.check_new(&tx),
        expect!["sdk/13: insufficient fees; got: 4999uakt required: 5000uakt: insufficient fee"],
    );
    assert_eq!(verdict(&chain.deliver(&tx)), "ok");
}

#[test]
fn fee_that_cannot_be_paid_is_refused() {
    let mut chain = Chain::new();
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.fee = Coins::parse(&format!("{}uakt", FUNDS + 1)).expect("coins");
    let tx = chain.sign(0, 0, &unsigned);
    check(
        &chain.check_new(&tx),
        expect![
            "sdk/5: spendable balance 1000000000uakt is smaller than 1000000001uakt: insufficient funds: insufficient funds"
        ],
    );
    check(
        &chain.deliver(&tx),
        expect![
            "sdk/5: spendable balance 1000000000uakt is smaller than 1000000001uakt: insufficient funds: insufficient funds"
        ],
    );
}

#[test]
fn account_that_never_received_coins_cannot_pay() {
    let mut chain = Chain::new();
    let tx = chain.send(3, &chain.address(1), 1, 0);
    check(
        &chain.check_new(&tx),
        expect![
            "sdk/9: fee payer address: akash13zxmh4ue370cp48c9d8eeek43qhnzzhvnjrcnk does not exist: unknown address"
        ],
    );
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
    check(
        &chain.deliver(&tx),
        expect![
            "sdk/4: failed to execute message; message index: 0: akash14pphss726thpwws3yc458hggufynm9x77l4l2u is not allowed to receive funds: unauthorized"
        ],
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
    check(
        &chain.deliver(&chain.sign(0, 0, &unsigned)),
        expect![
            "bank/5: failed to execute message; message index: 0: uact transfers are currently disabled: send transactions are disabled"
        ],
    );

    message.amount = vec![coin("uakt", "0")];
    unsigned.messages = vec![tx::encode_any(&message)];
    check(
        &chain.deliver(&chain.sign(0, 1, &unsigned)),
        expect!["sdk/10: failed to execute message; message index: 0: 0uakt: invalid coins"],
    );
}

#[test]
fn bytes_that_are_no_transaction_say_more_on_admission_than_in_a_block() {
    let mut chain = Chain::new();
    check(&chain.check_new(b"\x08\x01"), expect!["sdk/2: expected 2 wire type, got 0: tx parse error: tx parse error"]);
    check(&chain.deliver(b"\x08\x01"), expect!["sdk/2: tx parse error"]);
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.messages.clear();
    check(
        &chain.deliver(&chain.sign(0, 0, &unsigned)),
        expect!["sdk/18: must contain at least one message: invalid request"],
    );
}

#[test]
fn timeout_height_and_memo_are_limited() {
    let mut chain = Chain::new();
    chain.block(&[]);
    chain.block(&[]);
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.timeout_height = 1;
    check(
        &chain.check_new(&chain.sign(0, 0, &unsigned)),
        expect!["sdk/30: block height: 2, timeout height: 1: tx timeout height"],
    );
    unsigned.timeout_height = 0;
    unsigned.memo = "m".repeat(257);
    check(
        &chain.check_new(&chain.sign(0, 0, &unsigned)),
        expect!["sdk/12: maximum number of characters is 256 but received 257 characters: memo too large"],
    );
}
