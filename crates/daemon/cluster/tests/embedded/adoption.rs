//! The daemon goes, containers stay.

use crate::world::{World, config, identities};
use akash_cluster::embedded::{Embedded, OpenError};
use akash_cluster::registry::Registry;
use akash_cluster::{Cluster, LeaseStatus, Workload};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};

/// First argument of this executable as a daemon.
pub const DAEMON: &str = "--as-daemon";

/// First argument of this executable as somebody without rights.
pub const NOBODY: &str = "--as-nobody";

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

/// A world whose backend is not open yet, with a workload from its own registry.
async fn closed_world(world: &World, number: u64, name: &str) -> (World, Workload) {
    let registry = Registry::serve(([127, 0, 0, 1], 0).into(), vec![crate::world::image()]).await.unwrap();
    let mut workload = world.workload(number, &[]);
    workload.services[0].image = format!("{}/tenant:latest", registry.address());
    let closed = World {
        cluster: None,
        image: workload.services[0].image.clone(),
        registry,
        parent: format!("{}-{name}", world.parent),
        directory: tempfile::tempdir().unwrap(),
    };
    std::fs::create_dir(closed.root()).unwrap();
    (closed, workload)
}

pub async fn a_killed_daemon_is_replaced_without_a_restart(world: &World) {
    let (mut world, workload) = closed_world(world, 60, "killed").await;
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
    let mut daemon = spawn_daemon(world, workload);
    let mut line = String::new();
    BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready");
    daemon
}

fn spawn_daemon(world: &World, workload: &Workload) -> Child {
    let file = world.directory.path().join("workload.json");
    std::fs::write(&file, serde_json::to_vec(workload).unwrap()).unwrap();
    let mut command = Command::new("/proc/self/exe");
    command.arg(DAEMON).arg(world.root()).arg(&world.parent).arg(world.registry.address().to_string()).arg(file);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

pub async fn daemons_killed_while_they_deploy_lose_nothing(world: &World) {
    let (mut world, workload) = closed_world(world, 62, "chaos").await;
    for round in 0..10u64 {
        let mut daemon = spawn_daemon(&world, &workload);
        tokio::time::sleep(std::time::Duration::from_millis(round * 19)).await;
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        world.open().await;
        world.run(&workload).await; // may have been recorded or not
        assert_eq!(world.shims().len(), 1, "round {round}");
        assert!(world.get("t62.localhost", "/").await.contains("hello from web-0"));
        world.teardown(&workload).await;
        world.close().await;
    }
    world.open().await;
    world.finish().await;
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

pub async fn stopped_containers_run_again_after_the_next_start(world: &World) {
    let (mut world, workload) = closed_world(world, 63, "stopped").await;
    world.open().await;
    world.run(&workload).await;
    let before = identities(&world, &workload.lease, "web-0");
    world.cluster().stop_containers().await.unwrap();
    assert_eq!(world.shims(), Vec::<i32>::new());
    let left = world.leftovers();
    assert!(left.iter().all(|what| what.starts_with('/')), "only what is wanted is left: {left:?}");
    world.close().await;
    world.open().await;
    world.wait(&workload.lease, LeaseStatus::is_ready).await;
    assert_ne!(identities(&world, &workload.lease, "web-0"), before);
    world.finish().await;
}

/// Runs itself as nobody, who may do nothing.
pub async fn missing_rights_are_named_with_a_remedy(_: &World) {
    let output = Command::new("/proc/self/exe").arg(NOBODY).uid(65_534).gid(65_534).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("this process cannot run containers"), "{text}");
    assert!(text.contains("CAP_SYS_ADMIN") && text.contains("run it as root"), "{text}");
}

/// Opens a backend and prints the error.
pub fn nobody() -> ExitCode {
    let root = std::env::temp_dir().join("never-made");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let address = ([127, 0, 0, 1], 1).into();
    match runtime.block_on(Embedded::open(config(root, "akash-test-nobody", address))) {
        Err(error) => println!("{error}"),
        Ok(_) => println!("it opened"),
    }
    ExitCode::SUCCESS
}

pub async fn one_process_manages_a_root(world: &World) {
    let second = Embedded::open(config(world.root(), &world.parent, world.registry.address())).await;
    assert!(matches!(second, Err(OpenError::Busy(_))));
}
