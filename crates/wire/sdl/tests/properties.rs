//! Texts that are made from parts are read to these parts, and a manifest comes back from its canonical text.
//!
//! 256 cases each, or as many as `PROPTEST_CASES` says; CONTRIBUTING.md has the nightly command.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use akash_sdl::{
    Attribute, Cpu, Credentials, Endpoint, Expose, Gpu, HttpOptions, Manifest, ManifestGroup, Memory, Params,
    Permissions, Resources, Service, StorageParams, Tee, Volume, check_groups, check_manifest,
    check_manifest_against_groups, read,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// A service of a generated SDL.
#[derive(Clone, Debug)]
struct Wanted {
    cpu_milli: u64,
    memory_mib: u64,
    storage_mib: u64,
    count: u32,
    price: u32,
    port: u16,
    env: Vec<String>,
    args: Vec<String>,
    to_first: bool,
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let sizes = (10_u64..1000, 1_u64..1000, 5_u64..1000, 1_u32..4, 1_u32..100_000);
    let rest = (1_u16.., vec("[A-Z]{1,5}=[a-z0-9 :#'\"{}\\[\\]-]{0,8}", 0..3), vec("[ -~]{0,6}", 0..3), any::<bool>());
    (sizes, rest).prop_map(|((cpu_milli, memory_mib, storage_mib, count, price), (port, env, args, to_first))| Wanted {
        cpu_milli,
        memory_mib,
        storage_mib,
        count,
        price,
        port,
        env,
        args,
        to_first,
    })
}

/// The list in flow style with quotes, as JSON has it, which YAML reads, too.
fn quoted(items: &[String]) -> String {
    serde_json::to_string(items).unwrap()
}

fn sdl(version: &str, services: &[Wanted]) -> String {
    let mut text = format!("version: \"{version}\"\nservices:\n");
    for (index, service) in services.iter().enumerate() {
        text += &format!("  s{index}:\n    image: nginx:{index}\n");
        if !service.env.is_empty() {
            text += &format!("    env: {}\n", quoted(&service.env));
        }
        if !service.args.is_empty() {
            text += &format!("    args: {}\n", quoted(&service.args));
        }
        let to = if service.to_first && index > 0 { "service: s0" } else { "global: true" };
        text += &format!("    expose:\n      - port: {}\n        to:\n          - {to}\n", service.port);
    }
    text += "profiles:\n  compute:\n";
    for (index, service) in services.iter().enumerate() {
        text += &format!("    c{index}:\n      resources:\n        cpu: {{units: {}m}}\n", service.cpu_milli);
        text += &format!("        memory: {{size: {}Mi}}\n", service.memory_mib);
        text += &format!("        storage: {{size: {}Mi}}\n", service.storage_mib);
    }
    text += "  placement:\n    p:\n      pricing:\n";
    for (index, service) in services.iter().enumerate() {
        text += &format!("        c{index}: {{denom: uakt, amount: {}}}\n", service.price);
    }
    text += "deployment:\n";
    for (index, service) in services.iter().enumerate() {
        text += &format!("  s{index}:\n    p: {{profile: c{index}, count: {}}}\n", service.count);
    }
    text
}

fn text() -> impl Strategy<Value = String> {
    "[a-z0-9<>&\"\\\\\n\t\u{2028}ü😀-]{0,6}"
}

fn attributes() -> impl Strategy<Value = Vec<Attribute>> {
    vec((text(), text()).prop_map(|(key, value)| Attribute { key, value }), 0..3)
}

fn resources() -> impl Strategy<Value = Resources> {
    let volume = (text(), any::<u64>(), attributes());
    let volume = volume.prop_map(|(name, size, attributes)| Volume { name, size, attributes });
    let endpoint = (any::<i32>(), any::<u32>());
    let endpoint = endpoint.prop_map(|(kind, sequence_number)| Endpoint { kind, sequence_number });
    let amount = || (any::<u64>(), attributes());
    (
        any::<u32>(),
        option::of(amount().prop_map(|(units, attributes)| Cpu { units, attributes })),
        option::of(amount().prop_map(|(size, attributes)| Memory { size, attributes })),
        // An empty list is not written, as in Go.
        option::of(vec(volume, 1..3)),
        option::of(amount().prop_map(|(units, attributes)| Gpu { units, attributes })),
        option::of(vec(endpoint, 0..3)),
    )
        .prop_map(|(id, cpu, memory, storage, gpu, endpoints)| Resources {
            id,
            cpu,
            memory,
            storage,
            gpu,
            endpoints,
        })
}

fn expose() -> impl Strategy<Value = Expose> {
    let numbers = (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>());
    let texts = (text(), text(), text(), option::of(vec(text(), 0..3)));
    let options = (any::<[u32; 6]>(), vec(text(), 0..3)).prop_map(|(numbers, next_cases)| {
        let [max_body_size, read_timeout, send_timeout, next_tries, next_timeout, proxy_buffer_size] = numbers;
        HttpOptions {
            max_body_size,
            read_timeout,
            send_timeout,
            next_tries,
            next_timeout,
            next_cases,
            proxy_buffer_size,
        }
    });
    (numbers, texts, options).prop_map(|(numbers, (proto, service, ip, hosts), http_options)| {
        let (port, external_port, endpoint_sequence_number, global) = numbers;
        Expose { port, external_port, proto, service, global, hosts, http_options, ip, endpoint_sequence_number }
    })
}

fn credentials() -> impl Strategy<Value = Credentials> {
    [text(), text(), text(), text()].prop_map(|[host, email, username, password]| Credentials {
        host,
        email,
        username,
        password,
    })
}

fn params() -> impl Strategy<Value = Params> {
    let mount = (text(), text(), any::<bool>());
    let mount = mount.prop_map(|(name, mount, read_only)| StorageParams { name, mount, read_only });
    (
        option::of(vec(mount, 0..3)),
        option::of(credentials()),
        option::of(vec(text(), 0..3).prop_map(|read| Permissions { read })),
        option::of((text(), any::<bool>()).prop_map(|(kind, attestation)| Tee { kind, attestation })),
    )
        .prop_map(|(storage, credentials, permissions, tee)| Params { storage, credentials, permissions, tee })
}

fn service() -> impl Strategy<Value = Service> {
    let list = || option::of(vec(text(), 0..3));
    (
        (text(), text(), list(), list(), list()),
        (resources(), any::<u32>(), vec(expose(), 0..3), option::of(params()), option::of(credentials())),
    )
        .prop_map(|((name, image, command, args, env), (resources, count, expose, params, credentials))| Service {
            name,
            image,
            command,
            args,
            env,
            resources,
            count,
            expose,
            params,
            credentials,
        })
}

fn manifest() -> impl Strategy<Value = Manifest> {
    let group = (text(), vec(service(), 0..3)).prop_map(|(name, services)| ManifestGroup { name, services });
    vec(group, 0..3).prop_map(|groups| Manifest { groups })
}

proptest! {
    #[test]
    fn a_manifest_comes_back_from_its_canonical_text(manifest in manifest()) {
        let text = manifest.canonical_json();
        let again = Manifest::from_json(text.as_bytes()).unwrap();
        prop_assert_eq!(again.canonical_json(), text);
        prop_assert_eq!(again.hash(), manifest.hash());
        prop_assert_eq!(again, manifest);
    }

    /// Members in any order, and such that nobody knows, are the same manifest.
    #[test]
    fn a_manifest_is_read_whatever_the_order_of_its_members(manifest in manifest()) {
        let mut value: serde_json::Value = serde_json::from_str(&manifest.canonical_json()).unwrap();
        for group in value.as_array_mut().unwrap() {
            group["unknown"] = serde_json::json!({"a": [1, null]});
        }
        let again = Manifest::from_json(value.to_string().as_bytes()).unwrap();
        prop_assert_eq!(again, manifest);
    }

    #[test]
    fn what_an_sdl_says_is_in_groups_and_manifest(version in "2\\.[01]", services in vec(wanted(), 1..5)) {
        let text = sdl(&version, &services);
        let sdl = match read(&text) {
            Ok(sdl) => sdl,
            Err(errors) => return Err(TestCaseError::fail(errors.render("deploy.yaml", &text))),
        };
        let groups = sdl.groups();
        prop_assert_eq!(groups.len(), 1);
        prop_assert_eq!(&groups[0].name, "p");
        let made = &sdl.manifest().groups[0].services;
        prop_assert_eq!(made.len(), services.len());
        for (index, wanted) in services.iter().enumerate() {
            let service = made.iter().find(|service| service.name == format!("s{index}")).unwrap();
            prop_assert_eq!(service.count, wanted.count);
            prop_assert_eq!(service.env.clone().unwrap_or_default(), wanted.env.clone());
            prop_assert_eq!(service.args.clone().unwrap_or_default(), wanted.args.clone());
            prop_assert_eq!(service.resources.cpu.as_ref().unwrap().units, wanted.cpu_milli);
            prop_assert_eq!(service.resources.memory.as_ref().unwrap().size, wanted.memory_mib << 20);
            prop_assert_eq!(service.expose[0].port, u32::from(wanted.port));
        }
        let again = Manifest::from_json(sdl.manifest().canonical_json().as_bytes()).unwrap();
        prop_assert_eq!(&again, sdl.manifest());
        prop_assert!(check_groups(&groups).is_ok() && check_manifest(&again).is_ok());
        prop_assert_eq!(check_manifest_against_groups(&again, &groups), Ok(()));
    }
}
