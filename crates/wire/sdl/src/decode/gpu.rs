//! `profiles.compute.<name>.resources.gpu`, which the reference walks by hand.

use super::{Decoder, quantity::GIBI};
use crate::{
    go::number::parse_uint,
    limits::is_attribute_key,
    resources::{Attribute, Gpu},
    yaml::{At, NodeId},
};

const ANY_MODEL: &str = "vendor/nvidia/model/*";
const NO_VENDOR: &str = "sdl: invalid GPU attributes. at least one vendor must be set";
const VENDOR_HELP: &str = "write `attributes: {vendor: {nvidia: [{model: NAME}]}}`, or `nvidia:` alone for any model";

impl Decoder<'_> {
    pub(super) fn gpu(&mut self, id: NodeId) -> Gpu {
        let mut gpu = Gpu::default();
        let mut attributes = None;
        for field in self.plain_fields(id, "sdl.v2ResourceGPU") {
            match field.key.as_str() {
                "units" => gpu.units = self.gpu_units(field.value),
                "attributes" if self.is_null(field.value) => {}
                "attributes" => attributes = Some(self.gpu_attributes(field.key_at, field.value)),
                key => {
                    let message = format!("sdl: unsupported field ({key}) for GPU resource");
                    self.fail_with(field.key_at, message, "the fields are `units` and `attributes`");
                }
            }
        }
        if gpu.units > 0 && attributes.is_none() {
            self.fail_with(self.at(id), "sdl: GPU attributes must be present if units > 0", VENDOR_HELP);
        }
        gpu.attributes = attributes.unwrap_or_default();
        gpu
    }

    fn gpu_units(&mut self, id: NodeId) -> u64 {
        if self.is_null(id) {
            return 0;
        }
        let text = self.text(id);
        parse_uint(&text.text, 64).unwrap_or_else(|message| {
            self.fail_with(text.at, message, "write a whole number of GPUs");
            0
        })
    }

    fn gpu_attributes(&mut self, at: At, id: NodeId) -> Vec<Attribute> {
        let mut keys = None;
        for field in self.plain_fields(id, "sdl.v2GPUAttributes") {
            match field.key.as_str() {
                "vendor" if self.is_null(field.value) => {}
                "vendor" => keys = Some(self.gpu_models(field.value)),
                key => {
                    let message = format!("sdl: unsupported attribute ({key}) for GPU resource");
                    self.fail_with(field.key_at, message, "the only attribute is `vendor`");
                }
            }
        }
        let Some(mut keys) = keys else {
            self.fail_with(at, NO_VENDOR, VENDOR_HELP);
            return Vec::new();
        };
        keys.sort();
        if let Some(key) = keys.iter().find(|key| !is_attribute_key(key)) {
            let help = format!("`{key}` is too long or has characters other than letters, digits and / . - _");
            self.fail_with(at, "sdl: invalid GPU attributes: attribute key does not match regexp", help);
        }
        if let Some(pair) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            let help = format!("`{}` is named twice", pair[0]);
            self.fail_with(at, "sdl: invalid GPU attributes: attributes cannot have duplicate keys", help);
        }
        keys.into_iter().map(|key| Attribute::new(key, "true")).collect()
    }

    // PARITY(sdl/gpu-vendor): only `nvidia` is read; another vendor alone means any nvidia model.
    fn gpu_models(&mut self, id: NodeId) -> Vec<String> {
        let mut keys = Vec::new();
        for field in self.fields(id, "sdl.v2GPUVendor") {
            if field.key != "nvidia" {
                self.ignored(&field);
                continue;
            }
            let help = "write a list, such as `- model: a100`";
            for item in self.items(field.value, "sdl.v2GPUsNvidia", help).unwrap_or_default() {
                if !self.is_null(item) {
                    keys.push(self.gpu_model(item));
                }
            }
        }
        if keys.is_empty() {
            keys.push(ANY_MODEL.to_owned());
        }
        keys
    }

    fn gpu_model(&mut self, id: NodeId) -> String {
        let (mut model, mut ram, mut interface) = (String::new(), None, None);
        for field in self.fields(id, "sdl.v2GPUNvidia") {
            match field.key.as_str() {
                "model" => model = self.string(field.value),
                "ram" | "interface" if self.is_null(field.value) => {}
                "ram" => ram = Some(self.binary_size(field.value)),
                "interface" => {
                    let text = self.text(field.value);
                    if !matches!(text.text.as_str(), "pcie" | "sxm") {
                        let message = format!("sdl: invalid GPU interface {}. expected \"pcie|sxm\"", text.text);
                        self.fail_with(text.at, message, "write `interface: pcie` or `interface: sxm`");
                    }
                    interface = Some(text.text);
                }
                _ => self.ignored(&field),
            }
        }
        let mut key = format!("vendor/nvidia/model/{model}");
        if let Some(ram) = ram {
            key.push_str(&format!("/ram/{}Gi", ram / GIBI));
        }
        if let Some(interface) = interface {
            key.push_str(&format!("/interface/{interface}"));
        }
        key
    }
}
