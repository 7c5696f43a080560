//! Parameters change by the authority's word alone.

use akash_proto::cosmos::auth::v1beta1::{MsgUpdateParams as AuthUpdate, Params as AuthParams};
use akash_proto::cosmos::bank::v1beta1::{MsgSend, MsgSetSendEnabled, MsgUpdateParams as BankUpdate, SendEnabled};
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_proto::cosmos::consensus::v1::MsgUpdateParams as ConsensusUpdate;
use akash_proto::tendermint::types::BlockParams;
use akash_types::tx;
use expect_test::expect;
use prost::{Message, Name};

use crate::chain::{Chain, send_tx, verdict};

/// What becomes of a message that account `from` signs.
fn run<M: Message + Name>(chain: &mut Chain, from: usize, sequence: u64, message: &M) -> String {
    let mut unsigned = send_tx(&chain.address(from), &chain.address(from), 1);
    unsigned.messages = vec![tx::encode_any(message)];
    let signed = chain.sign(from, sequence, &unsigned);
    let outcome = chain.deliver(&signed);
    chain.named(&verdict(&outcome))
}

#[test]
fn denomination_becomes_transferable_by_the_authority() {
    let mut chain = Chain::new();
    let uact = Coin { denom: "uact".to_owned(), amount: "1".to_owned() };
    let send = MsgSend {
        from_address: chain.address(1).to_string(),
        to_address: chain.address(2).to_string(),
        amount: vec![uact],
    };
    let enable = |chain: &Chain, authority: usize| MsgSetSendEnabled {
        authority: chain.address(authority).to_string(),
        send_enabled: vec![SendEnabled { denom: "uact".to_owned(), enabled: true }],
        use_default_for: Vec::new(),
    };
    let (wrong, right) = (enable(&chain, 1), enable(&chain, 0));
    expect![[r#"
        bank/5: failed to execute message; message index: 0: uact transfers are
            currently disabled: send transactions are disabled"#]]
    .assert_eq(&run(&mut chain, 1, 0, &send));
    expect![[r#"
        gov/13: failed to execute message; message index: 0: invalid authority;
            expected <0>, got <1>: expected gov account as only signer for proposal
            message"#]]
    .assert_eq(&run(&mut chain, 1, 1, &wrong));
    assert_eq!(run(&mut chain, 0, 0, &right), "ok");
    assert_eq!(run(&mut chain, 1, 2, &send), "ok");
}

#[test]
fn somebody_else_is_refused_by_every_module() {
    let mut chain = Chain::new();
    let authority = chain.address(1).to_string();
    let auth = AuthUpdate { authority: authority.clone(), params: None };
    let bank = BankUpdate { authority: authority.clone(), params: None };
    let consensus = ConsensusUpdate { authority, ..Default::default() };
    let answers =
        [run(&mut chain, 1, 0, &auth), run(&mut chain, 1, 1, &bank), run(&mut chain, 1, 2, &consensus)].join("\n");
    expect![[r#"
        undefined/1: failed to execute message; message index: 0: expected gov account
            as only signer for proposal message; invalid authority; expected <0>, got
            <1>
        gov/13: failed to execute message; message index: 0: invalid authority;
            expected <0>, got <1>: expected gov account as only signer for proposal
            message
        gov/13: failed to execute message; message index: 0: invalid authority;
            expected <0>, got <1>: expected gov account as only signer for proposal
            message"#]]
    .assert_eq(&answers);
}

#[test]
fn parameters_hold_from_the_next_block_on() {
    let mut chain = Chain::new();
    let authority = chain.address(0).to_string();
    let params = AuthParams {
        max_memo_characters: 3,
        tx_sig_limit: 7,
        tx_size_cost_per_byte: 10,
        sig_verify_cost_ed25519: 590,
        sig_verify_cost_secp256k1: 1000,
    };
    let zero = AuthUpdate { authority: authority.clone(), params: Some(AuthParams { tx_sig_limit: 0, ..params }) };
    expect![[r#"
        undefined/1: failed to execute message; message index: 0: invalid tx signature
            limit: 0"#]]
    .assert_eq(&run(&mut chain, 0, 0, &zero));
    assert_eq!(run(&mut chain, 0, 1, &AuthUpdate { authority: authority.clone(), params: Some(params) }), "ok");
    let mut unsigned = send_tx(&chain.address(0), &chain.address(1), 1);
    unsigned.memo = "four".to_owned();
    assert_eq!(chain.check_new(&chain.sign(0, 2, &unsigned)).code, 12);

    let current = chain.app.consensus_params();
    let missing = ConsensusUpdate { authority: authority.clone(), block: current.block, ..Default::default() };
    expect![[r#"
        undefined/1: failed to execute message; message index: 0: all parameters must
            be present"#]]
    .assert_eq(&run(&mut chain, 0, 2, &missing));
    let change = ConsensusUpdate {
        authority,
        block: Some(BlockParams { max_bytes: 1 << 20, max_gas: 5_000_000 }),
        evidence: Some(akash_proto::tendermint::types::EvidenceParams {
            max_bytes: 1 << 10,
            ..current.evidence.unwrap()
        }),
        validator: current.validator.clone(),
        abci: None,
    };
    assert_eq!(run(&mut chain, 0, 3, &change), "ok");
    assert_eq!(chain.app.consensus_params().block.map(|block| block.max_gas), Some(5_000_000));
    assert_eq!(chain.app.consensus_params().version, current.version);
}
