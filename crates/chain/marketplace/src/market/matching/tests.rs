use akash_proto::akash::base::attributes::v1::SignedBy;
use akash_proto::akash::deployment::v1beta4::ResourceUnit;

use super::*;

fn pair(key: &str) -> Attribute {
    Attribute { key: key.into(), value: "true".into() }
}

fn pairs(keys: &[&str]) -> Vec<Attribute> {
    keys.iter().map(|key| pair(key)).collect()
}

fn signed(auditor: &str, keys: &[&str]) -> Signed {
    Signed { auditor: auditor.into(), attributes: pairs(keys) }
}

fn wanted(all_of: &[&str], any_of: &[&str]) -> PlacementRequirements {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let signed_by = SignedBy { all_of: names(all_of), any_of: names(any_of) };
    PlacementRequirements { signed_by: Some(signed_by), attributes: pairs(&["tier/good"]) }
}

#[test]
fn auditors_replace_the_providers_own_word() {
    let own = pairs(&["tier/good"]);
    let audits = [signed("a", &["tier/good", "more"]), signed("b", &["tier/good"]), signed("c", &["other"])];
    for (all_of, any_of, expected) in [
        (vec![], vec![], true),
        (vec!["a", "b"], vec![], true),
        (vec!["a", "c"], vec![], false),
        (vec!["a", "nobody"], vec![], false),
        (vec![], vec!["c", "b"], true),
        (vec![], vec!["c"], false),
        (vec!["a"], vec!["c"], false),
        (vec!["a"], vec!["b"], true),
    ] {
        let verdict = is_attribute_match(&wanted(&all_of, &any_of), &own, &audits);
        assert_eq!(verdict, expected, "all of {all_of:?}, any of {any_of:?}");
    }
    assert!(!is_attribute_match(&wanted(&["a"], &[]), &own, &[]), "nobody has signed");
    assert!(!is_attribute_match(&wanted(&[], &[]), &[], &audits), "own attributes are missing");
}

fn group(resources: Resources) -> GroupSpec {
    let unit = ResourceUnit { resource: Some(resources), count: 2, price: None };
    GroupSpec { resources: vec![unit], ..GroupSpec::default() }
}

#[test]
fn volume_needs_one_class_with_all_that_it_asks_for() {
    let volume = |keys: &[&str]| {
        let storage = vec![Storage { attributes: pairs(keys), ..Storage::default() }];
        group(Resources { storage, ..Resources::default() })
    };
    let own = pairs(&[
        "capabilities/storage/1/class/nested",
        "capabilities/storage/1/persistent",
        "capabilities/storage/2/persistent",
        "capabilities/storage/2/fast",
        "capabilities/storage/persistent",
    ]);
    for (keys, expected) in [
        (vec![], true),
        (vec!["persistent"], true),
        (vec!["persistent", "fast"], true),
        (vec!["class/nested"], false),
        (vec!["fast", "slow"], false),
    ] {
        assert_eq!(is_capability_match(&volume(&keys), &own), expected, "{keys:?}");
    }
}

#[test]
fn one_of_several_gpu_models_is_enough() {
    let gpu = |keys: &[&str]| {
        let gpu = Some(Gpu { attributes: pairs(keys), ..Gpu::default() });
        group(Resources { gpu, ..Resources::default() })
    };
    let own =
        pairs(&["capabilities/gpu/vendor/nvidia/model/a100", "capabilities/gpu/vendor/nvidia/model/a100/ram/80Gi"]);
    for (keys, expected) in [
        (vec![], true),
        (vec!["vendor/nvidia/model/a100"], true),
        (vec!["vendor/nvidia/model/*"], true),
        (vec!["vendor/nvidia/model/h100", "vendor/nvidia/model/a100"], true),
        (vec!["vendor/nvidia/model/h100"], false),
        (vec!["vendor/*"], false),
    ] {
        assert_eq!(is_capability_match(&gpu(&keys), &own), expected, "{keys:?}");
    }
}

/// Defect 17 #11: the same resource id twice is a mismatch, not a crash.
#[test]
fn defect_11_offer_names_each_unit_once_with_its_count() {
    let spec = group(Resources { id: 1, ..Resources::default() });
    let offer = |id, count| {
        let resources = Some(Resources { id, ..Resources::default() });
        ResourceOffer { resources, count, prices: None }
    };
    assert!(is_offer_for(&spec, &[]));
    assert!(is_offer_for(&spec, &[offer(1, 2)]));
    assert!(!is_offer_for(&spec, &[offer(1, 1)]));
    assert!(!is_offer_for(&spec, &[offer(2, 2)]));
    assert!(!is_offer_for(&spec, &[offer(1, 2), offer(1, 2)]));

    let mut two = spec.clone();
    two.resources
        .push(ResourceUnit { resource: Some(Resources { id: 2, ..Resources::default() }), ..two.resources[0].clone() });
    assert!(is_offer_for(&two, &[offer(2, 2), offer(1, 2)]));
    assert!(!is_offer_for(&two, &[offer(1, 2), offer(1, 2)]));
}
