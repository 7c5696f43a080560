//! A bundle of resources. Adding saturates: a promise that does not fit into 64 bits does not fit anywhere.

use akash_cluster::{Node, Workload};

use crate::bid::demand::{UnitDemand, VolumeKind};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    pub cpu_milli: u64,
    pub memory_bytes: u64,
    pub ephemeral_bytes: u64,
    pub gpu_units: u64,
}

impl Amounts {
    /// What one replica of a unit takes.
    pub fn of_replica(unit: &UnitDemand) -> Self {
        let bytes = |wanted: &VolumeKind| -> u64 {
            let volumes = unit.volumes.iter().filter(|volume| volume.kind == *wanted);
            volumes.fold(0, |sum: u64, volume| sum.saturating_add(volume.bytes))
        };
        Self {
            cpu_milli: unit.cpu_milli,
            memory_bytes: unit.memory_bytes.saturating_add(bytes(&VolumeKind::Ram)),
            ephemeral_bytes: bytes(&VolumeKind::Ephemeral),
            gpu_units: unit.gpu_units,
        }
    }

    /// What a whole workload takes.
    pub fn of_workload(workload: &Workload) -> Self {
        workload.services.iter().fold(Self::default(), |sum, service| {
            let each = Self {
                cpu_milli: service.resources.cpu_milli,
                memory_bytes: service.resources.memory_bytes,
                ephemeral_bytes: service.resources.ephemeral_bytes,
                gpu_units: service.resources.gpu_units,
            };
            sum.plus(each.times(service.count))
        })
    }

    pub fn available(node: &Node) -> Self {
        Self {
            cpu_milli: node.cpu_milli.available(),
            memory_bytes: node.memory_bytes.available(),
            ephemeral_bytes: node.ephemeral_bytes.available(),
            gpu_units: node.gpu_units.available(),
        }
    }

    pub const fn allocatable(node: &Node) -> Self {
        Self {
            cpu_milli: node.cpu_milli.allocatable,
            memory_bytes: node.memory_bytes.allocatable,
            ephemeral_bytes: node.ephemeral_bytes.allocatable,
            gpu_units: node.gpu_units.allocatable,
        }
    }

    pub const fn plus(self, other: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli.saturating_add(other.cpu_milli),
            memory_bytes: self.memory_bytes.saturating_add(other.memory_bytes),
            ephemeral_bytes: self.ephemeral_bytes.saturating_add(other.ephemeral_bytes),
            gpu_units: self.gpu_units.saturating_add(other.gpu_units),
        }
    }

    pub const fn minus(self, other: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli.saturating_sub(other.cpu_milli),
            memory_bytes: self.memory_bytes.saturating_sub(other.memory_bytes),
            ephemeral_bytes: self.ephemeral_bytes.saturating_sub(other.ephemeral_bytes),
            gpu_units: self.gpu_units.saturating_sub(other.gpu_units),
        }
    }

    pub fn times(self, count: u32) -> Self {
        let count = u64::from(count);
        Self {
            cpu_milli: self.cpu_milli.saturating_mul(count),
            memory_bytes: self.memory_bytes.saturating_mul(count),
            ephemeral_bytes: self.ephemeral_bytes.saturating_mul(count),
            gpu_units: self.gpu_units.saturating_mul(count),
        }
    }

    pub const fn fits_in(self, room: Self) -> bool {
        self.cpu_milli <= room.cpu_milli
            && self.memory_bytes <= room.memory_bytes
            && self.ephemeral_bytes <= room.ephemeral_bytes
            && self.gpu_units <= room.gpu_units
    }
}
