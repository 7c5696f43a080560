//! What the integration tests share: small codecs and groups from the JSON of vectors.

use akash_proto::{
    akash::{
        base::{attributes::v1 as attributes, resources::v1beta4 as resources},
        deployment::v1beta4::{GroupSpec, ResourceUnit},
    },
    cosmos::base::v1beta1::DecCoin,
};
use serde_json::Value;

const DECIMALS: usize = 18;

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let sextet = (word >> (18 - 6 * index)) & 63;
            out.push(if index <= chunk.len() { char::from(LETTERS[sextet as usize]) } else { '=' });
        }
    }
    out
}

/// A group from the JSON of Go's encoder.
pub fn group_from_json(value: &Value) -> GroupSpec {
    let requirements = &value["requirements"];
    GroupSpec {
        name: text(&value["name"]),
        requirements: Some(attributes::PlacementRequirements {
            signed_by: Some(attributes::SignedBy {
                all_of: texts(&requirements["signed_by"]["all_of"]),
                any_of: texts(&requirements["signed_by"]["any_of"]),
            }),
            attributes: attributes_from(&requirements["attributes"]),
        }),
        resources: list(&value["resources"]).map(unit).collect(),
    }
}

fn unit(value: &Value) -> ResourceUnit {
    let from = &value["resource"];
    let present = |name: &str| from.get(name).filter(|value| !value.is_null());
    ResourceUnit {
        resource: Some(resources::Resources {
            id: number(&from["id"]),
            cpu: present("cpu").map(|cpu| resources::Cpu {
                units: amount(&cpu["units"]),
                attributes: attributes_from(&cpu["attributes"]),
            }),
            memory: present("memory").map(|memory| resources::Memory {
                quantity: amount(&memory["size"]),
                attributes: attributes_from(&memory["attributes"]),
            }),
            storage: list(&from["storage"])
                .map(|volume| resources::Storage {
                    name: text(&volume["name"]),
                    quantity: amount(&volume["size"]),
                    attributes: attributes_from(&volume["attributes"]),
                })
                .collect(),
            gpu: present("gpu").map(|gpu| resources::Gpu {
                units: amount(&gpu["units"]),
                attributes: attributes_from(&gpu["attributes"]),
            }),
            endpoints: list(&from["endpoints"])
                .map(|endpoint| resources::Endpoint {
                    kind: number(&endpoint["kind"]) as i32,
                    sequence_number: number(&endpoint["sequence_number"]),
                })
                .collect(),
        }),
        count: number(&value["count"]),
        price: Some(DecCoin { denom: text(&value["price"]["denom"]), amount: atto(&text(&value["price"]["amount"])) }),
    }
}

/// Decimal text to the digits of its value times 10^18.
fn atto(decimal: &str) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let digits = format!("{whole}{fraction:0<DECIMALS$}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
}

fn amount(value: &Value) -> Option<resources::ResourceValue> {
    Some(resources::ResourceValue { val: text(&value["val"]).into_bytes() })
}

fn attributes_from(value: &Value) -> Vec<attributes::Attribute> {
    list(value).map(|one| attributes::Attribute { key: text(&one["key"]), value: text(&one["value"]) }).collect()
}

fn texts(value: &Value) -> Vec<String> {
    list(value).map(text).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap_or_default() as u32
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
