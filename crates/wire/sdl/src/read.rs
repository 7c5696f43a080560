//! The pipeline from text to groups, manifest and reclamation window.

use std::{collections::HashSet, time::Duration};

use akash_proto::akash::deployment::v1beta4::GroupSpec;

use crate::{
    build::{Built, build},
    decode::{Decoder, document},
    document::{Compute, Document},
    go::duration::parse_duration,
    group::Group,
    limits::{self, GroupsError, Part, Resource},
    manifest::{Manifest, ManifestError, Place, problems},
    problem::{Errors, Faults, Problem},
    references,
    yaml::{At, load},
};

/// A checked SDL.
#[derive(Clone, Debug)]
pub struct Sdl {
    groups: Vec<Group>,
    manifest: Manifest,
    reclamation: Option<Duration>,
    warnings: Vec<Problem>,
}

impl Sdl {
    /// The groups as they go on chain.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupSpec> {
        self.groups.iter().map(Group::to_proto).collect()
    }

    /// The groups as Go's JSON encoder shows them, which tells absent lists from empty ones.
    #[must_use]
    pub fn groups_json(&self) -> serde_json::Value {
        self.groups.iter().map(Group::to_json).collect()
    }

    /// What the provider runs.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// How long a provider must wait before it takes a closed lease's resources back.
    #[must_use]
    pub fn reclamation(&self) -> Option<Duration> {
        self.reclamation
    }

    /// What was read but changes nothing, such as unknown keys.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }
}

/// Reads an SDL of version 2.0 or 2.1.
///
/// # Errors
/// Every fault that was found; the first is the one that the reference implementation would report.
pub fn read(text: impl AsRef<[u8]>) -> Result<Sdl, Errors> {
    read_all(text.as_ref()).map_err(|problems| {
        let unknown = || vec![Problem::new(At::default(), "sdl: invalid".to_owned())];
        let problems = if problems.is_empty() { unknown() } else { problems };
        Errors::new(problems)
    })
}

fn read_all(text: &[u8]) -> Result<Sdl, Vec<Problem>> {
    let (tree, root) = load(text).map_err(|problem| vec![problem])?;
    let Some(root) = root else {
        let problem = Problem::new(At::default(), "sdl: uninitialized".to_owned());
        return Err(vec![problem.help("the file is empty; begin with the line `version: \"2.0\"`")]);
    };
    let mut decoder = Decoder::new(&tree);
    let decoded = document(&mut decoder, root);
    let (mut found, warnings) = (decoder.problems, decoder.warnings);
    let Some(document) = decoded else { return Err(found) };

    let is_decoded = found.is_empty();
    let (built, faults) = build(&document);
    found.extend(faults);
    found.extend(references::check(&document));
    add_final_problems(&mut found, &document, &built, is_decoded);
    if !found.is_empty() {
        return Err(found);
    }
    let window =
        document.reclamation.as_ref().and_then(|reclamation| parse_duration(&reclamation.min_window.text).ok());
    let reclamation = window.and_then(|window| u64::try_from(window).ok()).map(Duration::from_nanos);
    Ok(Sdl { groups: built.groups, manifest: built.manifest, reclamation, warnings })
}

/// The chain's rules, then the manifest's.
///
/// After other faults only those are added that do not follow from them: none about the whole, none about values
/// that could not be read, none on a line that has a fault already.
fn add_final_problems(found: &mut Vec<Problem>, document: &Document, built: &Built, is_decoded: bool) {
    let is_clean = found.is_empty();
    let groups: Vec<GroupSpec> = built.groups.iter().map(Group::to_proto).collect();
    if is_decoded && (is_clean || !groups.is_empty()) {
        let errors = limits::problems(&groups, Faults::all())
            .into_iter()
            .map(|error| group_problem(document, &built.groups, error));
        found.extend(errors.filter(|problem| !problem.message.contains("total") || is_clean));
    }
    if groups.is_empty() {
        return; // without groups there is no manifest either, and one fault says enough
    }
    let errors = problems(&built.manifest, Faults::all()).into_iter();
    let errors = errors.filter(|error| is_clean || error.place != Place::Whole);
    let mut lines: HashSet<usize> = found.iter().map(|problem| problem.line).collect();
    for problem in errors.map(|error| manifest_problem(document, error)) {
        if is_clean || lines.insert(problem.line) {
            found.push(problem);
        }
    }
    let mut seen = HashSet::new();
    found.retain(|problem| seen.insert((problem.line, problem.column, problem.message.clone())));
}

fn group_problem(document: &Document, groups: &[Group], error: GroupsError) -> Problem {
    let (at, help) = match error.part {
        Part::Groups => (document.at, "name at least one service and placement under `deployment`".to_owned()),
        Part::Group(index) => {
            let name = &groups[index].name;
            let at = document.placements.get(name).map_or(document.at, |placement| placement.at);
            (at, group_help(&error.message))
        }
        Part::Unit(group, unit, resource) => {
            let unit = &groups[group].units[unit];
            let profile = document.compute.get(&unit.profile);
            let at = profile.map_or(document.at, |profile| resource_at(profile, resource));
            match resource {
                Resource::Price => {
                    (unit.price.at, "a unit costs 10000000 at most; one group has one denomination".to_owned())
                }
                resource => (at, resource_help(resource).to_owned()),
            }
        }
    };
    Problem::new(at, error.message).help(help)
}

fn group_help(message: &str) -> String {
    let help = if message.contains("denomination:") {
        "price all placements in one denomination"
    } else if message.contains("total") {
        "count times size of all units must be above 0 and within the group's limit; look at `count`"
    } else {
        "give each placement a name of its own"
    };
    help.to_owned()
}

fn resource_at(profile: &Compute, resource: Resource) -> At {
    let at = match resource {
        Resource::Cpu => profile.cpu.as_ref().map(|(at, _)| *at),
        Resource::Memory => profile.memory.as_ref().map(|(at, _)| *at),
        Resource::Gpu => profile.gpu.as_ref().map(|(at, _)| *at),
        Resource::Storage(index) => profile.storage.get(index).map(|(at, _)| *at).or(Some(profile.storage_at)),
        Resource::Id | Resource::Price => None,
    };
    at.unwrap_or(profile.at)
}

fn resource_help(resource: Resource) -> &'static str {
    match resource {
        Resource::Cpu => "a unit has 10m (0.01) to 384 CPUs",
        Resource::Memory => "a unit has 1Mi to 2Ti of memory",
        Resource::Gpu => "a unit has at most 24 GPUs; `attributes` need `units` above 0",
        Resource::Storage(_) => "a volume has 5Mi to 32Ti, and every unit has at least one",
        Resource::Id | Resource::Price => "look at the profile's resources",
    }
}

fn manifest_problem(document: &Document, error: ManifestError) -> Problem {
    let service = |name: &String| document.services.get(name);
    let (at, help) = match &error.place {
        Place::Whole => (None, "let at least one service have `expose` with `to: [{global: true}]`"),
        Place::Service(name) => (
            service(name).map(|service| service.at),
            "a name has lower-case letters, digits and inner dashes, and begins with a letter",
        ),
        Place::Image(name) => (service(name).map(|service| service.image.at), "write `image: NAME:TAG`"),
        Place::Env(name, variable) => {
            let found = service(name).and_then(|service| {
                service.env.iter().flatten().find(|text| text.text == *variable).map(|text| text.at)
            });
            (found, "write NAME=value; a name has letters, digits and - . _ and does not begin with a digit")
        }
        Place::Expose(name, port) => {
            let found = service(name).and_then(|service| service.expose.iter().find(|expose| expose.port == *port));
            (found.map(|expose| expose.at), "write a port from 1 to 65535")
        }
        Place::Host(name, host) => {
            let mut hosts = service(name)
                .into_iter()
                .flat_map(|service| &service.expose)
                .flat_map(|expose| expose.accept.iter().flatten());
            let found = hosts.rfind(|text| text.text == *host).map(|text| text.at);
            (found, "write a lower-case name such as app.example.com, each name once in the whole file")
        }
    };
    Problem::new(at.unwrap_or(document.at), error.message).help(help)
}
