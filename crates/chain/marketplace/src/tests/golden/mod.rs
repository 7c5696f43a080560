//! For every message: its bytes, what it costs, the events of a success, and the error of each kind of failure.
//!
//! The files are in `fixtures/market/messages`, one for each message. A change of gas, events or errors is a change of
//! what clients and other nodes see, so it has to show in a diff:
//! `UPDATE_EXPECT=1 cargo test -p akash-marketplace golden` writes them anew.

mod deployment;
mod market;
mod others;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use akash_kernel::{Modules, TxError};
use expect_test::expect_file;
use prost::{Message, Name};
use prost_types::Any;

use super::testnet::Testnet;

/// A name, the chain it meets, and the message.
type Case<M> = (&'static str, fn() -> Testnet, fn(&mut Testnet) -> M);

fn golden<M: Message + Name>(cases: &[Case<M>]) {
    let mut text = String::new();
    for (name, chain, message) in cases {
        let mut net = chain();
        let message = message(&mut net);
        net.events.clear();
        net.gas_used = 0;
        let result = net.send(&message);
        writeln!(text, "# {name}\nbytes {}", hex(&message.encode_to_vec())).unwrap();
        match result {
            Ok(()) => {
                writeln!(text, "ok, gas {}", net.gas_used).unwrap();
                for event in &net.events {
                    let attributes = event.attributes.iter().map(|(key, value)| format!(" {key}={value}"));
                    writeln!(text, "event {}{}", event.kind, attributes.collect::<String>()).unwrap();
                }
            }
            Err(TxError::Reject(reject)) => {
                writeln!(text, "{}/{}: {}", reject.codespace, reject.code, reject.text).unwrap();
            }
            Err(TxError::Fault(fault)) => panic!("{name}: {fault}"),
        }
        text.push('\n');
        net.end_block(); // invariants hold after each of them
    }
    expect_file![folder().join(format!("{}.txt", M::full_name()))].assert_eq(&text);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/market/messages")
}

#[test]
fn every_message_has_a_file() {
    let registry = Modules::new(crate::modules()).registry();
    for service in akash_proto::descriptors().services().filter(|service| service.name() == "Msg") {
        for message in service.methods().map(|method| method.input()) {
            let any = Any { type_url: format!("/{}", message.full_name()), value: Vec::new() };
            if registry.bind(&any).is_ok() {
                assert!(folder().join(format!("{}.txt", message.full_name())).exists(), "{}", message.full_name());
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
