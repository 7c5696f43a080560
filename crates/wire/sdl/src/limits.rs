//! The rules that a chain has for deployment groups, whoever made them.
//!
//! They are applied to the wire form, so that groups from elsewhere can be checked too. Texts are those of the
//! reference; its declared but unenforced limits (numbers of units and groups) are not applied here either.

use std::collections::{BTreeMap, HashSet};

use akash_proto::{
    akash::{
        base::{
            attributes::v1::Attribute,
            resources::v1beta4::{ResourceValue, Resources},
        },
        deployment::v1beta4::{GroupSpec, ResourceUnit},
    },
    cosmos::base::v1beta1::DecCoin,
};

use crate::{
    price::{is_above_unit_maximum, with_point},
    problem::Faults,
};

const CPU: Limit = Limit { name: "CPU", min: 10, max: 384_000, total: 19_200_000 };
const GPU: Limit = Limit { name: "GPU", min: 0, max: 24, total: 1_200 };
const MEMORY: Limit = Limit { name: "memory", min: 1 << 20, max: 2 << 40, total: 100 << 40 };
const STORAGE_MIN: u128 = 5_242_880;
const STORAGE_MAX: u128 = 32 << 40;

struct Limit {
    name: &'static str,
    min: u128,
    max: u128,
    total: u128,
}

/// What part of which group a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All groups together.
    Groups,
    /// The group as a whole.
    Group(usize),
    /// A unit's resource.
    Unit(usize, usize, Resource),
}

/// The resource of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    Id,
    Cpu,
    Gpu,
    Memory,
    Storage(usize),
    Price,
}

/// A fault in deployment groups.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct GroupsError {
    /// The reference's text.
    pub message: String,
    pub(crate) part: Part,
}

fn fault(part: Part, message: String) -> GroupsError {
    GroupsError { message, part }
}

/// Checks groups as a chain does before a deployment is created; the first fault.
///
/// # Errors
/// The fault with the reference's text. Where the reference panics (two denominations in one group, values that
/// are no numbers), this is an error too.
pub fn check_groups(groups: &[GroupSpec]) -> Result<(), GroupsError> {
    problems(groups, Faults::first()).into_iter().next().map_or(Ok(()), Err)
}

/// The faults, as many as there is room for, in the order in which the reference looks.
pub(crate) fn problems(groups: &[GroupSpec], mut found: Faults<GroupsError>) -> Vec<GroupsError> {
    if groups.is_empty() {
        return vec![fault(Part::Groups, "Invalid groups".to_owned())];
    }
    let mut names = HashSet::new();
    let mut expected: Option<String> = None;
    for (index, group) in groups.iter().enumerate() {
        match denomination(index, group) {
            Err(error) => note(&mut found, error),
            Ok(denom) => match &expected {
                Some(expected) if *expected != denom => {
                    let text = format!("inconsistent group denomination: {expected} != {denom}: invalid price");
                    note(&mut found, fault(Part::Group(index), text));
                }
                Some(_) => {}
                None => expected = Some(denom),
            },
        }
        group_problems(index, group, &mut found);
        if !names.insert(&group.name) {
            let text = format!("duplicate deployment group name {}: duplicate group name", group.name);
            note(&mut found, fault(Part::Group(index), text));
        }
        if found.is_full() {
            break;
        }
    }
    found.into_vec()
}

fn note(found: &mut Faults<GroupsError>, error: GroupsError) {
    found.push(error.message.len(), error);
}

fn denomination(index: usize, group: &GroupSpec) -> Result<String, GroupsError> {
    let mut denom: Option<&str> = None;
    for (unit_index, unit) in group.resources.iter().enumerate() {
        let own = unit.price.as_ref().map_or("", |price| price.denom.as_str());
        match denom {
            Some(denom) if denom != own => {
                let part = Part::Unit(index, unit_index, Resource::Price);
                return Err(fault(part, format!("coin denom different: {denom} {own}\n")));
            }
            _ => denom = Some(own),
        }
    }
    Ok(denom.unwrap_or_default().to_owned())
}

fn group_problems(index: usize, group: &GroupSpec, found: &mut Faults<GroupsError>) {
    let mut is_clean = true;
    let mut fail = |error| {
        is_clean = false;
        note(found, error);
    };
    if group.name.is_empty() {
        fail(fault(Part::Group(index), "empty group spec name denomination".to_owned()));
    }
    let mut totals: BTreeMap<&str, u128> = BTreeMap::new();
    let mut ids = HashSet::new();
    for (unit_index, unit) in group.resources.iter().enumerate() {
        let part = |resource| Part::Unit(index, unit_index, resource);
        let id = unit.resource.as_ref().map_or(0, |resources| resources.id);
        if id == 0 || !ids.insert(id) {
            fail(fault(part(Resource::Id), format!("invalid resource ID {id}: must be positive and unique")));
        }
        match check_resources(unit, &part) {
            Err(error) => fail(error),
            Ok(values) => {
                for (name, value) in values {
                    let total = totals.entry(name).or_default();
                    *total = total.saturating_add(value.saturating_mul(u128::from(unit.count)));
                }
            }
        }
    }
    if is_clean && let Some(error) = total_problem(index, &totals) {
        note(found, error);
    }
    price_problems(index, group, found);
}

fn total_problem(index: usize, totals: &BTreeMap<&str, u128>) -> Option<GroupsError> {
    [CPU, GPU, MEMORY].into_iter().find_map(|limit| {
        let total = totals.get(limit.name).copied().unwrap_or_default();
        let is_empty = total == 0 && limit.name != GPU.name;
        (total > limit.total || is_empty).then(|| {
            let text = format!("invalid total {} ({} > {total} > 0 fails)", limit.name, limit.total);
            fault(Part::Group(index), text)
        })
    })
}

/// The values of CPU, GPU and memory of a unit that is within its limits.
fn check_resources(
    unit: &ResourceUnit,
    part: &impl Fn(Resource) -> Part,
) -> Result<[(&'static str, u128); 3], GroupsError> {
    let resources = unit.resource.clone().unwrap_or_default();
    let Resources { cpu, memory, storage, gpu, .. } = resources;
    let missing = |resource, name: &str| fault(part(resource), format!("error: invalid unit {name}, cannot be nil"));
    let cpu = cpu.ok_or_else(|| missing(Resource::Cpu, "CPU"))?;
    let gpu = gpu.ok_or_else(|| missing(Resource::Gpu, "GPU"))?;
    let memory = memory.ok_or_else(|| missing(Resource::Memory, "memory"))?;
    if storage.is_empty() {
        return Err(missing(Resource::Storage(0), "storage"));
    }

    let cpu_units = check_limit(&CPU, cpu.units.as_ref(), part(Resource::Cpu))?;
    check_attributes(&cpu.attributes, "CPU", part(Resource::Cpu))?;
    let gpu_units = check_limit(&GPU, gpu.units.as_ref(), part(Resource::Gpu))?;
    if gpu_units == 0 && !gpu.attributes.is_empty() {
        let text = "error: invalid GPU state. attributes cannot be present if units == 0";
        return Err(fault(part(Resource::Gpu), text.to_owned()));
    }
    check_attributes(&gpu.attributes, "GPU", part(Resource::Gpu))?;
    let bytes = check_limit(&MEMORY, memory.quantity.as_ref(), part(Resource::Memory))?;
    check_attributes(&memory.attributes, "memory", part(Resource::Memory))?;
    for (index, volume) in storage.iter().enumerate() {
        let place = part(Resource::Storage(index));
        let size = amount(volume.quantity.as_ref(), "storage", place)?;
        if !(STORAGE_MIN..=STORAGE_MAX).contains(&size) {
            let text = format!("error: invalid unit storage ({STORAGE_MAX} > {size} > {STORAGE_MIN} fails)");
            return Err(fault(place, text));
        }
        check_attributes(&volume.attributes, "storage", place)?;
    }
    Ok([(CPU.name, cpu_units), (GPU.name, gpu_units), (MEMORY.name, bytes)])
}

fn check_limit(limit: &Limit, value: Option<&ResourceValue>, part: Part) -> Result<u128, GroupsError> {
    let value = amount(value, limit.name, part)?;
    if (limit.min..=limit.max).contains(&value) {
        return Ok(value);
    }
    // The reference prints the maximum twice.
    let text = format!("error: invalid unit {} ({} > {value} > {} fails)", limit.name, limit.max, limit.max);
    Err(fault(part, text))
}

fn amount(value: Option<&ResourceValue>, name: &str, part: Part) -> Result<u128, GroupsError> {
    let digits = value.map(|value| value.val.as_ref()).unwrap_or_default();
    let number =
        std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+')).and_then(|text| text.parse().ok());
    number.ok_or_else(|| fault(part, format!("error: invalid unit {name}, not a number")))
}

fn check_attributes(attributes: &[Attribute], name: &str, part: Part) -> Result<(), GroupsError> {
    let mut keys = HashSet::new();
    for attribute in attributes {
        if !is_attribute_key(&attribute.key) {
            let text = format!("error: invalid {name} attributes: attribute key does not match regexp");
            return Err(fault(part, text));
        }
        if !keys.insert(&attribute.key) {
            let text = format!("error: invalid {name} attributes: attributes cannot have duplicate keys");
            return Err(fault(part, text));
        }
    }
    Ok(())
}

fn price_problems(index: usize, group: &GroupSpec, found: &mut Faults<GroupsError>) {
    for (unit_index, unit) in group.resources.iter().enumerate() {
        if found.is_full() {
            return;
        }
        let DecCoin { denom, amount } = unit.price.clone().unwrap_or_default();
        let prefix = format!("group {}: error: invalid unit price", group.name);
        let text = if amount.is_empty() || !amount.bytes().all(|b| b.is_ascii_digit()) {
            prefix
        } else if is_above_unit_maximum(&amount) {
            format!("{prefix} (10000000 > {{{denom} {}}} fails)", with_point(&amount))
        } else {
            continue;
        };
        note(found, fault(Part::Unit(index, unit_index, Resource::Price), text));
    }
}

/// `^([a-zA-Z][\w\/\.\-]{1,126}[\w\*]?)$`
pub fn is_attribute_key(key: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let inner = |b: u8| word(b) || matches!(b, b'/' | b'.' | b'-');
    let [first, rest @ ..] = key.as_bytes() else { return false };
    let Some((last, middle)) = rest.split_last() else { return false };
    let whole = (1..=126).contains(&rest.len()) && rest.iter().all(|b| inner(*b));
    let closed =
        (1..=126).contains(&middle.len()) && middle.iter().all(|b| inner(*b)) && (word(*last) || *last == b'*');
    first.is_ascii_alphabetic() && (whole || closed)
}

#[cfg(test)]
mod tests {
    use super::is_attribute_key;

    #[test]
    fn attribute_keys_are_those_of_the_regexp() {
        let longest = "a".repeat(128);
        for key in ["ab", "vendor/nvidia/model/*", "a.", "a-b_c", longest.as_str()] {
            assert!(is_attribute_key(key), "{key}");
        }
        let too_long = "a".repeat(129);
        for key in ["", "a", "1a", "a*", "vendor/*/model", "é", "ab cd", too_long.as_str()] {
            assert!(!is_attribute_key(key), "{key}");
        }
    }
}
