//! Deployment groups: what goes on chain, with absent and empty lists still told apart.

use akash_proto::{
    akash::{
        base::{attributes::v1 as attributes, resources::v1beta4 as resources},
        deployment::v1beta4 as deployment,
    },
    cosmos::base::v1beta1::DecCoin,
};
use serde_json::{Value, json};

use crate::{
    document::Price,
    price::with_point,
    resources::{Attribute, Endpoint, Resources},
};

/// One group: the services of one placement, as resources to be bid on.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: String,
    pub attributes: Vec<Attribute>,
    pub all_of: Option<Vec<String>>,
    pub any_of: Option<Vec<String>>,
    pub units: Vec<Unit>,
}

/// One resource unit, `count` times.
#[derive(Clone, Debug)]
pub struct Unit {
    pub resources: Resources,
    pub count: u32,
    pub price: Price,
    /// The compute profile it came from, for the places of faults.
    pub profile: String,
}

impl Group {
    pub fn to_proto(&self) -> deployment::GroupSpec {
        deployment::GroupSpec {
            name: self.name.clone(),
            requirements: Some(attributes::PlacementRequirements {
                signed_by: Some(attributes::SignedBy {
                    all_of: self.all_of.clone().unwrap_or_default(),
                    any_of: self.any_of.clone().unwrap_or_default(),
                }),
                attributes: proto_attributes(&self.attributes),
            }),
            resources: self.units.iter().map(Unit::to_proto).collect(),
        }
    }

    /// The group as Go's JSON encoder shows it.
    pub fn to_json(&self) -> Value {
        let units: Vec<Value> = self.units.iter().map(Unit::to_json).collect();
        json!({
            "name": self.name,
            "requirements": {
                "signed_by": { "all_of": self.all_of, "any_of": self.any_of },
                "attributes": (!self.attributes.is_empty()).then(|| json_attributes(&self.attributes)),
            },
            "resources": units,
        })
    }
}

impl Unit {
    fn to_proto(&self) -> deployment::ResourceUnit {
        deployment::ResourceUnit {
            resource: Some(proto_resources(&self.resources)),
            count: self.count,
            price: Some(DecCoin { denom: self.price.denom.clone(), amount: self.price.atto.clone() }),
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "resource": json_resources(&self.resources),
            "count": self.count,
            "price": { "denom": self.price.denom, "amount": with_point(&self.price.atto) },
        })
    }
}

fn proto_resources(from: &Resources) -> resources::Resources {
    resources::Resources {
        id: from.id,
        cpu: from
            .cpu
            .as_ref()
            .map(|cpu| resources::Cpu { units: proto_value(cpu.units), attributes: proto_attributes(&cpu.attributes) }),
        memory: from.memory.as_ref().map(|memory| resources::Memory {
            quantity: proto_value(memory.size),
            attributes: proto_attributes(&memory.attributes),
        }),
        storage: from
            .storage
            .iter()
            .flatten()
            .map(|volume| resources::Storage {
                name: volume.name.clone(),
                quantity: proto_value(volume.size),
                attributes: proto_attributes(&volume.attributes),
            })
            .collect(),
        gpu: from
            .gpu
            .as_ref()
            .map(|gpu| resources::Gpu { units: proto_value(gpu.units), attributes: proto_attributes(&gpu.attributes) }),
        endpoints: from
            .endpoints
            .iter()
            .flatten()
            .map(|endpoint| resources::Endpoint { kind: endpoint.kind, sequence_number: endpoint.sequence_number })
            .collect(),
    }
}

/// The wire form of an integer: its decimal digits.
fn proto_value(value: u64) -> Option<resources::ResourceValue> {
    Some(resources::ResourceValue { val: value.to_string().into_bytes() })
}

fn proto_attributes(from: &[Attribute]) -> Vec<attributes::Attribute> {
    from.iter()
        .map(|attribute| attributes::Attribute { key: attribute.key.clone(), value: attribute.value.clone() })
        .collect()
}

/// Resources as Go's JSON encoder shows them: what is empty is mostly left out.
fn json_resources(from: &Resources) -> Value {
    let mut out = json!({ "id": from.id });
    if let Some(cpu) = &from.cpu {
        out["cpu"] = with_attributes(json!({ "units": json_value(cpu.units) }), &cpu.attributes);
    }
    if let Some(memory) = &from.memory {
        out["memory"] = with_attributes(json!({ "size": json_value(memory.size) }), &memory.attributes);
    }
    let volumes = from.storage.iter().flatten();
    let volumes: Vec<Value> = volumes
        .map(|volume| {
            with_attributes(json!({ "name": volume.name, "size": json_value(volume.size) }), &volume.attributes)
        })
        .collect();
    if !volumes.is_empty() {
        out["storage"] = Value::Array(volumes);
    }
    if let Some(gpu) = &from.gpu {
        out["gpu"] = with_attributes(json!({ "units": json_value(gpu.units) }), &gpu.attributes);
    }
    out["endpoints"] = match &from.endpoints {
        Some(endpoints) => endpoints.iter().map(json_endpoint).collect(),
        None => Value::Null,
    };
    out
}

fn json_value(value: u64) -> Value {
    json!({ "val": value.to_string() })
}

fn json_endpoint(endpoint: &Endpoint) -> Value {
    let mut out = json!({ "sequence_number": endpoint.sequence_number });
    if endpoint.kind != 0 {
        out["kind"] = json!(endpoint.kind);
    }
    out
}

fn with_attributes(mut value: Value, attributes: &[Attribute]) -> Value {
    if !attributes.is_empty() {
        value["attributes"] = json_attributes(attributes);
    }
    value
}

fn json_attributes(attributes: &[Attribute]) -> Value {
    let shown = attributes.iter().map(|attribute| {
        let mut out = serde_json::Map::new();
        for (name, text) in [("key", &attribute.key), ("value", &attribute.value)] {
            if !text.is_empty() {
                out.insert(name.to_owned(), json!(text));
            }
        }
        Value::Object(out)
    });
    shown.collect()
}
