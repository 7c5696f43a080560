//! Whether a manifest fits the groups of its deployment: what a provider asks before it runs anything.

use std::fmt::Display;

use akash_proto::akash::{
    base::{
        attributes::v1::Attribute as ProtoAttribute,
        resources::v1beta4::{ResourceValue, Resources as ProtoResources},
    },
    deployment::v1beta4::{GroupSpec, ResourceUnit},
};

use super::{Manifest, ManifestGroup, Service, check::group_problems};
use crate::{go::quote::quote, problem::Faults, resources::Attribute};

/// Why a manifest does not fit its deployment's groups.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CrossError {
    /// The reference's text.
    pub message: String,
}

fn fault(message: impl Into<String>) -> CrossError {
    CrossError { message: message.into() }
}

/// Checks a manifest against the groups that stand on chain.
///
/// Prices, sequence numbers and the manifest's own endpoint list are not compared.
///
/// # Errors
/// The first fault with the reference's text. A manifest with more volumes than the group, at which the reference
/// panics, is an error too.
pub fn check_manifest_against_groups(manifest: &Manifest, groups: &[GroupSpec]) -> Result<(), CrossError> {
    if let Some(problem) = group_problems(manifest, Faults::first()).into_iter().next() {
        return Err(fault(problem.message));
    }
    if manifest.groups.len() != groups.len() {
        let (own, theirs) = (manifest.groups.len(), groups.len());
        return Err(fault(format!("invalid manifest: group count mismatch ({own} != {theirs})")));
    }
    for group in &manifest.groups {
        let Some(spec) = groups.iter().find(|spec| spec.name == group.name) else {
            return Err(fault(format!("invalid manifest: unknown deployment group ('{}')", group.name)));
        };
        check_group(group, spec).map_err(|error| {
            fault(format!("manifest cross-validation error: group {}: {}", quote(&group.name), error.message))
        })?;
    }
    Ok(())
}

/// What is left of a unit while services are taken off it.
struct Remaining<'a> {
    resources: &'a ProtoResources,
    count: u32,
    /// HTTP, PORT, IP: the kinds of endpoints by number.
    endpoints: [usize; 3],
}

const KINDS: [&str; 3] = ["HTTP", "PORT", "IP"];

impl<'a> Remaining<'a> {
    fn of(unit: &'a ResourceUnit) -> Option<Self> {
        let resources = unit.resource.as_ref()?;
        let mut endpoints = [0; 3];
        for endpoint in &resources.endpoints {
            if let Some(count) = usize::try_from(endpoint.kind).ok().and_then(|kind| endpoints.get_mut(kind)) {
                *count += 1;
            }
        }
        Some(Self { resources, count: unit.count, endpoints })
    }

    fn take_endpoint(&mut self, kind: usize) -> Result<(), CrossError> {
        match self.endpoints[kind].checked_sub(1) {
            Some(left) => {
                self.endpoints[kind] = left;
                Ok(())
            }
            None => {
                let id = self.resources.id;
                Err(fault(format!("resource ID {id}: over-utilized {} endpoints", KINDS[kind])))
            }
        }
    }
}

fn check_group(group: &ManifestGroup, spec: &GroupSpec) -> Result<(), CrossError> {
    let mut units: Vec<Remaining<'_>> = spec.resources.iter().filter_map(Remaining::of).collect();
    for service in &group.services {
        check_service(service, &mut units)
            .map_err(|error| fault(format!("service {}: {}", quote(&service.name), error.message)))?;
    }
    for unit in &units {
        let id = unit.resources.id;
        let leftovers = unit.endpoints.iter().zip(KINDS).find(|(count, _)| **count > 0);
        if let Some((count, kind)) = leftovers {
            return Err(fault(format!("resources ID ({id}): under-utilized ({count}) {kind} endpoints")));
        }
        if unit.count > 0 {
            return Err(fault(format!("resources ID ({id}): under-utilized ({}) resources", unit.count)));
        }
    }
    Ok(())
}

fn check_service(service: &Service, units: &mut [Remaining<'_>]) -> Result<(), CrossError> {
    let id = service.resources.id;
    let Some(unit) = units.iter_mut().find(|unit| unit.resources.id == id) else {
        return Err(fault(format!("not found deployment group resources with ID = {id}")));
    };
    let Some(left) = unit.count.checked_sub(service.count) else {
        let (wanted, count) = (service.count, unit.count);
        return Err(fault(format!("over-utilized replicas ({wanted}) > group spec resources count ({count})")));
    };
    check_equal(service, unit.resources)?;
    for expose in service.expose.iter().filter(|expose| expose.global) {
        unit.take_endpoint(usize::from(!expose.is_ingress()))?;
        if !expose.ip.is_empty() {
            unit.take_endpoint(2)?;
        }
    }
    unit.count = left;
    Ok(())
}

fn check_equal(service: &Service, spec: &ProtoResources) -> Result<(), CrossError> {
    let own = &service.resources;
    let mismatch = |name: &str| fault(format!("{name} resources mismatch for ID {}", own.id));
    let cpu = own.cpu.as_ref().zip(spec.cpu.as_ref());
    if !cpu.is_some_and(|(a, b)| same(a.units, &a.attributes, b.units.as_ref(), &b.attributes)) {
        return Err(mismatch("CPU"));
    }
    let gpu = own.gpu.as_ref().zip(spec.gpu.as_ref());
    if !gpu.is_some_and(|(a, b)| same(a.units, &a.attributes, b.units.as_ref(), &b.attributes)) {
        return Err(mismatch("GPU"));
    }
    let memory = own.memory.as_ref().zip(spec.memory.as_ref());
    if !memory.is_some_and(|(a, b)| same(a.size, &a.attributes, b.quantity.as_ref(), &b.attributes)) {
        return Err(mismatch("Memory"));
    }
    // PARITY(sdl/cross-storage): only the manifest's volumes are looked at, so it may have fewer than the group.
    let mut theirs = spec.storage.iter();
    for volume in own.storage.iter().flatten() {
        let equal = theirs.next().is_some_and(|other| {
            other.name == volume.name
                && same(volume.size, &volume.attributes, other.quantity.as_ref(), &other.attributes)
        });
        if !equal {
            return Err(mismatch("Storage"));
        }
    }
    Ok(())
}

fn same(
    amount: u64,
    attributes: &[Attribute],
    their_amount: Option<&ResourceValue>,
    their_attributes: &[ProtoAttribute],
) -> bool {
    their_amount.is_some_and(|value| value.val == text(amount).as_bytes())
        && attributes.len() == their_attributes.len()
        && attributes.iter().zip(their_attributes).all(|(a, b)| a.key == b.key && a.value == b.value)
}

fn text(amount: impl Display) -> String {
    amount.to_string()
}
