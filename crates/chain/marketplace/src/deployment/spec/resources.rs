//! One resource unit: quantities within limits.

use akash_kernel::TxError;
use akash_proto::akash::base::resources::v1beta4::{ResourceValue, Resources, Storage};
use akash_proto::akash::ext::deployment::v1::Params;
use akash_types::num::Int;

use super::limits::{MIN_CPU_MILLI, MIN_MEMORY_BYTES, MIN_VOLUME_BYTES};
use crate::attributes::{self, KeyForm};
use crate::deployment::errors::DeploymentError;

/// Quantities of one unit, or of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quantities {
    pub cpu_milli: u128,
    pub gpu: u128,
    pub memory_bytes: u128,
    pub storage_bytes: u128,
}

impl Quantities {
    /// Adds `count` replicas of a unit. Both are within limits that keep this far from the end of the numbers.
    pub fn add(&mut self, unit: Self, count: u32) {
        let count = u128::from(count);
        let plus = |sum: u128, each: u128| sum.saturating_add(each.saturating_mul(count));
        self.cpu_milli = plus(self.cpu_milli, unit.cpu_milli);
        self.gpu = plus(self.gpu, unit.gpu);
        self.memory_bytes = plus(self.memory_bytes, unit.memory_bytes);
        self.storage_bytes = plus(self.storage_bytes, unit.storage_bytes);
    }
}

/// Checks a unit's resources and tells what they add up to.
pub fn check(resources: &Resources, limits: &Params) -> Result<Quantities, TxError> {
    if resources.id == 0 {
        return Err(invalid("resource id is 0"));
    }
    if resources.endpoints.len() > limits.max_endpoints as usize {
        return Err(invalid(format!("more than {} endpoints", limits.max_endpoints)));
    }
    Ok(Quantities {
        cpu_milli: cpu(resources, limits)?,
        gpu: gpu(resources, limits)?,
        memory_bytes: memory(resources, limits)?,
        storage_bytes: storage(&resources.storage, limits)?,
    })
}

fn cpu(resources: &Resources, limits: &Params) -> Result<u128, TxError> {
    let cpu = resources.cpu.as_ref().ok_or_else(|| invalid("cpu is missing"))?;
    attributes::check(&cpu.attributes, KeyForm::Pattern)?;
    within("cpu", cpu.units.as_ref(), MIN_CPU_MILLI, limits.max_unit_cpu_milli)
}

fn gpu(resources: &Resources, limits: &Params) -> Result<u128, TxError> {
    let gpu = resources.gpu.as_ref().ok_or_else(|| invalid("gpu is missing"))?;
    let units = within("gpu", gpu.units.as_ref(), 0, limits.max_unit_gpu)?;
    if units == 0 && !gpu.attributes.is_empty() {
        return Err(invalid("gpu attributes without a gpu"));
    }
    attributes::check(&gpu.attributes, KeyForm::Pattern)?;
    Ok(units)
}

fn memory(resources: &Resources, limits: &Params) -> Result<u128, TxError> {
    let memory = resources.memory.as_ref().ok_or_else(|| invalid("memory is missing"))?;
    attributes::check(&memory.attributes, KeyForm::Pattern)?;
    within("memory", memory.quantity.as_ref(), MIN_MEMORY_BYTES, limits.max_unit_memory_bytes)
}

fn storage(volumes: &[Storage], limits: &Params) -> Result<u128, TxError> {
    if volumes.is_empty() {
        return Err(invalid("storage is missing"));
    }
    if volumes.len() > limits.max_volumes as usize {
        return Err(invalid(format!("more than {} volumes", limits.max_volumes)));
    }
    let mut total: u128 = 0;
    for volume in volumes {
        attributes::check(&volume.attributes, KeyForm::Pattern)?;
        let (min, max) = (MIN_VOLUME_BYTES, limits.max_volume_bytes);
        total = total.saturating_add(within("storage", volume.quantity.as_ref(), min, max)?);
    }
    Ok(total)
}

fn within(what: &str, value: Option<&ResourceValue>, min: u64, max: u64) -> Result<u128, TxError> {
    let number = value.and_then(read).ok_or_else(|| invalid(format!("{what} is no number")))?;
    match number.to_u64() {
        Some(number) if (min..=max).contains(&number) => Ok(u128::from(number)),
        _ => Err(invalid(format!("{what} {number} is not between {min} and {max}"))),
    }
}

/// A quantity is its decimal digits as bytes; none at all is 0.
pub fn read(value: &ResourceValue) -> Option<Int> {
    if value.val.is_empty() {
        return Some(Int::ZERO);
    }
    std::str::from_utf8(&value.val).ok()?.parse().ok()
}

/// Whether clients can read every quantity; absent ones say nothing.
pub fn are_numbers(resources: &Resources) -> bool {
    let quantities = [
        resources.cpu.as_ref().and_then(|cpu| cpu.units.as_ref()),
        resources.gpu.as_ref().and_then(|gpu| gpu.units.as_ref()),
        resources.memory.as_ref().and_then(|memory| memory.quantity.as_ref()),
    ];
    let volumes = resources.storage.iter().filter_map(|volume| volume.quantity.as_ref());
    quantities.into_iter().flatten().chain(volumes).all(|value| read(value).is_some())
}

fn invalid(found: impl Into<String>) -> TxError {
    DeploymentError::GroupSpecInvalid.because(found)
}
