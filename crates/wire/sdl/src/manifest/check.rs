//! The rules for a manifest by itself.

use std::collections::HashSet;

use super::{Expose, Manifest, ManifestGroup, Service, expose_comes_before};
use crate::{
    go::{quote::quote, sort::is_sorted},
    problem::Faults,
    resources::Resources,
};

const MAX_HOST_LENGTH: usize = 253;
const MAX_PORT: u32 = 65_535;

/// What a fault is about; the SDL reader finds the line from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Whole,
    Service(String),
    Image(String),
    /// Service and the whole variable.
    Env(String, String),
    /// Service and port.
    Expose(String, u32),
    /// Service and host.
    Host(String, String),
}

/// A fault in a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ManifestError {
    /// The reference's text.
    pub message: String,
    pub(crate) place: Place,
}

/// Checks a manifest by itself; the first fault.
///
/// # Errors
/// The fault with the reference's text.
pub fn check_manifest(manifest: &Manifest) -> Result<(), ManifestError> {
    problems(manifest, Faults::first()).into_iter().next().map_or(Ok(()), Err)
}

/// The faults, as many as there is room for, in the order in which the reference looks.
pub(crate) fn problems(manifest: &Manifest, faults: Faults<ManifestError>) -> Vec<ManifestError> {
    if manifest.groups.is_empty() {
        let message = "invalid manifest: manifest is empty".to_owned();
        return vec![ManifestError { message, place: Place::Whole }];
    }
    group_problems(manifest, faults)
}

/// The same without the check for an empty manifest.
pub(super) fn group_problems(manifest: &Manifest, faults: Faults<ManifestError>) -> Vec<ManifestError> {
    let mut checker = Checker { faults, hosts: HashSet::new() };
    let mut names = HashSet::new();
    for group in &manifest.groups {
        if checker.faults.is_full() {
            break;
        }
        checker.group(group);
        if !names.insert(&group.name) {
            checker.fail(Place::Whole, format!("duplicate group {}", quote(&group.name)));
        }
    }
    let services = manifest.groups.iter().flat_map(|group| &group.services);
    if !services.flat_map(|service| &service.expose).any(|expose| expose.global) {
        checker.fail(Place::Whole, "zero global services".to_owned());
    }
    checker.faults.into_vec()
}

struct Checker {
    faults: Faults<ManifestError>,
    hosts: HashSet<String>,
}

impl Checker {
    fn fail(&mut self, place: Place, message: String) {
        self.note(place, format!("invalid manifest: {message}"));
    }

    fn note(&mut self, place: Place, message: String) {
        self.faults.push(message.len(), ManifestError { message, place });
    }

    fn group(&mut self, group: &ManifestGroup) {
        if group.services.is_empty() {
            return self.fail(Place::Whole, format!("group {} contains no services", quote(&group.name)));
        }
        if !is_sorted(&group.services, |a, b| a.name < b.name) {
            self.fail(Place::Whole, format!("group {} services is not sorted", quote(&group.name)));
        }
        for service in &group.services {
            self.service(service);
        }
    }

    fn service(&mut self, service: &Service) {
        if self.faults.is_full() {
            return;
        }
        let name = &service.name;
        let place = Place::Service(name.clone());
        if name.is_empty() {
            self.fail(place.clone(), "service name is empty".to_owned());
        } else if !is_service_name(name) {
            self.fail(place.clone(), format!("service {} name is invalid", quote(name)));
        }
        if service.image.is_empty() {
            self.fail(Place::Image(name.clone()), format!("service {} has empty image name", quote(name)));
        }
        if let Some(message) = resources_fault(&service.resources) {
            self.note(place.clone(), message.to_owned());
        }
        for variable in service.env.iter().flatten() {
            if self.faults.is_full() {
                return;
            }
            let variable_name = variable.split('=').next().unwrap_or_default();
            if !is_env_name(variable_name) {
                let place = Place::Env(name.clone(), variable.clone());
                let message = format!(
                    "service {} defines an env. var. with an invalid name {}",
                    quote(name),
                    quote(variable_name)
                );
                self.fail(place, message);
            }
        }
        if !is_sorted(&service.expose, expose_comes_before) {
            self.fail(place, format!("service {}: expose is not sorted", quote(name)));
        }
        for expose in &service.expose {
            self.expose(name, expose);
        }
    }

    fn expose(&mut self, name: &str, expose: &Expose) {
        let place = Place::Expose(name.to_owned(), expose.port);
        let prefix = format!("service {}:", quote(name));
        if expose.port == 0 || expose.port > MAX_PORT {
            self.fail(place.clone(), format!("{prefix} port value must be 0 < value <= {MAX_PORT} "));
        }
        if !matches!(expose.proto.as_str(), "TCP" | "UDP") {
            self.fail(place, format!("{prefix} protocol {} unknown", quote(&expose.proto)));
        }
        for host in expose.hosts.iter().flatten() {
            if self.faults.is_full() {
                return;
            }
            let place = Place::Host(name.to_owned(), host.clone());
            if !is_host_name(host) {
                self.fail(place, format!("{prefix} has invalid hostname {}", quote(host)));
            } else if !self.hosts.insert(host.clone()) {
                self.fail(place, format!("{prefix} hostname {} is duplicated, this is not allowed", quote(host)));
            }
        }
    }
}

fn resources_fault(resources: &Resources) -> Option<&'static str> {
    let Resources { id, cpu, gpu, memory, storage, endpoints } = resources;
    let faults = [
        (*id == 0, "resources ID must be > 0"),
        (cpu.is_none(), "CPU must not be nil"),
        (gpu.is_none(), "GPU must not be nil"),
        (memory.is_none(), "memory must not be nil"),
        (storage.is_none(), "storage must not be nil"),
        (endpoints.is_none(), "endpoints must not be nil"),
    ];
    faults.into_iter().find(|(is_fault, _)| *is_fault).map(|(_, message)| message)
}

/// `^[a-z]([-a-z0-9]*[a-z0-9])?$`
fn is_service_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && is_label(name)
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
fn is_label(label: &str) -> bool {
    let letter = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = label.as_bytes();
    bytes.first().is_some_and(letter)
        && bytes.last().is_some_and(letter)
        && bytes.iter().all(|b| letter(b) || *b == b'-')
}

/// A DNS-1123 subdomain; the length of a label is not looked at.
fn is_host_name(host: &str) -> bool {
    host.len() <= MAX_HOST_LENGTH && host.split('.').all(is_label)
}

/// `[-._a-zA-Z][-._a-zA-Z0-9]*`, but neither `.` nor anything that begins with `..`.
fn is_env_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '.' | '_'))
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        && name != "."
        && !name.starts_with("..")
}

#[cfg(test)]
mod tests {
    use super::{is_env_name, is_host_name, is_service_name};

    #[test]
    fn names_are_those_of_kubernetes() {
        for name in ["a", "web-1", "a1"] {
            assert!(is_service_name(name), "{name}");
        }
        for name in ["", "1a", "a-", "A", "a_b", "a.b"] {
            assert!(!is_service_name(name), "{name}");
        }
        assert!(is_host_name("1.example.com") && !is_host_name("a.") && !is_host_name("*.a"));
        assert!(is_env_name(".a") && is_env_name("-") && !is_env_name("..") && !is_env_name("1A"));
    }
}
