//! Every message of the sources: protobuf JSON both ways, amino JSON, typed events.

#![no_main]

use akash_fuzz::{choice, is_open, message_type};
use akash_proto::akash::deployment::v1::EventDeploymentCreated;
use akash_proto::akash::market::v1::EventLeaseCreated;
use akash_types::json::{self, JsonError};
use akash_types::{adr36, amino, event, key::SecretKey};
use libfuzzer_sys::fuzz_target;
use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor, ReflectMessage};

/// Text that one byte can become: a list's empty item is written with all its defaults.
const LARGEST_BLOW_UP: usize = 16 << 10;

fuzz_target!(|data: &[u8]| {
    match choice(data, 4) {
        Some((0, rest)) => {
            if let Some((descriptor, bytes)) = message_type(rest) {
                from_wire(descriptor, bytes);
            }
        }
        Some((1, rest)) => {
            if let Some((descriptor, text)) = message_type(rest) {
                from_json(descriptor, text);
            }
        }
        Some((2, rest)) => events(rest),
        Some((_, rest)) => signed_data(rest),
        None => {}
    }
});

fn from_wire(descriptor: &MessageDescriptor, bytes: &[u8]) {
    let Ok(message) = DynamicMessage::decode(descriptor.clone(), bytes) else { return };
    let again = DynamicMessage::decode(descriptor.clone(), message.encode_to_vec().as_slice());
    assert!(alike(&again.expect("what we encode is read"), &message));

    let text = json::encode_text(&message);
    assert!(text.len() <= LARGEST_BLOW_UP * (bytes.len() + 8), "{} bytes became {}", bytes.len(), text.len());
    let value = json::encode(&message);
    if let Ok(read) = serde_json::from_str::<serde_json::Value>(&text) {
        assert_eq!(read, value);
    }
    // Values that have no JSON (a decimal without digits) are shown and refused on the way back.
    if let Ok(back) = json::decode(descriptor, &value) {
        let shown = json::encode_text(&back);
        assert!(shown == text || !is_open(&message), "{text}\n{shown}");
    }
    let signed = amino::encode_text(&message);
    assert_eq!(amino::encode_text(&message), signed);
    if let Ok(signed) = signed {
        assert!(signed.len() <= LARGEST_BLOW_UP * (bytes.len() + 8));
    }
}

/// Equal, or unequal for a number that does not even equal itself. (Bytes may differ: a map has no order.)
fn alike(a: &DynamicMessage, b: &DynamicMessage) -> bool {
    a == b || json::encode(a) == json::encode(b)
}

fn from_json(descriptor: &MessageDescriptor, text: &[u8]) {
    let Ok(value) = serde_json::from_slice(text) else { return };
    let Ok(message) = json::decode(descriptor, &value) else { return };
    let again = DynamicMessage::decode(message.descriptor(), message.encode_to_vec().as_slice());
    assert!(alike(&again.expect("what we encode is read"), &message));

    let shown = json::encode(&message);
    match json::decode(descriptor, &shown) {
        Ok(back) => assert_eq!(json::encode_text(&back), json::encode_text(&message)),
        Err(JsonError::Depth) => {}
        Err(error) => panic!("{error}: {shown}"),
    }
}

fn events(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let attributes: Vec<_> = lines.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    typed::<EventDeploymentCreated>(&attributes);
    typed::<EventLeaseCreated>(&attributes);
}

fn typed<M: Message + prost::Name + Default + PartialEq>(attributes: &[(String, String)]) {
    let Ok(message) = event::decode_event::<M>(&M::full_name(), attributes) else { return };
    let (kind, attributes) = event::encode_event(&message);
    let again = event::decode_event::<M>(&kind, &attributes).expect("own attributes are read");
    assert_eq!(event::encode_event(&again).1, attributes);
}

fn signed_data(data: &[u8]) {
    use base64::Engine;
    let key = SecretKey::from_bytes(&[7; 32]).expect("a valid key");
    let text = adr36::sign_bytes(&key.address(), data);
    let value: serde_json::Value = serde_json::from_slice(&text).expect("the document is JSON");
    let kept = value["msgs"][0]["value"]["data"].as_str().expect("the data is a text");
    assert_eq!(base64::engine::general_purpose::STANDARD.decode(kept).as_deref(), Ok(data));
    assert!(adr36::verify(&key.public(), data, data).is_err());
}
