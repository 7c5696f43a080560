//! Does a provider with these attributes satisfy this group? The rules are those of the chain, so that we do not bid
//! where the chain would refuse; a local list of attributes narrows what we want further.

use std::collections::BTreeMap;

use akash_proto::akash::base::attributes::v1::{Attribute, PlacementRequirements};
use akash_proto::akash::deployment::v1beta4::GroupSpec;

use super::glob;

/// What the chain knows about us: our own attributes, and what each auditor signed.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    pub own: Vec<Attribute>,
    pub signed: BTreeMap<String, Vec<Attribute>>,
}

/// The first demand that is not met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    #[error("attribute {0} is not among the provider's attributes")]
    Attribute(String),
    #[error("auditor {0} has not signed the required attributes")]
    Auditor(String),
    #[error("none of the accepted auditors has signed the required attributes")]
    AnyAuditor,
    #[error("no storage class offers what volume {0} needs")]
    Storage(String),
    #[error("no gpu of the wanted models")]
    Gpu,
    #[error("the order lacks attribute {0}, which this provider insists on")]
    Insisted(String),
}

/// Everything that a group demands of a provider's attributes and capabilities.
pub fn check(spec: &GroupSpec, standing: &Standing, insisted: &[Attribute]) -> Result<(), Mismatch> {
    let requirements = spec.requirements.clone().unwrap_or_default();
    check_requirements(&requirements, standing)?;
    check_capabilities(spec, &standing.own)?;
    match insisted.iter().find(|wanted| !requirements.attributes.contains(wanted)) {
        Some(wanted) => Err(Mismatch::Insisted(wanted.key.clone())),
        None => Ok(()),
    }
}

fn check_requirements(requirements: &PlacementRequirements, standing: &Standing) -> Result<(), Mismatch> {
    let demanded = &requirements.attributes;
    let signed_by = requirements.signed_by.clone().unwrap_or_default();
    let has_signed =
        |auditor: &String| standing.signed.get(auditor).is_some_and(|signed| first_missing(demanded, signed).is_none());
    if signed_by.all_of.is_empty() && signed_by.any_of.is_empty() {
        return match first_missing(demanded, &standing.own) {
            Some(missing) => Err(Mismatch::Attribute(missing.key.clone())),
            None => Ok(()),
        };
    }
    if let Some(missing) = signed_by.all_of.iter().find(|auditor| !has_signed(auditor)) {
        return Err(Mismatch::Auditor(missing.clone()));
    }
    if !signed_by.any_of.is_empty() && !signed_by.any_of.iter().any(has_signed) {
        return Err(Mismatch::AnyAuditor);
    }
    Ok(())
}

fn check_capabilities(spec: &GroupSpec, own: &[Attribute]) -> Result<(), Mismatch> {
    let classes = storage_classes(own);
    for resource in spec.resources.iter().filter_map(|unit| unit.resource.as_ref()) {
        for volume in resource.storage.iter().filter(|volume| !volume.attributes.is_empty()) {
            if !classes.values().any(|class| first_missing(&volume.attributes, class).is_none()) {
                return Err(Mismatch::Storage(volume.name.clone()));
            }
        }
        if let Some(gpu) = resource.gpu.as_ref() {
            let units = gpu.units.as_ref().map(|value| value.val.as_slice()).unwrap_or_default();
            let wanted = units.iter().any(|digit| (b'1'..=b'9').contains(digit));
            if wanted && !gpu.attributes.is_empty() && !gpu.attributes.iter().any(|demand| has_gpu(own, demand)) {
                return Err(Mismatch::Gpu);
            }
        }
    }
    Ok(())
}

/// The pairs `capabilities/storage/<n>/<key>` by `<n>`; keys with more or fewer parts are ignored.
fn storage_classes(own: &[Attribute]) -> BTreeMap<&str, Vec<Attribute>> {
    let mut classes: BTreeMap<&str, Vec<Attribute>> = BTreeMap::new();
    for attribute in own {
        let Some(rest) = attribute.key.strip_prefix("capabilities/storage/") else { continue };
        let Some((number, key)) = rest.split_once('/') else { continue };
        if !key.contains('/') {
            let pair = Attribute { key: key.to_owned(), value: attribute.value.clone() };
            classes.entry(number).or_default().push(pair);
        }
    }
    classes
}

fn has_gpu(own: &[Attribute], demand: &Attribute) -> bool {
    own.iter().any(|attribute| {
        attribute
            .key
            .strip_prefix("capabilities/gpu/")
            .is_some_and(|rest| attribute.value == demand.value && glob::matches(&demand.key, rest))
    })
}

/// The first demanded pair that no offered one satisfies. The demand's key is the pattern.
fn first_missing<'a>(demanded: &'a [Attribute], offered: &[Attribute]) -> Option<&'a Attribute> {
    demanded.iter().find(|demand| {
        !offered.iter().any(|offer| offer.value == demand.value && glob::matches(&demand.key, &offer.key))
    })
}

#[cfg(test)]
mod tests {
    use akash_proto::akash::base::attributes::v1::SignedBy;
    use akash_proto::akash::base::resources::v1beta4::{Gpu, ResourceValue, Resources, Storage};
    use akash_proto::akash::deployment::v1beta4::ResourceUnit;

    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> Vec<Attribute> {
        pairs.iter().map(|(key, value)| Attribute { key: (*key).into(), value: (*value).into() }).collect()
    }

    fn group(demanded: &[(&str, &str)], all_of: &[&str], any_of: &[&str]) -> GroupSpec {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        let requirements = PlacementRequirements {
            signed_by: Some(SignedBy { all_of: names(all_of), any_of: names(any_of) }),
            attributes: attributes(demanded),
        };
        GroupSpec { name: "g".into(), requirements: Some(requirements), resources: Vec::new() }
    }

    fn standing(own: &[(&str, &str)], signed: &[(&str, &[(&str, &str)])]) -> Standing {
        let signed = signed.iter().map(|(auditor, pairs)| ((*auditor).to_owned(), attributes(pairs))).collect();
        Standing { own: attributes(own), signed }
    }

    #[test]
    fn requirements_are_matched_as_on_chain() {
        let us = standing(&[("region", "eu"), ("tier", "1")], &[("a", &[("region", "eu")]), ("b", &[("tier", "1")])]);
        let table = [
            (group(&[("region", "eu")], &[], &[]), Ok(())),
            (group(&[("reg*", "eu")], &[], &[]), Ok(())),
            (group(&[("region", "us")], &[], &[]), Err(Mismatch::Attribute("region".into()))),
            (group(&[("region", "eu")], &["a"], &[]), Ok(())),
            (group(&[("region", "eu")], &["a", "b"], &[]), Err(Mismatch::Auditor("b".into()))),
            (group(&[("region", "eu")], &[], &["b", "a"]), Ok(())),
            (group(&[("region", "eu")], &[], &["b", "c"]), Err(Mismatch::AnyAuditor)),
            (group(&[("region", "eu")], &["a"], &["b"]), Err(Mismatch::AnyAuditor)),
            (group(&[], &["c"], &[]), Err(Mismatch::Auditor("c".into()))),
        ];
        for (spec, expected) in table {
            assert_eq!(check(&spec, &us, &[]), expected, "{spec:?}");
        }
    }

    #[test]
    fn insisted_attributes_must_be_in_the_order() {
        let us = standing(&[("region", "eu")], &[]);
        let insisted = attributes(&[("region", "eu")]);
        assert_eq!(check(&group(&[("region", "eu")], &[], &[]), &us, &insisted), Ok(()));
        assert_eq!(check(&group(&[], &[], &[]), &us, &insisted), Err(Mismatch::Insisted("region".into())));
    }

    #[test]
    fn capabilities_of_one_class_must_cover_a_volume() {
        let us = standing(
            &[
                ("capabilities/storage/1/class", "beta2"),
                ("capabilities/storage/1/persistent", "true"),
                ("capabilities/storage/2/class", "ram"),
                ("capabilities/storage/2/persistent", "false"),
                ("capabilities/gpu/vendor/nvidia/model/a100", "true"),
            ],
            &[],
        );
        let with_volume = |pairs: &[(&str, &str)]| {
            let volume = Storage { name: "data".into(), quantity: None, attributes: attributes(pairs) };
            with_resources(Resources { storage: vec![volume], ..Resources::default() })
        };
        let with_gpu = |units: &str, model: &str| {
            let gpu = Gpu {
                units: Some(ResourceValue { val: units.as_bytes().to_vec() }),
                attributes: attributes(&[(model, "true")]),
            };
            with_resources(Resources { gpu: Some(gpu), ..Resources::default() })
        };
        let table = [
            (with_volume(&[]), Ok(())),
            (with_volume(&[("class", "beta2"), ("persistent", "true")]), Ok(())),
            (with_volume(&[("class", "ram"), ("persistent", "true")]), Err(Mismatch::Storage("data".into()))),
            (with_gpu("1", "vendor/nvidia/model/*"), Ok(())),
            (with_gpu("1", "vendor/nvidia/model/h100"), Err(Mismatch::Gpu)),
            (with_gpu("0", "vendor/nvidia/model/h100"), Ok(())),
        ];
        for (spec, expected) in table {
            assert_eq!(check(&spec, &us, &[]), expected, "{spec:?}");
        }
    }

    fn with_resources(resources: Resources) -> GroupSpec {
        let unit = ResourceUnit { resource: Some(resources), count: 1, price: None };
        GroupSpec { name: "g".into(), requirements: None, resources: vec![unit] }
    }
}
