//! Cross references inside one document: profiles, placements, prices, volumes, mounts, leased IPs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    document::{Compute, Deployed, Document, ExposeTo, Rules, Service, Text},
    go::{duration::parse_duration, quote::quote},
    problem::Problem,
};

/// Everything that is wrong, in the order in which the reference looks.
pub fn check(document: &Document) -> Vec<Problem> {
    let mut checker = Checker { document, problems: Vec::new(), used: BTreeSet::new(), ips: HashMap::new() };
    checker.reclamation();
    checker.endpoint_declarations();
    for (service_name, placements) in &document.deployment {
        for (placement, deployed) in placements {
            checker.deployed(service_name, placement, deployed);
        }
    }
    checker.unused_endpoints();
    checker.problems
}

struct Checker<'a> {
    document: &'a Document,
    problems: Vec<Problem>,
    used: BTreeSet<&'a str>,
    /// (ip, port as written, proto as written) to the service that has it.
    ips: HashMap<(&'a str, u32, &'a str), &'a str>,
}

impl<'a> Checker<'a> {
    fn fail(&mut self, at: crate::yaml::At, message: String, help: &str) {
        self.problems.push(Problem::new(at, message).help(help));
    }

    fn reclamation(&mut self) {
        let Some(reclamation) = &self.document.reclamation else { return };
        let Text { text, at } = &reclamation.min_window;
        let help = "write a duration such as `min_window: 24h`";
        match parse_duration(text) {
            Err(why) => {
                let message = format!("SDL invalid: invalid reclamation min_window {}: {why}", quote(text));
                self.fail(*at, message, help);
            }
            Ok(window) if window <= 0 => {
                self.fail(*at, "SDL invalid: reclamation min_window must be > 0".to_owned(), help);
            }
            Ok(_) => {}
        }
    }

    fn endpoint_declarations(&mut self) {
        for (name, declaration) in &self.document.endpoints {
            let prefix = format!("SDL invalid: endpoint named {}", quote(name));
            if !is_endpoint_name(name) {
                let help = "a name begins with a lower-case letter, has two or more characters of a-z 0-9 - _";
                self.fail(declaration.at, format!("{prefix} is not a valid name"), help);
            } else if declaration.kind.text.is_empty() {
                self.fail(declaration.at, format!("{prefix} has no kind"), "write `kind: ip`");
            } else if declaration.kind.text != "ip" {
                let message = format!("{prefix}, unknown kind {}", quote(&declaration.kind.text));
                self.fail(declaration.kind.at, message, "write `kind: ip`");
            }
        }
    }

    fn deployed(&mut self, service_name: &'a str, placement_name: &str, deployed: &Deployed) {
        let prefix = format!("SDL invalid: {service_name}.{placement_name}: no");
        let profile = &deployed.profile;
        let compute = self.document.compute.get(&profile.text);
        if compute.is_none() {
            let at = if profile.text.is_empty() { deployed.at } else { profile.at };
            let help = known("the compute profiles are", self.document.compute.keys());
            self.fail(at, format!("{prefix} compute profile named {}", profile.text), &help);
        }
        match self.document.placements.get(placement_name) {
            None => {
                let help = known("the placement profiles are", self.document.placements.keys());
                self.fail(deployed.at, format!("{prefix} placement profile named {placement_name}"), &help);
            }
            Some(placement) if compute.is_some() && !placement.pricing.contains_key(&profile.text) => {
                let help = format!("add `{}` under profiles.placement.{placement_name}.pricing", profile.text);
                self.fail(deployed.at, format!("{prefix} pricing for profile {}", profile.text), &help);
            }
            Some(_) => {}
        }
        let Some((service_name, service)) = self.document.services.get_key_value(service_name) else {
            let help = known("the services are", self.document.services.keys());
            return self.fail(deployed.at, format!("{prefix} service profile named {service_name}"), &help);
        };
        self.credentials(service_name, placement_name, service);
        self.leased_ips(service_name, service);
        if let Some(compute) = compute {
            self.mounts(service_name, service, compute);
        }
    }

    fn credentials(&mut self, service_name: &str, placement_name: &str, service: &Service) {
        let Some(credentials) = &service.credentials else { return };
        let parts =
            [("Host", &credentials.host), ("Username", &credentials.username), ("Password", &credentials.password)];
        if let Some((name, _)) = parts.into_iter().find(|(_, text)| text.trim().is_empty()) {
            let message = format!("SDL invalid: {service_name}.{placement_name}: service Credentials missing {name}");
            self.fail(credentials.at, message, "give host, username and password, or leave `credentials` out");
        }
    }

    fn leased_ips(&mut self, service_name: &'a str, service: &'a Service) {
        for expose in &service.expose {
            for to in expose.to.iter().filter(|to| !to.ip.text.is_empty()) {
                let (ip, at) = (to.ip.text.as_str(), to.ip.at);
                if let Err((message, help)) = self.check_ip(service_name, to) {
                    self.fail(at, message, help);
                    continue;
                }
                self.used.insert(ip);
                // PARITY(sdl/ip-collision): `as` and `proto` count as written, so `tcp` and nothing do not collide.
                let key = (ip, expose.external_port, expose.proto_written.as_str());
                if let Some(other) = self.ips.insert(key, service_name) {
                    let (ip, service, other) = (quote(ip), quote(service_name), quote(other));
                    let use_of = format!("IP endpoint {ip} port: {} protocol: {}", expose.port, expose.proto_written);
                    let message =
                        format!("SDL invalid: {use_of} specified by service {service} already in use by {other}");
                    self.fail(at, message, "give each use of one IP its own `as` or `proto`");
                }
            }
        }
    }

    fn check_ip(&self, service_name: &str, to: &ExposeTo) -> Result<(), (String, &'static str)> {
        let (service, ip) = (quote(service_name), quote(&to.ip.text));
        if !to.global {
            let rule = "if an IP is declared the directive must be declared as global";
            return Err((format!("SDL invalid: error on {service} {rule}"), "add `global: true` beside `ip`"));
        }
        match self.document.endpoints.get(&to.ip.text) {
            None => {
                let message = format!("SDL invalid: error on service {service} no endpoint named {ip} exists");
                Err((message, "declare it under `endpoints` with `kind: ip`"))
            }
            Some(declared) if declared.kind.text != "ip" => {
                let kind = quote(&declared.kind.text);
                let message =
                    format!("SDL invalid: error on service {service} endpoint {ip} has type {kind}, should be \"ip\"");
                Err((message, "write `kind: ip`"))
            }
            Some(_) => Ok(()),
        }
    }

    fn mounts(&mut self, service_name: &str, service: &Service, compute: &Compute) {
        let mounts = service.params.as_ref().map(|params| &params.storage);
        let mut points: HashMap<&str, &str> = HashMap::new();
        for (volume, mount) in mounts.into_iter().flatten() {
            let found = compute.storage.iter().map(|(_, volume)| volume).find(|known| known.name == *volume);
            let Some(found) = found else {
                let service = quote(service_name);
                let message = format!(
                    "SDL invalid: service {service} references to no-existing compute volume named {}",
                    quote(volume)
                );
                let names = compute.storage.iter().map(|(_, volume)| &volume.name);
                self.fail(mount.at, message, &known("the volumes of its profile are", names));
                continue;
            };
            if !mount.mount.text.starts_with('/') {
                let path = format!("service.{service_name}.params.{volume}.mount");
                let message = format!("SDL invalid: invalid value for \"{path}\" parameter. expected absolute path");
                self.fail(mount.mount.at, message, "write a path that begins with `/`");
            } else if let Some(other) = points.insert(&mount.mount.text, volume) {
                let point = quote(&mount.mount.text);
                let message =
                    format!("sdl: duplicated mount point: mount {point} already in use by volume {}", quote(other));
                self.fail(mount.mount.at, message, "mount each volume at a path of its own");
            }
            if self.document.rules == Rules::V2_1 && mount.read_only && found.attribute("class") == Some("ram") {
                let path = format!("services.{service_name}.params.storage.{volume}");
                let message =
                    format!("SDL invalid: {path} has readOnly=true which is not allowed for storage class \"ram\"");
                self.fail(mount.at, message, "remove `readOnly`");
            }
        }
        if mounts.is_none_or(BTreeMap::is_empty) {
            self.unmounted(service_name, compute);
        }
    }

    // PARITY(sdl/unmounted-volumes): under 2.0 one mounted volume lets the others stay unmounted.
    fn unmounted(&mut self, service_name: &str, compute: &Compute) {
        if self.document.rules != Rules::V2_0 {
            return;
        }
        let unmounted = compute.storage.iter().find(|(_, volume)| volume.attribute("persistent") == Some("true"));
        if let Some((at, volume)) = unmounted {
            let name = &volume.name;
            let path = format!("service.{service_name}.params.storage.{name}");
            let message =
                format!("SDL invalid: compute.storage.{name} has persistent=true which requires {path} to have mount");
            let help = format!("add `params: {{storage: {{{name}: {{mount: /PATH}}}}}}` to the service");
            self.fail(*at, message, &help);
        }
    }

    fn unused_endpoints(&mut self) {
        for (name, declaration) in &self.document.endpoints {
            if !self.used.contains(name.as_str()) {
                let message = format!("SDL invalid: endpoint {} declared but never used", quote(name));
                self.fail(declaration.at, message, "use it as `ip` in an `expose.to`, or remove it");
            }
        }
    }
}

/// `^[[:lower:]]+[[:lower:]-_\d]+$`
fn is_endpoint_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

fn known<'a>(title: &str, names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() { "none is defined".to_owned() } else { format!("{title} {}", names.join(", ")) }
}
