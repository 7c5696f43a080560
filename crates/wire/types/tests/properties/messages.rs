//! Messages of all types of the sources: wire form, JSON, amino JSON, generated types, typed events.

use std::fmt::Debug;

use akash_proto::akash::deployment::v1::{DeploymentId, EventDeploymentClosed, EventDeploymentCreated};
use akash_proto::akash::deployment::v1beta4::{MsgCreateDeployment, Params};
use akash_proto::akash::market::v1::{EventBidCreated, EventLeaseCreated};
use akash_proto::akash::market::v1beta5::{MsgCreateBid, Order, QueryLeasesResponse};
use akash_proto::akash::provider::v1beta4::Provider;
use akash_proto::cosmos::bank::v1beta1::{GenesisState, MsgSend};
use akash_proto::cosmos::tx::v1beta1::Tx;
use akash_proto::tendermint::types::ConsensusParams;
use akash_types::{amino, event, json};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use prost::{Message, Name};
use prost_reflect::DynamicMessage;

use crate::generate::{Entropy, MESSAGES, message};

fn entropy() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..400)
}

/// A generated type must agree with its descriptor in bytes and JSON.
fn agrees<M: Message + Name + Default + PartialEq + Debug>(bytes: &[u8]) -> TestCaseResult {
    let dynamic = message(&json::descriptor(&M::full_name()).unwrap(), &mut Entropy(bytes));
    let wire = dynamic.encode_to_vec();
    let typed = M::decode(wire.as_slice()).unwrap();
    prop_assert_eq!(&typed.encode_to_vec(), &wire);
    prop_assert_eq!(typed.encoded_len(), wire.len());
    prop_assert_eq!(json::encode_message_text(&typed), json::encode_text(&dynamic));
    let back: M = json::decode_message(&json::encode_message(&typed)).unwrap();
    prop_assert_eq!(back, typed);
    Ok(())
}

/// A typed event comes back, with what a node adds to it.
fn announced<M: Message + Name + Default + PartialEq + Debug>(bytes: &[u8]) -> TestCaseResult {
    let dynamic = message(&json::descriptor(&M::full_name()).unwrap(), &mut Entropy(bytes));
    let typed = M::decode(dynamic.encode_to_vec().as_slice()).unwrap();
    let (kind, mut attributes) = event::encode_event(&typed);
    attributes.push(("msg_index".to_owned(), "0".to_owned()));
    prop_assert_eq!(event::decode_event::<M>(&kind, &attributes), Ok(typed));
    Ok(())
}

proptest! {
    #[test]
    fn wire_form_and_json_of_every_message_come_back(index: prop::sample::Index, bytes in entropy()) {
        let descriptor = index.get(&MESSAGES);
        let made = message(descriptor, &mut Entropy(&bytes));
        let wire = made.encode_to_vec();
        let again = DynamicMessage::decode(descriptor.clone(), wire.as_slice()).unwrap();
        prop_assert_eq!(again.encode_to_vec(), wire.clone());

        let value = json::encode(&made);
        let text = json::encode_text(&made);
        prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&text).unwrap(), &value);
        let back = json::decode(descriptor, &value);
        prop_assert_eq!(back.map(|back| back.encode_to_vec()), Ok(wire), "{}: {}", descriptor.full_name(), text);
    }

    /// The text that is signed is one per message, and JSON.
    #[test]
    fn amino_json_is_the_same_for_the_same_message(index: prop::sample::Index, bytes in entropy()) {
        let descriptor = index.get(&MESSAGES);
        let made = message(descriptor, &mut Entropy(&bytes));
        let again = DynamicMessage::decode(descriptor.clone(), made.encode_to_vec().as_slice()).unwrap();
        let text = amino::encode_text(&made);
        prop_assert_eq!(&amino::encode_text(&again), &text);
        if let Ok(text) = text {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
        }
    }

    /// What arrives as JSON and is accepted has one wire form, which gives the same JSON.
    #[test]
    fn accepted_json_is_encoded_to_the_same(
        index: prop::sample::Index,
        bytes in entropy(),
        at: prop::sample::Index,
    ) {
        let descriptor = index.get(&MESSAGES);
        let mut value = json::encode(&message(descriptor, &mut Entropy(&bytes)));
        if let Some(members) = value.as_object_mut() && !members.is_empty() {
            let name = members.keys().nth(at.index(members.len())).cloned();
            members.remove(&name.unwrap());
        }
        if let Ok(read) = json::decode(descriptor, &value) {
            let again = DynamicMessage::decode(descriptor.clone(), read.encode_to_vec().as_slice()).unwrap();
            prop_assert_eq!(again.encode_to_vec(), read.encode_to_vec());
            let shown = json::decode(descriptor, &json::encode(&read)).unwrap();
            prop_assert_eq!(json::encode_text(&shown), json::encode_text(&read));
        }
    }

    #[test]
    fn generated_types_agree_with_their_descriptors(bytes in entropy()) {
        agrees::<MsgCreateDeployment>(&bytes)?;
        agrees::<Params>(&bytes)?;
        agrees::<MsgCreateBid>(&bytes)?;
        agrees::<Order>(&bytes)?;
        agrees::<QueryLeasesResponse>(&bytes)?;
        agrees::<Provider>(&bytes)?;
        agrees::<MsgSend>(&bytes)?;
        agrees::<GenesisState>(&bytes)?;
        agrees::<Tx>(&bytes)?;
        agrees::<ConsensusParams>(&bytes)?;
        agrees::<DeploymentId>(&bytes)?;
    }

    #[test]
    fn typed_events_come_back(bytes in entropy()) {
        announced::<EventDeploymentCreated>(&bytes)?;
        announced::<EventDeploymentClosed>(&bytes)?;
        announced::<EventBidCreated>(&bytes)?;
        announced::<EventLeaseCreated>(&bytes)?;
    }
}
