//! From deploy to teardown.

use crate::world::{World, identities};
use akash_cluster::conformance::{self, Subject};
use akash_cluster::{Cluster, LogOptions, Service};
use futures::StreamExt;
use std::time::{Duration, Instant};

pub async fn hello_answers_and_leaves_nothing(world: &World) {
    let workload = world.workload(1, &[]);
    let status = world.run(&workload).await;
    assert_eq!(status.services["web"].uris, ["t1.localhost"]);
    let answer = world.get("t1.localhost", "/").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("hello from web-0"), "{answer}");
    let stats = world.cluster().stats(&workload.lease).await.unwrap();
    assert!(stats[0].memory_bytes > 0 && stats[0].processes > 0, "{stats:?}");
    world.teardown(&workload).await;
    assert_eq!(world.leftovers().into_iter().collect::<Vec<_>>(), Vec::<String>::new());
}

pub async fn the_backend_keeps_the_conformance_suite(world: &World) {
    let root = world.directory.path().join("conformance");
    let config = crate::world::config(root, &format!("{}-conformance", world.parent), world.registry.address());
    let subject = Subject {
        cluster: Box::new(akash_cluster::embedded::Embedded::open(config).await.unwrap()),
        image: world.image.clone(),
        port: 8080,
        log_text: Some("listening".into()),
    };
    conformance::all(&subject).await;
}

pub async fn services_find_each_other_by_name(world: &World) {
    let mut workload = world.workload(3, &[]);
    workload.services[0].count = 2;
    let asking = Service {
        name: "asking".into(),
        args: ["resolve", "web", "web.any.svc.cluster.local", "web-1", "nobody.any.svc.cluster.local"]
            .map(str::to_owned)
            .into(),
        count: 0,
        expose: Vec::new(),
        ..workload.services[0].clone()
    };
    workload.services.push(asking);
    world.run(&workload).await;
    workload.services[1].count = 1;
    world.run(&workload).await;
    let lines: Vec<String> = world.lines_until(&workload.lease, "done").await.into_iter().map(|l| l.line).collect();
    let has = |text: &str| assert!(lines.iter().any(|l| l.starts_with(text)), "{text}: {lines:?}");
    has("resolve web 2 10.200.0.");
    has("resolve web.any.svc.cluster.local 2 10.200.0.");
    has("resolve web-1 1 10.200.0.3");
    has("resolve nobody.any.svc.cluster.local 0");
}

pub async fn a_container_that_ends_is_restarted_with_a_reason(world: &World) {
    let workload = world.workload(4, &["exit", "7"]);
    world.deploy(&workload).await;
    let status = world.wait(&workload.lease, |s| s.services["web"].restarts >= 1).await;
    let reason = status.services["web"].last_error.clone().unwrap();
    assert_eq!(reason, "exited with code 7; last output: leaving");
    let events = world.cluster().events(&workload.lease, false).await.unwrap();
    let reasons: Vec<String> = events.map(|e| e.reason).collect().await;
    for reason in ["Pulling", "Pulled", "Started", "Exited"] {
        assert!(reasons.iter().any(|r| r == reason), "{reason} in {reasons:?}");
    }
}

pub async fn an_update_whose_image_is_missing_leaves_what_runs(world: &World) {
    let mut workload = world.workload(9, &[]);
    world.run(&workload).await;
    let init = identities(world, &workload.lease, "web-0").0;
    let image = workload.services[0].image.replace("latest", "missing");
    workload.services[0].image = image;
    world.deploy(&workload).await;
    let status = world.wait(&workload.lease, |s| s.services["web"].last_error.is_some()).await;
    assert!(status.services["web"].last_error.clone().unwrap().contains("not found"), "{status:?}");
    assert_eq!((status.services["web"].available, status.services["web"].updated_replicas), (1, 0));
    assert_eq!(identities(world, &workload.lease, "web-0").0, init, "the same process");
    assert!(world.get("t9.localhost", "/").await.contains("hello"));
}

pub async fn a_killed_shim_is_replaced(world: &World) {
    let workload = world.workload(5, &[]);
    world.run(&workload).await;
    let (init, shim) = identities(world, &workload.lease, "web-0");
    let pid = shim.split(' ').next().unwrap();
    assert!(std::process::Command::new("kill").args(["-9", pid]).status().unwrap().success());
    world.wait(&workload.lease, |s| !s.is_ready()).await;
    world.wait(&workload.lease, akash_cluster::LeaseStatus::is_ready).await;
    assert_ne!(identities(world, &workload.lease, "web-0").0, init, "another process");
    assert!(world.get("t5.localhost", "/").await.contains("hello"));
}

/// At any moment of a create, also inside of the runtime library.
pub async fn shims_killed_while_they_start_are_replaced(world: &World) {
    let mut workload = world.workload(8, &[]);
    for round in 0..8u64 {
        workload.services[0].env = vec![format!("ROUND={round}")]; // another container each time
        world.deploy(&workload).await;
        let before = world.shims();
        let start = Instant::now();
        let started = loop {
            let new = world.shims().into_iter().find(|pid| !before.contains(pid));
            if new.is_some() || start.elapsed() > Duration::from_secs(5) {
                break new;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        tokio::time::sleep(Duration::from_millis(round * 7)).await;
        let pid = started.expect("a shim starts").to_string();
        assert!(std::process::Command::new("kill").args(["-9", &pid]).status().unwrap().success());
        world.wait(&workload.lease, |s| s.is_ready() && s.services["web"].updated_replicas == 1).await;
    }
    assert_eq!(world.shims().len(), 1);
}

pub async fn logs_can_be_tailed_and_followed(world: &World) {
    let workload = world.workload(6, &[]);
    world.run(&workload).await;
    world.lines_until(&workload.lease, "listening").await;
    for path in ["/one", "/two"] {
        world.get("t6.localhost", path).await;
        world.lines_until(&workload.lease, path).await;
    }
    let tail = LogOptions { tail: Some(1), ..LogOptions::default() };
    let lines: Vec<_> = world.cluster().logs(&workload.lease, tail.clone()).await.unwrap().collect().await;
    assert_eq!(lines.iter().map(|l| l.line.as_str()).collect::<Vec<_>>(), ["request GET /two HTTP/1.1"]);
    let follow = LogOptions { follow: true, ..tail };
    let mut lines = world.cluster().logs(&workload.lease, follow).await.unwrap();
    assert!(lines.next().await.unwrap().line.contains("/two"));
    world.get("t6.localhost", "/three").await;
    assert!(lines.next().await.unwrap().line.contains("/three"));
    world.teardown(&workload).await;
    let end = tokio::time::timeout(Duration::from_secs(5), lines.next()).await.unwrap();
    assert_eq!(end, None, "the log ends with the lease");
}

/// Replicas come and go many times on one lease; the times are printed, not judged.
pub async fn create_and_start_again_and_again(world: &World) {
    const RUNS: usize = 15;
    let mut workload = world.workload(7, &[]);
    workload.services[0].count = 0;
    world.run(&workload).await;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        workload.services[0].count = 1;
        let start = Instant::now();
        world.deploy(&workload).await;
        world.wait(&workload.lease, |s| s.services["web"].replicas == 1).await;
        while !answers(world).await {}
        times.push(start.elapsed());
        workload.services[0].count = 0;
        world.deploy(&workload).await;
        world.wait(&workload.lease, |s| s.services["web"].replicas == 0).await;
    }
    let events = world.cluster().events(&workload.lease, false).await.unwrap();
    let created = events.filter_map(|e| async move {
        let micros = e.message.split(' ').nth(2).filter(|_| e.reason == "Created")?;
        micros.parse::<u64>().ok()
    });
    let mut created: Vec<u64> = created.collect().await;
    created.sort_unstable();
    println!("create and start of a replica, with its shim: median {} us of {RUNS}", created[RUNS / 2]);
    times.sort();
    println!("deploy of one replica to its first answer through the ingress: median {:?} of {RUNS}", times[RUNS / 2]);
}

async fn answers(world: &World) -> bool {
    world.get("t7.localhost", "/").await.contains("hello from web-0")
}
