//! Images that are not what they should be.

use crate::world::{World, tenant};
use akash_cluster::embedded::{Embedded, EmbeddedConfig, LoopbackRegistries, driver};
use akash_cluster::registry::{Image, ImageBuilder};
use akash_cluster::{Cluster, LeaseStatus};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;

async fn problem(world: &World, number: u64, image: String) -> String {
    let mut workload = world.workload(number, &[]);
    workload.services[0].image = image;
    world.deploy(&workload).await;
    let status = world.wait(&workload.lease, |s| s.services["web"].last_error.is_some()).await;
    assert!(!status.is_ready());
    status.services["web"].last_error.clone().unwrap()
}

pub async fn an_image_that_does_not_exist_is_named(world: &World) {
    let image = format!("{}/nothing:1", world.registry.address());
    assert_eq!(problem(world, 20, image.clone()).await, format!("image not found: {image}"));
}

pub async fn a_tampered_layer_is_refused(world: &World) {
    let build = |text: &str| {
        let files = ImageBuilder::new().file("/tenant", tenant(), 0o755).file("/text", text.into(), 0o644);
        files.entrypoint(&["/tenant"]).build("tampered", "latest").unwrap()
    };
    let (good, other) = (build("good"), build("evil"));
    let reference = world.registry.reference(&good);
    let (digest, bytes) = (good.blobs[1].0.clone(), other.blobs[1].1.clone());
    world.registry.add(good);
    world.registry.corrupt(&digest, bytes);
    let problem = problem(world, 21, reference).await;
    assert!(problem.contains("is refused"), "{problem}");
}

/// A layer may name what it likes: files end inside of it, or it is refused.
pub async fn layers_cannot_escape(world: &World) {
    let target = world.directory.path().join("escaped");
    let climb = format!("{}{}", "../".repeat(20), target.display().to_string().trim_start_matches('/'));
    let hostile = archive(&[Entry::File(&climb, b"out")]);
    let refused = problem(world, 22, serve(world, "climbs", hostile)).await;
    assert!(refused.contains("leaves the layer"), "{refused}");
    let through_link = archive(&[
        Entry::Link("door", world.directory.path().to_str().unwrap()),
        Entry::File("door/escaped", b"out"),
        Entry::File("tenant", &tenant()),
    ]);
    let mut workload = world.workload(23, &[]);
    workload.services[0].image = serve(world, "door", through_link);
    world.deploy(&workload).await;
    let settled = |s: &LeaseStatus| s.is_ready() || s.services["web"].last_error.is_some();
    world.wait(&workload.lease, settled).await;
    assert!(!target.exists(), "a file came out of the layer");
}

pub async fn layers_hide_what_they_delete_and_an_index_names_the_platform(world: &World) {
    let base = archive(&[
        Entry::File("tenant", &tenant()),
        Entry::File("gone", b"1"),
        Entry::File("kept", b"1"),
        Entry::File("d/old", b"1"),
    ]);
    let top = archive(&[Entry::File(".wh.gone", b""), Entry::File("d/.wh..wh..opq", b""), Entry::File("d/new", b"1")]);
    let mut image = Image::from_archive("two", "latest", base.clone(), &["/tenant"]).unwrap();
    let config = json!({
        "os": "linux", "architecture": "amd64", "config": { "Entrypoint": ["/tenant"] },
        "rootfs": { "type": "layers", "diff_ids": [digest(&base), digest(&top)] },
    });
    let config = config.to_string().into_bytes();
    let layer = "application/vnd.oci.image.layer.v1.tar";
    image.manifest = json!({
        "schemaVersion": 2,
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": [descriptor(layer, &base), descriptor(layer, &top)],
    })
    .to_string()
    .into_bytes();
    image.manifest_digest = digest(&image.manifest);
    image.blobs = [config, base, top].map(|blob| (digest(&blob), blob)).into();
    let manifest_type = "application/vnd.oci.image.manifest.v1+json";
    let on = |architecture: &str, manifest: &[u8]| {
        let mut entry = descriptor(manifest_type, manifest);
        entry["platform"] = json!({ "os": "linux", "architecture": architecture });
        entry
    };
    let index = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [on("arm64", b"not there"), on("amd64", &image.manifest)],
    });
    let index = index.to_string().into_bytes();
    let tagged = Image { manifest_digest: digest(&index), manifest: index, tag: "index".into(), ..image.clone() };
    let mut workload = world.workload(27, &["exists", "/gone", "/kept", "/d/old", "/d/new"]);
    workload.services[0].image = world.registry.reference(&tagged);
    world.registry.add(image);
    world.registry.add(tagged);
    let lines = world.output(&workload).await;
    let want = ["exists /gone false", "exists /kept true", "exists /d/old false", "exists /d/new true"];
    assert_eq!(lines[..4], want);
}

fn descriptor(media_type: &str, bytes: &[u8]) -> serde_json::Value {
    json!({ "mediaType": media_type, "digest": digest(bytes), "size": bytes.len() })
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{:x}", Sha256::digest(bytes))
}

pub async fn an_image_can_be_named_by_digest(world: &World) {
    let image = crate::world::image();
    let mut workload = world.workload(24, &[]);
    workload.services[0].image = format!("{}/{}@{}", world.registry.address(), image.name, image.manifest_digest);
    world.run(&workload).await;
}

pub async fn a_registry_of_this_machine_can_have_a_name(world: &World) {
    let root = world.directory.path().join("named");
    let names = [("play.localhost".to_owned(), world.registry.address())];
    let config = EmbeddedConfig {
        loopback_registries: LoopbackRegistries::Named(names.into()),
        ..crate::world::config(root, &format!("{}-named", world.parent), world.registry.address())
    };
    let cluster = Embedded::open(config).await.unwrap();
    let mut workload = world.workload(26, &[]);
    workload.services[0].image = "play.localhost/tenant:latest".into();
    let status = driver::run(&cluster, &workload, Duration::from_secs(30)).await.unwrap();
    assert!(status.is_ready(), "{status:?}");
    let listed = driver::list(&world.directory.path().join("named")).unwrap();
    assert_eq!((listed[0].replica.as_str(), listed[0].phase), ("web-0", "running"));
    cluster.teardown(&workload.lease).await.unwrap();
    cluster.close().await;
}

/// It takes connections and says nothing.
pub async fn a_silent_registry_holds_up_neither_updates_nor_others(world: &World) {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let root = world.directory.path().join("silent");
    let registries = vec![world.registry.address(), silent.local_addr().unwrap()];
    let config = EmbeddedConfig {
        loopback_registries: LoopbackRegistries::Only(registries),
        ..crate::world::config(root, &format!("{}-silent", world.parent), world.registry.address())
    };
    let cluster = Embedded::open(config).await.unwrap();
    let mut updated = world.workload(28, &[]);
    let good = updated.services[0].image.clone();
    updated.services[0].image = format!("{}/x:1", silent.local_addr().unwrap());
    cluster.deploy(&updated).await.unwrap();
    let (connection, _) = tokio::task::spawn_blocking(move || silent.accept()).await.unwrap().unwrap();
    let other = world.workload(29, &[]);
    assert!(driver::run(&cluster, &other, Duration::from_secs(15)).await.unwrap().is_ready());
    updated.services[0].image = good;
    assert!(driver::run(&cluster, &updated, Duration::from_secs(15)).await.unwrap().is_ready());
    drop(connection);
    for workload in [updated, other] {
        cluster.teardown(&workload.lease).await.unwrap();
    }
    cluster.close().await;
}

pub async fn other_registries_of_this_machine_are_refused(world: &World) {
    let problem = problem(world, 25, "127.0.0.1:1/x:1".into()).await;
    assert_eq!(problem, "127.0.0.1:1 is not an allowed registry: it is on this machine");
}

enum Entry<'a> {
    File(&'a str, &'a [u8]),
    Link(&'a str, &'a str),
}

/// Names are written past the library's checks.
fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        let (name, data, kind) = match entry {
            Entry::File(name, data) => (name, *data, tar::EntryType::Regular),
            Entry::Link(name, target) => {
                header.set_link_name_literal(target).unwrap();
                (name, &[][..], tar::EntryType::Symlink)
            }
        };
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(0o755);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(data.len() as u64);
        header.set_cksum();
        builder.append(&header, data).unwrap();
    }
    builder.into_inner().unwrap()
}

/// An image whose only layer is this archive.
fn serve(world: &World, name: &str, archive: Vec<u8>) -> String {
    let image = Image::from_archive(name, "latest", archive, &["/tenant"]).unwrap();
    let reference = world.registry.reference(&image);
    world.registry.add(image);
    reference
}
