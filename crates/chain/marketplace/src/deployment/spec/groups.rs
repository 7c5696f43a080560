//! Groups: names, placement, price and totals.

use akash_kernel::TxError;
use akash_proto::akash::base::attributes::v1::PlacementRequirements;
use akash_proto::akash::deployment::v1beta4::{GroupSpec, ResourceUnit};
use akash_proto::akash::ext::deployment::v1::Params;
use akash_types::address::Address;
use akash_types::coin::DecCoin;
use akash_types::num::{Dec, Int};
use prost::Message;

use super::limits::{MAX_AUDITORS, MAX_NAME_BYTES, MAX_SPEC_BYTES};
use super::resources::{self, Quantities};
use crate::attributes::{self, KeyForm};
use crate::deployment::errors::DeploymentError;

/// Checks the groups of a deployment against each other: names are distinct, the price has one denomination.
pub fn check_groups(groups: &[GroupSpec], limits: &Params) -> Result<(), TxError> {
    if groups.is_empty() {
        return Err(DeploymentError::InvalidGroups.because("no group"));
    }
    if groups.len() > limits.max_groups as usize {
        return Err(DeploymentError::InvalidGroups.because(format!("more than {} groups", limits.max_groups)));
    }
    let denom = price_denom(groups);
    for (index, group) in groups.iter().enumerate() {
        check_group(group, limits)?;
        if groups.iter().take(index).any(|earlier| earlier.name == group.name) {
            return Err(DeploymentError::DuplicateGroupName.because(group.name.clone()));
        }
        if price_denom(std::slice::from_ref(group)) != denom {
            return Err(DeploymentError::InvalidGroups.because("groups have prices in several denominations"));
        }
    }
    Ok(())
}

pub fn check_group(group: &GroupSpec, limits: &Params) -> Result<(), TxError> {
    if group.name.is_empty() || group.name.len() > MAX_NAME_BYTES {
        return Err(invalid(group, "name is empty or too long"));
    }
    if group.encoded_len() > MAX_SPEC_BYTES {
        return Err(invalid(group, format!("longer than {MAX_SPEC_BYTES} bytes")));
    }
    if let Some(requirements) = &group.requirements {
        check_placement(group, requirements)?;
    }
    if group.resources.is_empty() || group.resources.len() > limits.max_units as usize {
        return Err(invalid(group, format!("a group has 1 to {} resource units", limits.max_units)));
    }
    let mut totals = Quantities::default();
    for (index, unit) in group.resources.iter().enumerate() {
        let resource = unit.resource.as_ref().ok_or_else(|| invalid(group, "resources are missing"))?;
        if group.resources.iter().take(index).any(|earlier| id_of(earlier) == id_of(unit)) {
            return Err(invalid(group, format!("resource id {} is not unique", resource.id)));
        }
        if unit.count > limits.max_replicas {
            return Err(invalid(group, format!("more than {} replicas", limits.max_replicas)));
        }
        let quantities = resources::check(resource, limits);
        totals.add(quantities.map_err(|error| error.context(format!("group {}", group.name)))?, unit.count);
    }
    check_totals(group, totals, limits)?;
    check_prices(group, limits)?;
    total_price(group).map(|_| ())
}

/// The sum of price times count over the units: what the order of the group pays at most, per block.
pub fn total_price(group: &GroupSpec) -> Result<DecCoin, TxError> {
    let mut total: Option<DecCoin> = None;
    for unit in &group.resources {
        let price = price(group, unit)?;
        let all = price.amount.checked_mul_int(Int::from(unit.count)).ok_or_else(|| invalid(group, "price"))?;
        total = Some(match total {
            None => DecCoin { denom: price.denom, amount: all },
            Some(sum) if sum.denom == price.denom => {
                let amount = sum.amount.checked_add(all).ok_or_else(|| invalid(group, "price"))?;
                DecCoin { amount, ..sum }
            }
            Some(_) => return Err(invalid(group, "prices have several denominations")),
        });
    }
    total.ok_or_else(|| invalid(group, "no resource unit"))
}

fn price(group: &GroupSpec, unit: &ResourceUnit) -> Result<DecCoin, TxError> {
    let price = unit.price.as_ref().and_then(|price| DecCoin::try_from(price).ok());
    price.ok_or_else(|| invalid(group, "price is no decimal coin"))
}

fn check_prices(group: &GroupSpec, limits: &Params) -> Result<(), TxError> {
    for unit in &group.resources {
        let price = price(group, unit)?;
        if price.amount > Dec::from(limits.max_unit_price) {
            return Err(invalid(group, format!("price {price} is above {}", limits.max_unit_price)));
        }
    }
    Ok(())
}

/// The denomination of the first price.
pub fn price_denom(groups: &[GroupSpec]) -> Option<&str> {
    let unit = groups.first()?.resources.first()?;
    unit.price.as_ref().map(|price| price.denom.as_str())
}

/// The spec with the messages present that are always written, so that it reads the same whoever sent it.
pub fn normalized(mut group: GroupSpec) -> GroupSpec {
    group.requirements.get_or_insert_default().signed_by.get_or_insert_default();
    for resource in group.resources.iter_mut().filter_map(|unit| unit.resource.as_mut()) {
        if let Some(cpu) = &mut resource.cpu {
            cpu.units.get_or_insert_default();
        }
        if let Some(gpu) = &mut resource.gpu {
            gpu.units.get_or_insert_default();
        }
        if let Some(memory) = &mut resource.memory {
            memory.quantity.get_or_insert_default();
        }
    }
    group
}

fn check_placement(group: &GroupSpec, requirements: &PlacementRequirements) -> Result<(), TxError> {
    attributes::check(&requirements.attributes, KeyForm::Pattern)?;
    let Some(signed_by) = &requirements.signed_by else { return Ok(()) };
    for auditors in [&signed_by.all_of, &signed_by.any_of] {
        if auditors.len() > MAX_AUDITORS {
            return Err(invalid(group, format!("more than {MAX_AUDITORS} auditors")));
        }
        if let Some(wrong) = auditors.iter().find(|auditor| Address::parse(auditor).is_err()) {
            return Err(invalid(group, format!("auditor {wrong:?} is no address")));
        }
    }
    Ok(())
}

fn check_totals(group: &GroupSpec, totals: Quantities, limits: &Params) -> Result<(), TxError> {
    for (what, total, min, max) in [
        ("cpu", totals.cpu_milli, 1, limits.max_group_cpu_milli),
        ("gpu", totals.gpu, 0, limits.max_group_gpu),
        ("memory", totals.memory_bytes, 1, limits.max_group_memory_bytes),
        ("storage", totals.storage_bytes, 0, limits.max_group_storage_bytes),
    ] {
        if !(min..=u128::from(max)).contains(&total) {
            return Err(invalid(group, format!("total {what} {total} is not in {min}..={max}")));
        }
    }
    Ok(())
}

fn id_of(unit: &ResourceUnit) -> Option<u32> {
    unit.resource.as_ref().map(|resource| resource.id)
}

fn invalid(group: &GroupSpec, found: impl Into<String>) -> TxError {
    DeploymentError::GroupSpecInvalid.because(format!("group {}: {}", group.name, found.into()))
}
