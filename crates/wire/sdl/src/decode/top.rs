//! The top level, which the reference walks by hand: unknown keys are faults, the last of two equal keys wins.

use std::collections::BTreeMap;

use super::Decoder;
use crate::{
    document::{Deployed, Document, EndpointDeclaration, Reclamation, Rules},
    go::{quote::quote, version::parse_tolerant},
    yaml::{At, NodeId, Value},
};

const SECTIONS: [&str; 7] = ["version", "include", "services", "profiles", "deployment", "endpoints", "reclamation"];

/// Decodes a whole document; `None` when not even its version could be read.
pub fn document(decoder: &mut Decoder<'_>, root: NodeId) -> Option<Document> {
    let entries = decoder.sections(root)?;
    let version = entries.iter().rev().find(|(key, ..)| key == "version");
    let Some((_, _, version)) = version else {
        decoder.fail_with(decoder.at(root), "SDL invalid: no version found", "add the line `version: \"2.0\"`");
        return None;
    };
    let rules = decoder.rules(*version)?;
    let mut document = Document {
        rules,
        services: BTreeMap::new(),
        compute: BTreeMap::new(),
        placements: BTreeMap::new(),
        deployment: BTreeMap::new(),
        endpoints: BTreeMap::new(),
        reclamation: None,
        at: decoder.at(root),
    };
    for (key, key_at, value) in entries {
        decoder.section(&mut document, &key, key_at, value);
    }
    Some(document)
}

impl Decoder<'_> {
    fn sections(&mut self, root: NodeId) -> Option<Vec<(String, At, NodeId)>> {
        let at = self.at(root);
        match &self.tree.node(root).value {
            Value::Mapping(mapping) => {
                let entries = mapping.entries.iter();
                let named =
                    entries.map(|(key, value)| (self.raw(*key).unwrap_or_default().to_owned(), self.at(*key), *value));
                Some(named.collect())
            }
            Value::Sequence(items) => {
                // The reference walks a list like a mapping and fails later for want of groups.
                let named_version = items.chunks(2).any(|pair| self.raw(pair[0]) == Some("version"));
                let message = if named_version { "Invalid groups" } else { "SDL invalid: no version found" };
                self.fail_with(at, message, "an SDL is a mapping that begins with `version: \"2.0\"`");
                None
            }
            Value::Scalar(_) => {
                let help = "an SDL is a mapping that begins with `version: \"2.0\"`";
                self.fail_with(at, "SDL invalid: no version found", help);
                None
            }
        }
    }

    fn rules(&mut self, id: NodeId) -> Option<Rules> {
        let text = self.text(id);
        let help = "the versions are \"2.0\" and \"2.1\"";
        match parse_tolerant(&text.text) {
            Ok(version) if version.is(2, 0) => Some(Rules::V2_0),
            Ok(version) if version.at_least(2, 1) => Some(Rules::V2_1),
            Ok(version) => {
                let message = format!("SDL invalid: config: unsupported version {}", quote(&version.to_string()));
                self.fail_with(text.at, message, help);
                None
            }
            Err(message) => {
                self.fail_with(text.at, message, help);
                None
            }
        }
    }

    fn section(&mut self, document: &mut Document, key: &str, key_at: At, value: NodeId) {
        match key {
            "version" => {}
            "include" => {
                if self.strings(value).is_some_and(|files| !files.is_empty()) {
                    let message = "`include` is ignored: no file is ever included".to_owned();
                    self.warnings.push(crate::problem::Problem::new(key_at, message));
                }
            }
            "services" => document.services = self.services(value),
            "profiles" => self.profiles(document, value),
            "deployment" => {
                document.deployment = self.deployment(value);
                document.at = key_at;
            }
            "endpoints" => document.endpoints = self.endpoints(value),
            "reclamation" => document.reclamation = Some(self.reclamation(key_at, value)),
            _ => self.fail_with(key_at, format!("sdl: unexpected field {key}"), suggestion(key)),
        }
    }

    fn profiles(&mut self, document: &mut Document, id: NodeId) {
        for field in self.fields(id, "sdl.v2Profiles") {
            match field.key.as_str() {
                "compute" => document.compute = self.compute_profiles(field.value),
                "placement" => document.placements = self.placements(field.value),
                _ => self.ignored(&field),
            }
        }
    }

    fn deployment(&mut self, id: NodeId) -> BTreeMap<String, BTreeMap<String, Deployed>> {
        let mut deployment = BTreeMap::new();
        for service in self.fields(id, "map[string]sdl.v2Deployment") {
            let mut placements = BTreeMap::new();
            for placement in self.fields(service.value, "sdl.v2Deployment") {
                let deployed = self.deployed(placement.key_at, placement.value);
                placements.insert(placement.key, deployed);
            }
            deployment.insert(service.key, placements);
        }
        deployment
    }

    fn deployed(&mut self, at: At, id: NodeId) -> Deployed {
        let mut deployed = Deployed { at, ..Deployed::default() };
        for field in self.fields(id, "sdl.v2ServiceDeployment") {
            match field.key.as_str() {
                "profile" => deployed.profile = self.text(field.value),
                "count" => deployed.count = self.uint32(field.value),
                _ => self.ignored(&field),
            }
        }
        deployed
    }

    fn endpoints(&mut self, id: NodeId) -> BTreeMap<String, EndpointDeclaration> {
        let mut endpoints = BTreeMap::new();
        for endpoint in self.fields(id, "map[string]sdl.v2Endpoint") {
            let mut declaration = EndpointDeclaration { at: endpoint.key_at, ..EndpointDeclaration::default() };
            for field in self.fields(endpoint.value, "sdl.v2Endpoint") {
                match field.key.as_str() {
                    "kind" => declaration.kind = self.text(field.value),
                    _ => self.ignored(&field),
                }
            }
            endpoints.insert(endpoint.key, declaration);
        }
        endpoints
    }

    fn reclamation(&mut self, key_at: At, id: NodeId) -> Reclamation {
        let mut reclamation = Reclamation::default();
        reclamation.min_window.at = key_at;
        for field in self.fields(id, "sdl.v2Reclamation") {
            match field.key.as_str() {
                "min_window" => reclamation.min_window = self.text(field.value),
                _ => self.ignored(&field),
            }
        }
        reclamation
    }
}

/// Names the section that was probably meant.
fn suggestion(key: &str) -> String {
    let near = SECTIONS.iter().find(|section| {
        let stem = section.trim_end_matches('s');
        key.eq_ignore_ascii_case(section) || key.trim_end_matches('s').eq_ignore_ascii_case(stem)
    });
    match near {
        Some(section) => format!("did you mean `{section}`?"),
        None => format!("the sections are {}", SECTIONS.join(", ")),
    }
}
