use std::sync::Arc;

use akash_cosmos::auth;
use akash_kernel::Modules;
use akash_proto::cosmos::bank::v1beta1::{MsgSend, MsgSendResponse};
use akash_store::{ChainStore, MemoryStore};
use akash_types::coin::{Coins, DecCoins};
use akash_types::key::SecretKey;
use akash_types::tx::{self, Unsigned};

use super::*;
use crate::cache::SignatureCache;

/// A registry whose only message does what its receiver says.
fn registry() -> Registry {
    let mut registry = Registry::default();
    let signers = |msg: &MsgSend| Ok(vec![msg.from_address.parse().expect("an address")]);
    registry.message(
        signers,
        |_| Ok(()),
        |ctx: &mut Ctx, msg: MsgSend| match msg.to_address.as_str() {
            "panic" => ctx.checkpoint(|_| -> Result<MsgSendResponse, TxError> { panic!("a bug in a handler") }),
            "fault" => Err(TxError::Fault("the books do not balance".to_owned())),
            _ => Ok(MsgSendResponse {}),
        },
    );
    registry
}

/// Runs one transaction with a fee of nothing, and gives the outcome with the signer's next sequence.
fn run(receiver: &str) -> (Result<TxOutcome, Fault>, u64, usize) {
    let modules = Modules::new(akash_cosmos::modules());
    let store = ChainStore::open(Arc::new(MemoryStore::new()), &modules.stores()).expect("memory does not fail");
    let mut overlay = Overlay::new(store.latest());
    let block = BlockInfo { chain_id: "test-1".to_owned(), height: 1, ..BlockInfo::default() };
    let key = SecretKey::from_bytes(&[1; 32]).expect("a key");
    let mut ctx = Ctx::new(&mut overlay, &block, Mode::Genesis, GasMeter::unlimited());
    auth::api::ensure_account(&mut ctx, &key.address()).expect("an account");

    let message =
        MsgSend { from_address: key.address().to_string(), to_address: receiver.to_owned(), amount: Vec::new() };
    let unsigned = Unsigned {
        messages: vec![tx::encode_any(&message)],
        fee: Coins::new(),
        gas_limit: 200_000,
        ..Unsigned::default()
    };
    let signed = tx::sign_direct(&unsigned, &key, "test-1", 0, 0);
    let (prices, signatures, registry) = (DecCoins::default(), SignatureCache::default(), registry());
    let environment = Environment { min_gas_prices: &prices, signatures: &signatures, simulation_gas: 1 };
    let runner = Runner { registry: &registry, environment, block: &block, mode: Mode::Deliver };
    let outcome = runner.run(&mut overlay, &signed, &mut BlockGas::new(None)).map(|(outcome, _)| outcome);

    let depth = overlay.depth();
    let mut ctx = Ctx::new(&mut overlay, &block, Mode::Block, GasMeter::unlimited());
    let sequence = auth::api::account(&mut ctx, &key.address()).expect("sound").expect("it exists").sequence;
    (outcome, sequence, depth)
}

#[test]
fn handler_that_panics_fails_its_transaction_and_nothing_else() {
    let (outcome, sequence, depth) = run("panic");
    let outcome = outcome.expect("the chain goes on");
    assert_eq!((outcome.codespace.as_str(), outcome.code), ("undefined", 111_222));
    assert_eq!(outcome.log, "recovered: a bug in a handler: panic");
    assert_eq!((sequence, depth), (1, 0), "the ante chain's effects stay, no checkpoint is left open");
}

#[test]
fn broken_state_stops_the_chain() {
    let (outcome, ..) = run("fault");
    let text = "failed to execute message; message index: 0: the books do not balance";
    assert_eq!(outcome, Err(Fault(text.to_owned())));
}

#[test]
fn transaction_without_a_fee_still_says_who_would_have_paid() {
    let (outcome, ..) = run("nobody");
    let outcome = outcome.expect("the chain goes on");
    assert_eq!(outcome.code, 0);
    let fee = outcome.events.first().expect("the fee's event");
    assert_eq!((fee.kind.as_str(), fee.attribute("fee")), ("tx", Some("")));
}
