//! From a checked document to groups and manifest.
//!
//! Both are built in one walk, because a service of the manifest names the number of its unit in the group.

use std::collections::{BTreeMap, HashMap};

use crate::{
    document::{Compute, Document, Expose, ExposeTo, HttpOptions, Proto, Rules, Service, Text},
    go::{quote::quote, sort::sort},
    group::{Group, Unit},
    manifest::{self, Manifest, ManifestGroup},
    problem::Problem,
    resources::{Attribute, Endpoint, Resources},
};

const SHARED_HTTP: i32 = 0;
const RANDOM_PORT: i32 = 1;
const LEASED_IP: i32 = 2;
/// The only port that the shared HTTP ingress serves.
const HTTP_PORT: u32 = 80;
const DEFAULT_BODY_SIZE: u32 = 1_048_576;
const DEFAULT_TIMEOUT_MS: u32 = 60_000;
const DEFAULT_TRIES: u32 = 3;

/// What a document deploys.
pub struct Built {
    pub groups: Vec<Group>,
    pub manifest: Manifest,
}

/// Builds groups and manifest. References that lead nowhere are left out; the caller refuses such a document.
pub fn build(document: &Document) -> (Built, Vec<Problem>) {
    let mut builder =
        Builder { document, sequence: sequence_numbers(document), groups: BTreeMap::new(), problems: Vec::new() };
    for (service_name, placements) in &document.deployment {
        for (placement_name, deployed) in placements {
            builder.add(service_name, placement_name, &deployed.profile.text, deployed.count);
        }
    }
    let (groups, manifests) = builder.groups.into_values().map(|entry| (entry.group, entry.services)).unzip();
    (Built { groups, manifest: Manifest { groups: manifests } }, builder.problems)
}

struct Builder<'a> {
    document: &'a Document,
    sequence: HashMap<&'a str, u32>,
    groups: BTreeMap<&'a str, Entry<'a>>,
    problems: Vec<Problem>,
}

struct Entry<'a> {
    group: Group,
    services: ManifestGroup,
    /// Under 2.1: compute profile to index of its unit.
    units: HashMap<&'a str, usize>,
    tee: Option<&'a Text>,
}

impl<'a> Builder<'a> {
    fn add(&mut self, service_name: &'a str, placement_name: &'a str, profile: &'a str, count: u32) {
        let document = self.document;
        let Some(service) = document.services.get(service_name) else { return };
        let Some((profile, compute)) = document.compute.get_key_value(profile) else { return };
        let Some(placement) = document.placements.get(placement_name) else { return };
        let Some(price) = placement.pricing.get(profile) else { return };
        let exposes = self.exposes(service);
        let endpoints = endpoints(&exposes);
        let resources = resources(compute, endpoints);

        let entry = self.groups.entry(placement_name).or_insert_with(|| Entry {
            group: Group {
                name: placement_name.to_owned(),
                attributes: placement.attributes.clone(),
                all_of: placement.all_of.clone(),
                any_of: placement.any_of.clone(),
                units: Vec::new(),
            },
            services: ManifestGroup { name: placement_name.to_owned(), services: Vec::new() },
            units: HashMap::new(),
            tee: None,
        });
        let unit = Unit { resources: resources.clone(), count, price: price.clone(), profile: profile.clone() };
        let id = match entry.add_unit(document.rules, profile, unit) {
            Ok(id) => id,
            Err(message) => return self.problems.push(Problem::new(compute.at, message)),
        };
        self.problems.extend(entry.add_tee(service, compute));
        let resources = Resources { id, ..resources };
        entry.services.services.push(manifest_service(
            document.rules,
            service_name,
            service,
            resources,
            count,
            exposes,
        ));
    }

    /// The expose entries of a service in the manifest's order.
    fn exposes(&self, service: &Service) -> Vec<manifest::Expose> {
        let alone = [ExposeTo::default()];
        let mut exposes = Vec::new();
        for expose in &service.expose {
            // An expose that names nobody still makes one entry.
            let targets = if expose.to.is_empty() { &alone[..] } else { &expose.to };
            exposes.extend(targets.iter().map(|to| self.expose(expose, to)));
        }
        sort(&mut exposes, manifest::expose_comes_before);
        exposes
    }

    fn expose(&self, expose: &Expose, to: &ExposeTo) -> manifest::Expose {
        let leased = to.global && !to.ip.text.is_empty();
        let sequence_number = if leased { self.sequence.get(to.ip.text.as_str()).copied() } else { None };
        manifest::Expose {
            port: expose.port,
            external_port: expose.external_port,
            proto: expose.proto.as_str().to_owned(),
            service: to.service.clone(),
            global: to.global,
            hosts: expose.accept.as_ref().map(|hosts| texts(hosts)),
            http_options: http_options(&expose.http_options),
            ip: to.ip.text.clone(),
            endpoint_sequence_number: sequence_number.unwrap_or_default(),
        }
    }
}

impl<'a> Entry<'a> {
    /// Adds a unit, or under 2.1 joins the unit of the same profile; the unit's id.
    fn add_unit(&mut self, rules: Rules, profile: &'a str, mut unit: Unit) -> Result<u32, String> {
        let next = u32::try_from(self.group.units.len() + 1).map_err(|_| "sdl: too many resource units".to_owned())?;
        if rules == Rules::V2_1
            && let Some(&index) = self.units.get(profile)
        {
            let known = &mut self.group.units[index];
            known.count = known.count.checked_add(unit.count).ok_or("sdl: the sum of counts is above 32 bits")?;
            let endpoints = known.resources.endpoints.get_or_insert_default();
            endpoints.extend(unit.resources.endpoints.into_iter().flatten());
            sort(endpoints, |a, b| a.sequence_number < b.sequence_number);
            return Ok(known.resources.id);
        }
        unit.resources.id = next;
        self.units.insert(profile, self.group.units.len());
        self.group.units.push(unit);
        Ok(next)
    }

    fn add_tee(&mut self, service: &'a Service, compute: &Compute) -> Option<Problem> {
        let tee = service.params.as_ref()?.tee.as_ref()?;
        let gpus = compute.gpu.as_ref().map_or(0, |(_, gpu)| gpu.units);
        if tee.text == "cpu-gpu" && gpus == 0 {
            let message =
                "sdl: tee type requires gpu resources: \"cpu-gpu\" specified but no gpu resources defined".to_owned();
            return Some(Problem::new(tee.at, message).help("write `tee: cpu`, or give the compute profile GPUs"));
        }
        match self.tee {
            None => {
                self.tee = Some(tee);
                self.group.attributes.push(Attribute::new("tee/type", &tee.text));
                self.group.attributes.sort_by(|a, b| a.key.cmp(&b.key));
                None
            }
            Some(first) if first.text != tee.text => {
                let message = format!(
                    "sdl: conflicting tee types in the same placement group: group {} has {} and {}",
                    quote(&self.group.name),
                    quote(&first.text),
                    quote(&tee.text)
                );
                Some(Problem::new(tee.at, message).help("services of one placement share one `tee`"))
            }
            Some(_) => None,
        }
    }
}

/// Numbers for leased IPs.
// PARITY(sdl/sequence-numbers): targets that are not global count with their empty name, and an IP used twice is
// listed twice, the last number winning.
fn sequence_numbers(document: &Document) -> HashMap<&str, u32> {
    let services = document.deployment.keys().filter_map(|name| document.services.get(name));
    let targets = services.flat_map(|service| &service.expose).flat_map(|expose| &expose.to);
    let mut names: Vec<&str> =
        targets.filter(|to| !to.global || !to.ip.text.is_empty()).map(|to| to.ip.text.as_str()).collect();
    names.sort_unstable();
    names.into_iter().zip(1..).collect()
}

/// The endpoints that a service's expose entries need, in their order.
fn endpoints(exposes: &[manifest::Expose]) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for expose in exposes.iter().filter(|expose| expose.global) {
        let kind = if is_ingress(expose) { SHARED_HTTP } else { RANDOM_PORT };
        endpoints.push(Endpoint { kind, sequence_number: 0 });
        if !expose.ip.is_empty() {
            endpoints.push(Endpoint { kind: LEASED_IP, sequence_number: expose.endpoint_sequence_number });
        }
    }
    endpoints
}

/// Whether the shared HTTP ingress serves this entry.
pub fn is_ingress(expose: &manifest::Expose) -> bool {
    let port = if expose.external_port == 0 { expose.port } else { expose.external_port };
    expose.global && expose.proto == Proto::Tcp.as_str() && port == HTTP_PORT
}

fn resources(compute: &Compute, endpoints: Vec<Endpoint>) -> Resources {
    Resources {
        id: 0,
        cpu: compute.cpu.as_ref().map(|(_, cpu)| cpu.clone()),
        memory: compute.memory.as_ref().map(|(_, memory)| memory.clone()),
        storage: Some(compute.storage.iter().map(|(_, volume)| volume.clone()).collect()),
        gpu: Some(compute.gpu.as_ref().map(|(_, gpu)| gpu.clone()).unwrap_or_default()),
        endpoints: Some(endpoints),
    }
}

fn manifest_service(
    rules: Rules,
    name: &str,
    service: &Service,
    resources: Resources,
    count: u32,
    expose: Vec<manifest::Expose>,
) -> manifest::Service {
    manifest::Service {
        name: name.to_owned(),
        image: service.image.text.clone(),
        command: service.command.as_ref().map(|items| texts(items)),
        args: service.args.as_ref().map(|items| texts(items)),
        env: service.env.as_ref().map(|items| texts(items)),
        resources,
        count,
        expose,
        params: service.params.as_ref().map(params),
        credentials: service.credentials.as_ref().map(|credentials| manifest_credentials(rules, credentials)),
    }
}

fn params(params: &crate::document::Params) -> manifest::Params {
    let storage = params.storage.iter().map(|(name, mount)| manifest::StorageParams {
        name: name.clone(),
        mount: mount.mount.text.clone(),
        read_only: mount.read_only,
    });
    let storage: Vec<manifest::StorageParams> = storage.collect();
    manifest::Params {
        storage: (!storage.is_empty()).then_some(storage),
        credentials: None,
        permissions: params.permissions.clone().map(|read| manifest::Permissions { read }),
        tee: params.tee.as_ref().map(|tee| manifest::Tee { kind: tee.text.clone(), attestation: true }),
    }
}

/// 2.0 drops the mail address and keeps blanks; 2.1 keeps all and trims.
fn manifest_credentials(rules: Rules, from: &crate::document::Credentials) -> manifest::Credentials {
    let copy = |text: &String| match rules {
        Rules::V2_0 => text.clone(),
        Rules::V2_1 => text.trim().to_owned(),
    };
    manifest::Credentials {
        host: copy(&from.host),
        email: if rules == Rules::V2_1 { copy(&from.email) } else { String::new() },
        username: copy(&from.username),
        password: copy(&from.password),
    }
}

fn http_options(from: &HttpOptions) -> manifest::HttpOptions {
    let or = |value: u32, default: u32| if value == 0 { default } else { value };
    let next_cases = if from.next_cases.is_empty() {
        vec!["error".to_owned(), "timeout".to_owned()]
    } else {
        from.next_cases.clone()
    };
    manifest::HttpOptions {
        max_body_size: or(from.max_body_size, DEFAULT_BODY_SIZE),
        read_timeout: or(from.read_timeout, DEFAULT_TIMEOUT_MS),
        send_timeout: or(from.send_timeout, DEFAULT_TIMEOUT_MS),
        next_tries: or(from.next_tries, DEFAULT_TRIES),
        next_timeout: from.next_timeout,
        next_cases,
        proxy_buffer_size: from.proxy_buffer_size,
    }
}

fn texts(items: &[Text]) -> Vec<String> {
    items.iter().map(|item| item.text.clone()).collect()
}
