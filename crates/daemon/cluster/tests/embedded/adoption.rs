//! The daemon goes, containers stay.

use crate::world::{World, config, identities};
use akash_cluster::embedded::{Embedded, OpenError};
use akash_cluster::{Cluster, LeaseStatus, Workload};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};

/// First argument of this executable as a daemon.
pub const DAEMON: &str = "--as-daemon";

/// Deploys what is in a file, says `ready`, and waits to be killed. Arguments: root, cgroup parent, registry, file.
pub fn daemon(arguments: &[String]) -> ExitCode {
    let [root, parent, registry, file] = arguments else { return ExitCode::FAILURE };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let workload: Workload = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let cluster = Embedded::open(config(root.into(), parent, registry.parse().unwrap())).await.unwrap();
        cluster.deploy(&workload).await.unwrap();
        while !cluster.lease_status(&workload.lease).await.unwrap().unwrap().is_ready() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        println!("ready");
        std::future::pending::<()>().await;
    });
    ExitCode::SUCCESS
}

pub async fn a_killed_daemon_is_replaced_without_a_restart(world: &World) {
    let workload = world.workload(60, &[]);
    let mut world = World {
        cluster: None,
        registry: akash_cluster::registry::Registry::serve(([127, 0, 0, 1], 0).into(), vec![crate::world::image()])
            .await
            .unwrap(),
        image: world.image.clone(),
        parent: format!("{}-killed", world.parent),
        directory: tempfile::tempdir().unwrap(),
    };
    let workload = with_image(workload, &world);
    std::fs::create_dir(world.root()).unwrap();
    for _ in 0..3 {
        let mut daemon = start_daemon(&world, &workload);
        let before = identities(&world, &workload.lease, "web-0");
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        world.open().await;
        let status = world.wait(&workload.lease, LeaseStatus::is_ready).await;
        assert_eq!(status.services["web"].restarts, 0);
        assert!(world.get("t60.localhost", "/").await.contains("hello from web-0"));
        // Longer than the period in which the backend looks: nothing changes.
        tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
        assert_eq!(identities(&world, &workload.lease, "web-0"), before, "the same processes");
        world.close().await;
        assert_eq!(identities(&world, &workload.lease, "web-0"), before, "closing ends nothing");
    }
    world.open().await;
    world.finish().await;
}

fn start_daemon(world: &World, workload: &Workload) -> Child {
    let file = world.directory.path().join("workload.json");
    std::fs::write(&file, serde_json::to_vec(workload).unwrap()).unwrap();
    let mut daemon = Command::new("/proc/self/exe")
        .arg(DAEMON)
        .arg(world.root())
        .arg(&world.parent)
        .arg(world.registry.address().to_string())
        .arg(file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready");
    daemon
}

fn with_image(mut workload: Workload, world: &World) -> Workload {
    workload.services[0].image = format!("{}/tenant:latest", world.registry.address());
    workload
}

pub async fn a_teardown_that_was_cut_short_is_finished(world: &World) {
    let root = world.directory.path().join("cut");
    let config = || config(root.clone(), &format!("{}-cut", world.parent), world.registry.address());
    let cluster = Embedded::open(config()).await.unwrap();
    let workload = world.workload(61, &[]);
    cluster.deploy(&workload).await.unwrap();
    while !cluster.lease_status(&workload.lease).await.unwrap().unwrap().is_ready() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    cluster.close().await;
    let lease = std::fs::read_dir(root.join("leases")).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(lease.join("desired.json")).unwrap(); // the first step of a teardown
    let cluster = Embedded::open(config()).await.unwrap();
    assert_eq!(cluster.lease_status(&workload.lease).await.unwrap(), None);
    cluster.teardown(&workload.lease).await.unwrap();
    assert!(!lease.exists());
}

pub async fn one_process_manages_a_root(world: &World) {
    let second = Embedded::open(config(world.root(), &world.parent, world.registry.address())).await;
    assert!(matches!(second, Err(OpenError::Busy(_))));
}
