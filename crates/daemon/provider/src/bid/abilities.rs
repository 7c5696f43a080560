//! Could it run here at all? What the cluster lacks is known before anybody has paid for it.

use akash_cluster::{Capabilities, Resources, Service, Workload};
use akash_proto::akash::base::resources::v1beta4::endpoint::Kind;
use akash_proto::akash::deployment::v1beta4::GroupSpec;
use akash_types::address::Address;
use akash_types::id::{LeaseId, OrderId};

use super::demand::{Demand, VolumeKind};
use crate::inventory::Amounts;

/// What no backend would take, whatever its manifest says: better no bid than a lease that cannot run.
pub fn check_sizes(demand: &Demand, order: &OrderId, provider: &Address) -> Result<(), String> {
    let services = demand.units.iter().map(|unit| {
        let amounts = Amounts::of_replica(unit);
        Service {
            name: format!("unit-{}", unit.id),
            image: "unknown".into(),
            resources: Resources {
                cpu_milli: amounts.cpu_milli,
                memory_bytes: amounts.memory_bytes,
                ephemeral_bytes: amounts.ephemeral_bytes,
                gpu_units: amounts.gpu_units,
            },
            count: unit.count,
            ..Service::default()
        }
    });
    let workload = Workload {
        lease: LeaseId::from(order.bid(provider.clone())),
        group: String::new(),
        version_hash: [0; 32],
        services: services.collect(),
    };
    workload.check().map_err(|error| format!("it could not run: {error}"))
}

/// What this cluster cannot do at all.
pub fn check_abilities(demand: &Demand, spec: &GroupSpec, can: &Capabilities) -> Result<(), String> {
    for unit in &demand.units {
        if unit.gpu_units > 0 && can.gpu_models.is_empty() {
            return Err("this cluster has no gpu".into());
        }
        if !unit.leased_ips.is_empty() && !can.ip_leases {
            return Err("this cluster leases no addresses".into());
        }
        for volume in &unit.volumes {
            let class = volume.kind.class();
            let offered = can.persistent_storage_classes.iter().any(|offered| offered == class);
            if volume.kind != VolumeKind::Ephemeral && !offered {
                return Err(format!("this cluster has no storage class {class}"));
            }
        }
    }
    let endpoints = spec.resources.iter().filter_map(|unit| unit.resource.as_ref()).flat_map(|r| &r.endpoints);
    for endpoint in endpoints {
        let able = match Kind::try_from(endpoint.kind) {
            Ok(Kind::SharedHttp) => can.ingress,
            Ok(Kind::RandomPort) => can.published_ports,
            Ok(Kind::LeasedIp) => can.ip_leases,
            Err(_) => false,
        };
        if !able {
            return Err(format!("this cluster has no endpoints of kind {}", endpoint.kind));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::demand::tests::{group, unit};
    use super::*;

    #[test]
    fn what_the_cluster_lacks_is_not_bid_on() {
        use akash_proto::akash::base::attributes::v1::Attribute;
        let ingress = Capabilities { ingress: true, ..Capabilities::default() };
        let spec = group(vec![unit(1, 1, 100, 64, "1")]);
        let verdict = |spec: &GroupSpec, can: &Capabilities| check_abilities(&Demand::read(spec).unwrap(), spec, can);
        assert_eq!(verdict(&spec, &ingress), Ok(()));
        assert!(verdict(&spec, &Capabilities::default()).is_err());

        let mut port = spec.clone();
        port.resources[0].resource.as_mut().unwrap().endpoints[0].kind = Kind::RandomPort as i32;
        assert!(verdict(&port, &ingress).is_err());
        assert_eq!(verdict(&port, &Capabilities { published_ports: true, ..ingress.clone() }), Ok(()));

        let mut ram = spec;
        ram.resources[0].resource.as_mut().unwrap().storage[0].attributes =
            vec![Attribute { key: "class".into(), value: "ram".into() }];
        assert_eq!(verdict(&ram, &ingress), Err("this cluster has no storage class ram".into()));
    }
}
