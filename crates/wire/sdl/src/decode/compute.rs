//! `profiles.compute.<name>`.

use std::collections::BTreeMap;

use super::Decoder;
use crate::{
    document::Compute,
    resources::{Attribute, Cpu, Memory},
    yaml::{At, NodeId},
};

impl Decoder<'_> {
    pub(super) fn compute_profiles(&mut self, id: NodeId) -> BTreeMap<String, Compute> {
        let mut profiles = BTreeMap::new();
        for field in self.fields(id, "map[string]sdl.v2ProfileCompute") {
            let profile = self.compute(field.key_at, field.value);
            profiles.insert(field.key, profile);
        }
        profiles
    }

    fn compute(&mut self, at: At, id: NodeId) -> Compute {
        let mut compute = Compute { at, storage_at: at, ..Compute::default() };
        for field in self.fields(id, "sdl.v2ProfileCompute") {
            match field.key.as_str() {
                "resources" => self.compute_resources(&mut compute, field.value),
                _ => self.ignored(&field),
            }
        }
        compute
    }

    fn compute_resources(&mut self, compute: &mut Compute, id: NodeId) {
        for field in self.fields(id, "sdl.v2ComputeResources") {
            if self.is_null(field.value) {
                continue;
            }
            let at = field.key_at;
            match field.key.as_str() {
                "cpu" => compute.cpu = Some((at, self.cpu(field.value))),
                "memory" => compute.memory = Some((at, self.memory(field.value))),
                "gpu" => compute.gpu = Some((at, self.gpu(field.value))),
                "storage" => {
                    compute.storage_at = at;
                    compute.storage = self.volumes(field.value);
                }
                _ => self.ignored(&field),
            }
        }
    }

    fn cpu(&mut self, id: NodeId) -> Cpu {
        let mut cpu = Cpu::default();
        for field in self.fields(id, "sdl.v2ResourceCPU") {
            match field.key.as_str() {
                "units" => cpu.units = self.cpu_units(field.value),
                "attributes" => cpu.attributes = self.cpu_attributes(field.value),
                _ => self.ignored(&field),
            }
        }
        cpu
    }

    fn cpu_attributes(&mut self, id: NodeId) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        for field in self.plain_fields(id, "sdl.v2CPUAttributes") {
            match field.key.as_str() {
                "arch" => attributes.push(Attribute::new("arch", self.string(field.value))),
                key => {
                    let message = format!("unsupported cpu attribute {}", crate::go::quote::quote(key));
                    self.fail_with(field.key_at, message, "the only attribute of a CPU is `arch`");
                }
            }
        }
        attributes
    }

    fn memory(&mut self, id: NodeId) -> Memory {
        let mut memory = Memory::default();
        for field in self.fields(id, "sdl.v2ResourceMemory") {
            match field.key.as_str() {
                "size" => memory.size = self.byte_size(field.value),
                _ => self.ignored(&field),
            }
        }
        memory
    }
}
