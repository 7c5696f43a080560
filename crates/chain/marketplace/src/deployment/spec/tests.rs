use akash_kernel::TxError;
use akash_proto::akash::base::resources::v1beta4::{Cpu, Gpu, Memory, ResourceValue, Resources, Storage};
use akash_proto::akash::deployment::v1beta4::{GroupSpec, ResourceUnit};
use akash_types::coin::DecCoin;
use expect_test::{Expect, expect};

use super::*;

fn value(number: u64) -> Option<ResourceValue> {
    Some(ResourceValue { val: number.to_string().into_bytes() })
}

fn unit(id: u32) -> ResourceUnit {
    let resource = Resources {
        id,
        cpu: Some(Cpu { units: value(100), ..Cpu::default() }),
        memory: Some(Memory { quantity: value(1 << 20), ..Memory::default() }),
        gpu: Some(Gpu { units: value(0), ..Gpu::default() }),
        storage: vec![Storage { quantity: value(5 << 20), ..Storage::default() }],
        endpoints: Vec::new(),
    };
    let price = "10.5uact".parse::<DecCoin>().unwrap();
    ResourceUnit { resource: Some(resource), count: 2, price: Some(price.into()) }
}

fn group(name: &str) -> GroupSpec {
    GroupSpec { name: name.to_owned(), requirements: None, resources: vec![unit(1), unit(2)] }
}

fn check(verdict: Result<(), TxError>, expected: Expect) {
    let text = match verdict {
        Ok(()) => "ok".to_owned(),
        Err(TxError::Reject(reject)) => format!("{}/{}: {}", reject.codespace, reject.code, reject.text),
        Err(TxError::Fault(fault)) => format!("fault: {fault}"),
    };
    expected.assert_eq(&text);
}

fn check_changed(change: impl FnOnce(&mut GroupSpec), expected: Expect) {
    let mut group = group("web");
    change(&mut group);
    check(check_groups(&[group], &limits::DEFAULT), expected);
}

fn resources(group: &mut GroupSpec) -> &mut Resources {
    group.resources[0].resource.as_mut().unwrap()
}

#[test]
fn price_of_a_group_is_the_sum_over_its_units() {
    assert_eq!(total_price(&group("web")).unwrap(), "42uact".parse().unwrap());
}

#[test]
fn groups_are_checked_against_each_other() {
    check(check_groups(&[group("web"), group("db")], &limits::DEFAULT), expect!["ok"]);
    check(check_groups(&[], &limits::DEFAULT), expect!["deployment/7: no group: Invalid groups"]);
    check(
        check_groups(&[group("web"), group("web")], &limits::DEFAULT),
        expect!["deployment/25: web: duplicate group name"],
    );
    let mut other = group("db");
    for unit in &mut other.resources {
        unit.price = Some("1uakt".parse::<DecCoin>().unwrap().into());
    }
    check(
        check_groups(&[group("web"), other], &limits::DEFAULT),
        expect!["deployment/7: groups have prices in several denominations: Invalid groups"],
    );
    let many: Vec<_> = (0..21).map(|number| group(&format!("g{number}"))).collect();
    check(check_groups(&many, &limits::DEFAULT), expect!["deployment/7: more than 20 groups: Invalid groups"]);
}

#[test]
fn quantities_have_limits() {
    check_changed(
        |group| group.name.clear(),
        expect!["deployment/19: group : name is empty or too long: GroupSpec invalid"],
    );
    check_changed(
        |group| resources(group).id = 0,
        expect!["deployment/19: group web: resource id is 0: GroupSpec invalid"],
    );
    check_changed(
        |group| resources(group).id = 2,
        expect!["deployment/19: group web: resource id 2 is not unique: GroupSpec invalid"],
    );
    check_changed(
        |group| resources(group).cpu = None,
        expect!["deployment/19: group web: cpu is missing: GroupSpec invalid"],
    );
    check_changed(
        |group| resources(group).cpu.as_mut().unwrap().units = value(9),
        expect!["deployment/19: group web: cpu 9 is not between 10 and 384000: GroupSpec invalid"],
    );
    check_changed(
        |group| resources(group).memory.as_mut().unwrap().quantity = value((1 << 20) - 1),
        expect!["deployment/19: group web: memory 1048575 is not between 1048576 and 2199023255552: GroupSpec invalid"],
    );
    check_changed(
        |group| resources(group).gpu.as_mut().unwrap().units = value(25),
        expect!["deployment/19: group web: gpu 25 is not between 0 and 24: GroupSpec invalid"],
    );
    check_changed(
        |group| {
            let attribute =
                akash_proto::akash::base::attributes::v1::Attribute { key: "vendor/x".into(), value: "".into() };
            resources(group).gpu.as_mut().unwrap().attributes = vec![attribute];
        },
        expect!["deployment/19: group web: gpu attributes without a gpu: GroupSpec invalid"],
    );
    check_changed(
        |group| resources(group).storage.clear(),
        expect!["deployment/19: group web: storage is missing: GroupSpec invalid"],
    );
    check_changed(
        |group| resources(group).storage[0].quantity = Some(ResourceValue { val: b"ten".to_vec() }),
        expect!["deployment/19: group web: storage is no number: GroupSpec invalid"],
    );
    check_changed(
        |group| group.resources[1].price = Some("1uakt".parse::<DecCoin>().unwrap().into()),
        expect!["deployment/19: group web: prices have several denominations: GroupSpec invalid"],
    );
    check_changed(
        |group| group.resources[1].price = Some("10000001uact".parse::<DecCoin>().unwrap().into()),
        expect!["deployment/19: group web: price 10000001.000000000000000000uact is above 10000000: GroupSpec invalid"],
    );
}

/// Defect 17 #14: limits that the reference only has as constants are enforced.
#[test]
fn defect_14_numbers_of_units_and_replicas_have_limits() {
    check_changed(
        |group| group.resources[0].count = 501,
        expect!["deployment/19: group web: more than 500 replicas: GroupSpec invalid"],
    );
    check_changed(
        |group| group.resources = (1..=51).map(unit).collect(),
        expect!["deployment/19: group web: a group has 1 to 50 resource units: GroupSpec invalid"],
    );
    check_changed(
        |group| {
            resources(group).storage[0].quantity = value(32 << 40);
            group.resources[0].count = 51;
        },
        expect![
            "deployment/19: group web: total storage 1794402987016192 is not in 0..=1759218604441600: GroupSpec invalid"
        ],
    );
    check_changed(
        |group| group.resources.iter_mut().for_each(|unit| unit.count = 0),
        expect!["deployment/19: group web: total cpu 0 is not in 1..=19200000: GroupSpec invalid"],
    );
}
