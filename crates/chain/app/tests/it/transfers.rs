//! Sends that succeed, and what they leave.

use akash_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, MsgSendResponse, Output};
use akash_proto::cosmos::base::abci::v1beta1::TxMsgData;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_types::tx;
use expect_test::expect;
use prost::{Message, Name};

use crate::chain::{Chain, FEE, FUNDS, events, send_tx, verdict};

#[test]
fn send_moves_coins_and_pays_the_fee() {
    let mut chain = Chain::new();
    let (from, to) = (chain.address(0), chain.address(3));
    let tx = chain.send(0, &to, 1_000, 0);

    assert_eq!(verdict(&chain.check_new(&tx)), "ok");
    let outcome = chain.deliver(&tx);

    assert_eq!(verdict(&outcome), "ok");
    assert_eq!(outcome.log, "");
    assert_eq!(chain.balance(&from), (FUNDS - 1_000 - FEE).to_string());
    assert_eq!(chain.balance(&to), "1000");
    let data = TxMsgData::decode(outcome.data.as_slice()).expect("data");
    assert_eq!(data.msg_responses.len(), 1);
    assert_eq!(data.msg_responses[0].type_url, MsgSendResponse::type_url());
}

#[test]
fn events_are_those_that_clients_parse() {
    let mut chain = Chain::new();
    let tx = chain.send(0, &chain.address(3), 1_000, 0);
    let outcome = chain.deliver(&tx);
    expect![[r#"
        coin_spent: spender=<0> amount=5000uakt
        coin_received: receiver=<fees> amount=5000uakt
        transfer: recipient=<fees> sender=<0> amount=5000uakt
        message: sender=<0>
        tx: fee=5000uakt fee_payer=<0>
        tx: acc_seq=<0>/0
        tx: signature=…
        message: action=/cosmos.bank.v1beta1.MsgSend sender=<0> module=bank msg_index=0
        coin_spent: spender=<0> amount=1000uakt msg_index=0
        coin_received: receiver=<3> amount=1000uakt msg_index=0
        transfer: recipient=<3> sender=<0> amount=1000uakt msg_index=0
        message: sender=<0> msg_index=0"#]]
    .assert_eq(&chain.named(&events(&outcome)));
}

#[test]
fn multi_send_reaches_every_receiver() {
    let mut chain = Chain::new();
    let coins = |amount: u64| vec![Coin { denom: "uakt".to_owned(), amount: amount.to_string() }];
    let message = MsgMultiSend {
        inputs: vec![Input { address: chain.address(0).to_string(), coins: coins(30) }],
        outputs: vec![
            Output { address: chain.address(1).to_string(), coins: coins(10) },
            Output { address: chain.address(2).to_string(), coins: coins(20) },
        ],
    };
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.messages = vec![tx::encode_any(&message)];

    let outcome = chain.deliver(&chain.sign(0, 0, &unsigned));

    assert_eq!(verdict(&outcome), "ok");
    assert_eq!(chain.balance(&chain.address(1)), (FUNDS + 10).to_string());
    assert_eq!(chain.balance(&chain.address(2)), (FUNDS + 20).to_string());
    expect![[r#"
        coin_spent: spender=<0> amount=5000uakt
        coin_received: receiver=<fees> amount=5000uakt
        transfer: recipient=<fees> sender=<0> amount=5000uakt
        message: sender=<0>
        tx: fee=5000uakt fee_payer=<0>
        tx: acc_seq=<0>/0
        tx: signature=…
        message: action=/cosmos.bank.v1beta1.MsgMultiSend sender=<0> module=bank
            msg_index=0
        message: sender=<0> msg_index=0
        coin_spent: spender=<0> amount=30uakt msg_index=0
        coin_received: receiver=<1> amount=10uakt msg_index=0
        transfer: recipient=<1> sender=<0> amount=10uakt msg_index=0
        coin_received: receiver=<2> amount=20uakt msg_index=0
        transfer: recipient=<2> sender=<0> amount=20uakt msg_index=0"#]]
    .assert_eq(&chain.named(&events(&outcome)));
}

#[test]
fn sequences_follow_each_other_within_one_block_and_in_the_check_state() {
    let mut chain = Chain::new();
    let to = chain.address(1);
    let txs: Vec<Vec<u8>> = (0..3).map(|sequence| chain.send(0, &to, 1, sequence)).collect();
    for tx in &txs {
        assert_eq!(verdict(&chain.check_new(tx)), "ok");
    }
    let outcome = chain.block(&txs);
    assert!(outcome.tx_results.iter().all(|outcome| outcome.code == 0));
    let next = chain.send(0, &to, 1, 3);
    assert_eq!(verdict(&chain.check_new(&next)), "ok");
}
