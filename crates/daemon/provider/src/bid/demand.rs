//! A group as integers: what an order asks for, read once and checked, so that pricing and placing need not.

use std::collections::BTreeSet;

use akash_proto::akash::base::attributes::v1::Attribute;
use akash_proto::akash::base::resources::v1beta4::{ResourceValue, Resources, Storage, endpoint};
use akash_proto::akash::deployment::v1beta4::{GroupSpec, ResourceUnit};
use akash_types::num::{Dec, Int};

/// As the reference: a unit with more volumes is not bid on.
pub const MAX_VOLUMES_PER_UNIT: usize = 4;
const MAX_UNITS: usize = 64;
const MAX_REPLICAS_PER_UNIT: u32 = 1000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    pub units: Vec<UnitDemand>,
    /// The order's one denomination.
    pub denom: String,
    /// What the tenant pays at most for the whole group, per block.
    pub max_price: Dec,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitDemand {
    pub id: u32,
    pub count: u32,
    pub cpu_milli: u64,
    pub memory_bytes: u64,
    pub gpu_units: u64,
    pub volumes: Vec<Volume>,
    /// Endpoints that are priced: shared HTTP and random ports.
    pub endpoints: u32,
    /// Sequence numbers of leased addresses.
    pub leased_ips: BTreeSet<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    pub bytes: u64,
    pub kind: VolumeKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeKind {
    /// Goes with the container.
    Ephemeral,
    /// Counts as memory.
    Ram,
    /// Of a storage class, and outlives the container.
    Persistent(String),
}

impl VolumeKind {
    /// The name under which a price table knows it.
    pub fn class(&self) -> &str {
        match self {
            Self::Ephemeral => "ephemeral",
            Self::Ram => "ram",
            Self::Persistent(class) => class,
        }
    }
}

/// Why a group cannot even be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadGroup {
    #[error("the group has no resources")]
    Empty,
    #[error("the group has more than {MAX_UNITS} resource units")]
    TooManyUnits,
    #[error("unit {0}: {1} is missing")]
    Missing(u32, &'static str),
    #[error("unit {0}: {1} is not a number of 64 bits")]
    NotANumber(u32, &'static str),
    #[error("unit {0}: {1} is zero")]
    Zero(u32, &'static str),
    #[error("unit {0}: more than {MAX_REPLICAS_PER_UNIT} replicas")]
    TooManyReplicas(u32),
    #[error("unit {0}: more than {MAX_VOLUMES_PER_UNIT} volumes")]
    TooManyVolumes(u32),
    #[error("unit {0}: volume {1} mixes storage class and persistence in a way that has no meaning")]
    Volume(u32, String),
    #[error("the group mixes denominations {0} and {1}")]
    Denominations(String, String),
    #[error("unit {0}: price is not valid")]
    Price(u32),
}

impl Demand {
    pub fn read(spec: &GroupSpec) -> Result<Self, BadGroup> {
        if spec.resources.len() > MAX_UNITS {
            return Err(BadGroup::TooManyUnits);
        }
        let mut denom: Option<String> = None;
        let mut max_price = Dec::ZERO;
        let mut units = Vec::new();
        for unit in &spec.resources {
            let demand = UnitDemand::read(unit)?;
            let (unit_denom, total) = unit_price(unit, demand.id)?;
            if let Some(first) = denom.as_ref().filter(|first| **first != unit_denom) {
                return Err(BadGroup::Denominations(first.clone(), unit_denom));
            }
            denom = Some(unit_denom);
            max_price = max_price.checked_add(total).ok_or(BadGroup::Price(demand.id))?;
            units.push(demand);
        }
        let denom = denom.ok_or(BadGroup::Empty)?;
        Ok(Self { units, denom, max_price })
    }
}

impl UnitDemand {
    fn read(unit: &ResourceUnit) -> Result<Self, BadGroup> {
        let resource = unit.resource.clone().unwrap_or_default();
        let id = resource.id;
        if unit.count == 0 {
            return Err(BadGroup::Zero(id, "count"));
        }
        if unit.count > MAX_REPLICAS_PER_UNIT {
            return Err(BadGroup::TooManyReplicas(id));
        }
        if resource.storage.len() > MAX_VOLUMES_PER_UNIT {
            return Err(BadGroup::TooManyVolumes(id));
        }
        let cpu = resource.cpu.as_ref().ok_or(BadGroup::Missing(id, "cpu"))?;
        let memory = resource.memory.as_ref().ok_or(BadGroup::Missing(id, "memory"))?;
        let gpu = resource.gpu.clone().unwrap_or_default();
        let gpu_units = if gpu.units.is_none() { 0 } else { number(gpu.units.as_ref(), id, "gpu")? };
        let (endpoints, leased_ips) = endpoints(&resource);
        Ok(Self {
            id,
            count: unit.count,
            cpu_milli: positive(number(cpu.units.as_ref(), id, "cpu")?, id, "cpu")?,
            memory_bytes: positive(number(memory.quantity.as_ref(), id, "memory")?, id, "memory")?,
            gpu_units,
            volumes: resource.storage.iter().map(|storage| volume(storage, id)).collect::<Result<_, _>>()?,
            endpoints,
            leased_ips,
        })
    }
}

fn endpoints(resource: &Resources) -> (u32, BTreeSet<u32>) {
    let mut priced = 0;
    let mut leased = BTreeSet::new();
    for endpoint in &resource.endpoints {
        if endpoint.kind == endpoint::Kind::LeasedIp as i32 {
            leased.insert(endpoint.sequence_number);
        } else {
            priced += 1;
        }
    }
    (priced, leased)
}

fn volume(storage: &Storage, id: u32) -> Result<Volume, BadGroup> {
    let bytes = number(storage.quantity.as_ref(), id, "storage")?;
    let class = value_of(&storage.attributes, "class");
    let persistent = value_of(&storage.attributes, "persistent") == Some("true");
    let kind = match (class, persistent) {
        (Some("ram"), false) => VolumeKind::Ram,
        (None, false) => VolumeKind::Ephemeral,
        (Some(class), true) if class != "ram" => VolumeKind::Persistent(class.to_owned()),
        (None, true) => VolumeKind::Persistent("default".to_owned()),
        // PARITY: a class on a volume that does not persist asks for ordinary ephemeral room.
        (Some(_), false) => VolumeKind::Ephemeral,
        (Some(_), true) => return Err(BadGroup::Volume(id, storage.name.clone())),
    };
    Ok(Volume { bytes, kind })
}

fn value_of<'a>(attributes: &'a [Attribute], key: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.key == key).map(|attribute| attribute.value.as_str())
}

/// A resource value is decimal text in bytes.
fn number(value: Option<&ResourceValue>, id: u32, what: &'static str) -> Result<u64, BadGroup> {
    let value = value.ok_or(BadGroup::Missing(id, what))?;
    let text = std::str::from_utf8(&value.val).map_err(|_| BadGroup::NotANumber(id, what))?;
    text.parse().map_err(|_| BadGroup::NotANumber(id, what))
}

const fn positive(value: u64, id: u32, what: &'static str) -> Result<u64, BadGroup> {
    if value == 0 { Err(BadGroup::Zero(id, what)) } else { Ok(value) }
}

fn unit_price(unit: &ResourceUnit, id: u32) -> Result<(String, Dec), BadGroup> {
    let price = unit.price.as_ref().ok_or(BadGroup::Missing(id, "price"))?;
    let each = Dec::from_wire(&price.amount).map_err(|_| BadGroup::Price(id))?;
    let total = each.checked_mul_int(Int::from(u64::from(unit.count))).ok_or(BadGroup::Price(id))?;
    Ok((price.denom.clone(), total))
}

#[cfg(test)]
pub mod tests {
    use akash_proto::akash::base::resources::v1beta4::{Cpu, Endpoint, Memory};
    use akash_proto::cosmos::base::v1beta1::DecCoin;

    use super::*;

    pub fn value(number: u64) -> Option<ResourceValue> {
        Some(ResourceValue { val: number.to_string().into_bytes() })
    }

    /// A unit with one plain volume of 512 MiB and one HTTP endpoint.
    pub fn unit(id: u32, count: u32, cpu_milli: u64, memory_mib: u64, price: &str) -> ResourceUnit {
        let price: Dec = price.parse().unwrap();
        ResourceUnit {
            resource: Some(Resources {
                id,
                cpu: Some(Cpu { units: value(cpu_milli), attributes: Vec::new() }),
                memory: Some(Memory { quantity: value(memory_mib << 20), attributes: Vec::new() }),
                storage: vec![Storage { name: "default".into(), quantity: value(512 << 20), attributes: Vec::new() }],
                gpu: None,
                endpoints: vec![Endpoint { kind: endpoint::Kind::SharedHttp as i32, sequence_number: 0 }],
            }),
            count,
            price: Some(DecCoin { denom: "uakt".into(), amount: price.to_wire() }),
        }
    }

    pub fn group(units: Vec<ResourceUnit>) -> GroupSpec {
        GroupSpec { name: "westcoast".into(), requirements: None, resources: units }
    }

    #[test]
    fn a_group_is_read_into_integers() {
        let demand = Demand::read(&group(vec![unit(1, 2, 100, 64, "1.5"), unit(2, 1, 50, 32, "2")])).unwrap();
        assert_eq!(demand.denom, "uakt");
        assert_eq!(demand.max_price, "5".parse().unwrap());
        assert_eq!(demand.units[0].cpu_milli, 100);
        assert_eq!(demand.units[0].memory_bytes, 64 << 20);
        assert_eq!(demand.units[0].volumes, [Volume { bytes: 512 << 20, kind: VolumeKind::Ephemeral }]);
        assert_eq!(demand.units[0].endpoints, 1);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let mut many = unit(1, 1, 100, 64, "1");
        let volumes = &mut many.resource.as_mut().unwrap().storage;
        volumes.extend(vec![volumes[0].clone(); MAX_VOLUMES_PER_UNIT]);
        let mut text = unit(7, 1, 100, 64, "1");
        text.resource.as_mut().unwrap().cpu.as_mut().unwrap().units = Some(ResourceValue { val: b"1.5".to_vec() });
        let mut other = unit(2, 1, 100, 64, "1");
        other.price.as_mut().unwrap().denom = "uact".into();
        let table = [
            (group(Vec::new()), BadGroup::Empty),
            (group(vec![unit(1, 0, 1, 1, "1")]), BadGroup::Zero(1, "count")),
            (group(vec![unit(1, 1, 0, 1, "1")]), BadGroup::Zero(1, "cpu")),
            (group(vec![many]), BadGroup::TooManyVolumes(1)),
            (group(vec![text]), BadGroup::NotANumber(7, "cpu")),
            (group(vec![unit(1, 1, 1, 1, "1"), other]), BadGroup::Denominations("uakt".into(), "uact".into())),
        ];
        for (spec, expected) in table {
            assert_eq!(Demand::read(&spec), Err(expected));
        }
    }

    #[test]
    fn volumes_are_sorted_by_what_they_need() {
        let attribute = |key: &str, value: &str| Attribute { key: key.into(), value: value.into() };
        let make = |attributes: Vec<Attribute>| Storage { name: "v".into(), quantity: value(1), attributes };
        let table = [
            (vec![], Some(VolumeKind::Ephemeral)),
            (vec![attribute("class", "ram"), attribute("persistent", "false")], Some(VolumeKind::Ram)),
            (vec![attribute("persistent", "true")], Some(VolumeKind::Persistent("default".into()))),
            (
                vec![attribute("class", "beta3"), attribute("persistent", "true")],
                Some(VolumeKind::Persistent("beta3".into())),
            ),
            (vec![attribute("class", "ram"), attribute("persistent", "true")], None),
        ];
        for (attributes, expected) in table {
            assert_eq!(volume(&make(attributes), 1).ok().map(|volume| volume.kind), expected);
        }
    }
}
