//! Whether a provider may bid on an order: attributes, capabilities, and the form of its offer. Pure.

use akash_proto::akash::base::attributes::v1::{Attribute, PlacementRequirements};
use akash_proto::akash::base::resources::v1beta4::{Gpu, Resources, Storage};
use akash_proto::akash::deployment::v1beta4::GroupSpec;
use akash_proto::akash::market::v1beta5::ResourceOffer;

use crate::attributes;

const STORAGE: &str = "capabilities/storage/";
const GPU: &str = "capabilities/gpu/";

/// What one auditor has signed for a provider.
#[derive(Debug, Clone, PartialEq)]
pub struct Signed {
    pub auditor: String,
    pub attributes: Vec<Attribute>,
}

/// Without auditors the provider's own attributes count; with them only what they have signed.
pub fn is_attribute_match(wanted: &PlacementRequirements, own: &[Attribute], signed: &[Signed]) -> bool {
    let signed_by = wanted.signed_by.clone().unwrap_or_default();
    if signed_by.all_of.is_empty() && signed_by.any_of.is_empty() {
        return attributes::is_subset(&wanted.attributes, own);
    }
    let has_signed = |auditor: &String| {
        signed
            .iter()
            .any(|entry| entry.auditor == *auditor && attributes::is_subset(&wanted.attributes, &entry.attributes))
    };
    let all = signed_by.all_of.iter().all(has_signed);
    let any = signed_by.any_of.is_empty() || signed_by.any_of.iter().any(has_signed);
    all && any
}

/// Whether the provider has the storage classes and the gpus that each unit asks for.
pub fn is_capability_match(spec: &GroupSpec, own: &[Attribute]) -> bool {
    spec.resources.iter().filter_map(|unit| unit.resource.as_ref()).all(|resources| {
        resources.storage.iter().all(|volume| has_storage(volume, own)) && has_gpu(resources.gpu.as_ref(), own)
    })
}

/// Whether an offer is one for this group: nothing at all, or each unit with its count, once.
pub fn is_offer_for(spec: &GroupSpec, offers: &[ResourceOffer]) -> bool {
    if offers.is_empty() {
        return true;
    }
    let id_of = |resources: Option<&Resources>| resources.map(|resources| resources.id);
    let is_unit = |(index, offer): (usize, &ResourceOffer)| {
        let id = id_of(offer.resources.as_ref());
        let repeated = offers.iter().take(index).any(|earlier| id_of(earlier.resources.as_ref()) == id);
        let unit = spec.resources.iter().find(|unit| id_of(unit.resource.as_ref()) == id);
        !repeated && unit.is_some_and(|unit| unit.count == offer.count)
    };
    offers.len() == spec.resources.len() && offers.iter().enumerate().all(is_unit)
}

/// One class must have everything that the volume asks for.
fn has_storage(volume: &Storage, own: &[Attribute]) -> bool {
    if volume.attributes.is_empty() {
        return true;
    }
    let capabilities: Vec<(&str, &str, &str)> = own.iter().filter_map(storage_capability).collect();
    capabilities.iter().any(|(class, _, _)| {
        volume.attributes.iter().all(|want| {
            let of_class = capabilities.iter().filter(|(other, _, _)| other == class);
            of_class.into_iter().any(|(_, key, value)| attributes::matches(want, key, value))
        })
    })
}

/// `capabilities/storage/<class>/<key>` and its value; pairs with fewer or more parts mean nothing.
fn storage_capability(attribute: &Attribute) -> Option<(&str, &str, &str)> {
    let (class, key) = attribute.key.strip_prefix(STORAGE)?.split_once('/')?;
    (!key.contains('/')).then_some((class, key, attribute.value.as_str()))
}

/// One of the models asked for is enough.
fn has_gpu(gpu: Option<&Gpu>, own: &[Attribute]) -> bool {
    let Some(gpu) = gpu.filter(|gpu| !gpu.attributes.is_empty()) else { return true };
    gpu.attributes.iter().any(|want| {
        own.iter().any(|have| have.key.strip_prefix(GPU).is_some_and(|key| attributes::matches(want, key, &have.value)))
    })
}

#[cfg(test)]
mod tests;
