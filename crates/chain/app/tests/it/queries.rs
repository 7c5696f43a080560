//! Questions to the committed state.

use akash_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use akash_proto::cosmos::bank::v1beta1::{QueryAllBalancesRequest, QueryAllBalancesResponse};
use akash_proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use expect_test::expect;
use prost::Message;

use crate::chain::{Chain, FEE, FUNDS};

const ACCOUNT: &str = "/cosmos.auth.v1beta1.Query/Account";

#[test]
fn account_has_number_sequence_and_key() {
    let mut chain = Chain::new();
    let tx = chain.send(1, &chain.address(3), 5, 0);
    chain.deliver(&tx);

    let request = QueryAccountRequest { address: chain.address(1).to_string() };
    let answer = chain.app.view().answer(ACCOUNT, &request.encode_to_vec(), 0).expect("it exists");
    assert_eq!(answer.height, 1);
    let any = QueryAccountResponse::decode(answer.value.as_slice()).expect("an answer").account.expect("set");
    assert_eq!(any.type_url, "/cosmos.auth.v1beta1.BaseAccount");
    let account = BaseAccount::decode(any.value.as_slice()).expect("an account");
    assert_eq!((account.account_number, account.sequence), (1, 1));
    assert_eq!(account.pub_key, Some(chain.keys[1].public().to_any()));
}

#[test]
fn earlier_heights_stay_readable() {
    let mut chain = Chain::new();
    chain.block(&[]);
    let tx = chain.send(0, &chain.address(3), 5, 0);
    chain.deliver(&tx);
    let request = QueryAllBalancesRequest { address: chain.address(0).to_string(), ..Default::default() };
    let at = |height: i64| {
        let path = "/cosmos.bank.v1beta1.Query/AllBalances";
        let answer = chain.app.view().answer(path, &request.encode_to_vec(), height).expect("readable");
        let balances = QueryAllBalancesResponse::decode(answer.value.as_slice()).expect("an answer").balances;
        balances.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect::<Vec<_>>().join(",")
    };
    assert_eq!(at(1), format!("{FUNDS}uact,{FUNDS}uakt"));
    assert_eq!(at(0), format!("{FUNDS}uact,{}uakt", FUNDS - FEE - 5));
}

#[test]
fn what_cannot_be_answered_has_the_codes_of_abci() {
    let chain = Chain::new();
    let ask = |chain: &Chain, path: &str, data: &[u8], height: i64, prove: bool| {
        let outcome = chain.app.view().query(path, data, height, prove);
        format!("{}/{}: {}\n", outcome.codespace, outcome.code, outcome.log)
    };
    let mut answers = ask(&chain, ACCOUNT, b"", 0, false);
    let mut chain = chain;
    chain.block(&[]);
    let nobody = QueryAccountRequest { address: chain.address(3).to_string() }.encode_to_vec();
    answers += &ask(&chain, ACCOUNT, &nobody, 0, false);
    answers += &ask(&chain, ACCOUNT, b"", 0, false);
    answers += &ask(&chain, ACCOUNT, b"", -1, false);
    answers += &ask(&chain, ACCOUNT, b"", 9, false);
    answers += &ask(&chain, "/nothing", b"", 0, false);
    answers += &ask(&chain, "/a.b.Query/C", b"", 0, false);
    answers += &ask(&chain, "/cosmos.tx.v1beta1.Service/BroadcastTx", b"", 0, false);
    answers += &ask(&chain, "/store/nothing/key", b"k", 0, false);
    answers += &ask(&chain, "/store/bank/key", b"k", 0, true);
    answers += &ask(&chain, "/cosmos.tx.v1beta1.Service/Simulate", b"", 0, false);
    expect![[r#"
        sdk/26: akash is not ready; please wait for first block: invalid height
        sdk/22: rpc error: code = NotFound desc = account <3> not found: key not found
        sdk/18: rpc error: code = InvalidArgument desc = Address cannot be empty:
            invalid request
        sdk/18: cannot query with height < 0; please provide a valid height: invalid
            request
        sdk/26: cannot query with height in the future; please provide a valid height:
            invalid height
        sdk/6: unknown query path: unknown request
        sdk/6: unknown query path: unknown request
        sdk/18: can't route a broadcast tx message: invalid request
        sdk/6: no such store: nothing: unknown request
        sdk/18: cannot query with proof when height <= 1; please provide a valid
            height: invalid request
        sdk/18: rpc error: code = InvalidArgument desc = empty txBytes is not allowed:
            invalid request"#]]
    .assert_eq(&chain.named(&answers));
}

#[test]
fn simulation_is_served_as_a_query() {
    let mut chain = Chain::new();
    chain.block(&[]);
    let tx_bytes = chain.send(0, &chain.address(1), 5, 0);
    let request = SimulateRequest { tx_bytes, ..Default::default() };
    let path = "/cosmos.tx.v1beta1.Service/Simulate";
    let answer = chain.app.view().query(path, &request.encode_to_vec(), 0, false);
    assert_eq!((answer.code, answer.log.as_str()), (0, ""));
    let response = SimulateResponse::decode(answer.value.as_slice()).expect("an answer");
    let gas = response.gas_info.expect("set");
    assert!(gas.gas_used > 20_000 && gas.gas_used < 200_000, "{}", gas.gas_used);
    assert_eq!(gas.gas_wanted, u64::MAX);
    assert_eq!(response.result.expect("set").msg_responses.len(), 1);
}

#[test]
fn raw_key_is_proved_against_the_app_hash() {
    let mut chain = Chain::new();
    chain.block(&[]);
    chain.block(&[]);
    let view = chain.app.view();
    let present = [&[1, 20][..], chain.address(0).as_bytes()].concat();
    let outcome = view.query("/store/acc/key", &present, 0, true);
    assert_eq!((outcome.code, outcome.log.as_str(), outcome.height), (0, "", 2));
    assert!(!outcome.value.is_empty());
    assert_eq!(outcome.value, view.query("/store/acc/key", &present, 0, false).value);
    assert_eq!(outcome.proof_ops.len(), 2);

    let absent = view.query("/store/acc/key", b"\x01absent", 0, true);
    assert_eq!((absent.code, absent.value.len(), absent.proof_ops.len()), (0, 0, 2));
}
