//! `profiles.compute.<name>.resources.storage`: one volume or a list of them, and the order they end up in.

use std::collections::HashSet;

use super::Decoder;
use crate::{
    go::sort::sort_stable,
    resources::{Attribute, Volume},
    yaml::{At, NodeId, Value},
};

const CLASSES: [&str; 5] = ["default", "beta1", "beta2", "beta3", "ram"];

impl Decoder<'_> {
    pub(super) fn volumes(&mut self, id: NodeId) -> Vec<(At, Volume)> {
        let mut volumes = Vec::new();
        match &self.tree.node(id).value {
            Value::Mapping(_) => {
                // PARITY(sdl/single-volume-name): the name of a single volume is ignored.
                let (at, mut volume) = self.volume(id);
                volume.name = "default".to_owned();
                volumes.push((at, volume));
            }
            Value::Sequence(items) => {
                for item in items {
                    if self.visit(*item) && !self.is_null(*item) {
                        volumes.push(self.volume(*item));
                    }
                }
            }
            Value::Scalar(_) => {} // means "no storage", which the range check refuses
        }
        self.check_volume_names(&volumes);
        sort_stable(&mut volumes, |a, b| comes_before(&a.1, &b.1));
        volumes
    }

    fn check_volume_names(&mut self, volumes: &[(At, Volume)]) {
        let mut names = HashSet::new();
        for (at, volume) in volumes {
            if !names.insert(&volume.name) {
                let help = format!("`{}` is taken; every volume but one needs a `name` of its own", volume.name);
                self.fail_with(*at, "sdl: duplicated volume name", help);
            }
        }
    }

    fn volume(&mut self, id: NodeId) -> (At, Volume) {
        let mut volume = Volume::default();
        let mut at = self.at(id);
        for field in self.fields(id, "sdl.v2ResourceStorage") {
            match field.key.as_str() {
                "name" => volume.name = self.string(field.value),
                "size" => {
                    volume.size = self.byte_size(field.value);
                    at = self.at(field.value);
                }
                "attributes" if !self.is_null(field.value) => {
                    volume.attributes = self.volume_attributes(field.value);
                }
                "attributes" => {}
                _ => self.ignored(&field),
            }
        }
        if volume.name.is_empty() {
            "default".clone_into(&mut volume.name);
        }
        (at, volume)
    }

    fn volume_attributes(&mut self, id: NodeId) -> Vec<Attribute> {
        let at = self.at(id);
        let (mut persistent, mut class) = ("false".to_owned(), String::new());
        for field in self.plain_fields(id, "sdl.v2StorageAttributes") {
            match field.key.as_str() {
                "persistent" => persistent = self.string(field.value),
                "class" => class = self.string(field.value),
                key => {
                    let message = format!("sdl: unsupported storage attribute: {key}");
                    self.fail_with(field.key_at, message, "the attributes are `persistent` and `class`");
                }
            }
        }
        match storage_attributes(&persistent, &class) {
            Ok(attributes) => attributes,
            Err((message, help)) => {
                self.fail_with(at, message, help);
                Vec::new()
            }
        }
    }
}

/// The attributes of a volume from the raw texts; the comparisons are exact texts on purpose.
fn storage_attributes(persistent: &str, class: &str) -> Result<Vec<Attribute>, (&'static str, &'static str)> {
    let mut class = class;
    match class {
        "" if persistent == "true" => class = "default",
        "" => {}
        "ram" if persistent != "false" => {
            return Err(("sdl: ram storage class cannot be persistent", "write `persistent: false` for class ram"));
        }
        "ram" => {}
        _ if persistent == "false" => {
            let help = "write `persistent: true`, or leave `class` out";
            return Err(("sdl: ephemeral storage should not set attribute class", help));
        }
        _ => {}
    }
    let persistent = match persistent {
        "true" | "on" | "yes" => "true",
        "false" | "off" | "no" => "false",
        _ => {
            let message = "sdl: invalid value for attribute \"persistent\". expected bool";
            return Err((message, "write true or false"));
        }
    };
    if !class.is_empty() && !CLASSES.contains(&class) {
        let help = "the classes are default, beta1, beta2, beta3 and ram";
        return Err(("sdl: invalid value for attribute class", help));
    }
    let mut attributes = Vec::new();
    if !class.is_empty() {
        attributes.push(Attribute::new("class", class));
    }
    attributes.push(Attribute::new("persistent", persistent));
    Ok(attributes)
}

/// The reference's `less` for volumes.
// PARITY(sdl/volume-order): the last rule is no strict order: two volumes of one size that are not persistent are
// each less than the other, so the sorting algorithm shows in the result.
fn comes_before(a: &Volume, b: &Volume) -> bool {
    if a.size != b.size {
        return a.size < b.size;
    }
    let (persistent_a, persistent_b) = (a.attribute("persistent"), b.attribute("persistent"));
    match (persistent_a, persistent_b) {
        (None, Some(_)) => return true,
        (Some(_), None) => return false,
        (Some(a), Some(b)) if a < b => return true,
        _ => {}
    }
    if persistent_a != Some("true") {
        true
    } else if persistent_b != Some("true") {
        false
    } else {
        a.name < b.name
    }
}
