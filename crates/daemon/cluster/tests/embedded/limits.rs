//! What a tenant gets, and no more.

use crate::world::World;

pub async fn cpu_is_limited(world: &World) {
    let lines = world.output(&world.workload(40, &["spin"])).await;
    let used = lines.iter().find_map(|l| l.strip_prefix("used ")?.split(' ').next()?.parse::<u64>().ok()).unwrap();
    assert!((40..=125).contains(&used), "half a core of two seconds is 100 ticks, used {used}");
}

pub async fn memory_is_limited_and_the_reason_is_told(world: &World) {
    let workload = world.workload(41, &["hog"]);
    world.deploy(&workload).await;
    let status = world.wait(&workload.lease, |s| s.services["web"].last_error.is_some()).await;
    let reason = status.services["web"].last_error.clone().unwrap();
    assert!(reason.starts_with("out of memory"), "{reason}");
}

pub async fn processes_are_limited(world: &World) {
    let mut workload = world.workload(42, &["forks"]);
    workload.services[0].resources.memory_bytes = 512 << 20; // so that memory is not the first to run out
    let lines = world.output(&workload).await;
    let count = lines.iter().find_map(|l| l.strip_prefix("forked ")?.parse::<u64>().ok()).unwrap();
    assert!((400..=512).contains(&count), "{count}");
}

pub async fn ephemeral_storage_is_limited(world: &World) {
    let mut workload = world.workload(43, &["fill"]);
    workload.services[0].resources.ephemeral_bytes = 16 << 20;
    world.deploy(&workload).await;
    let evicted = |s: &akash_cluster::LeaseStatus| {
        s.services["web"].last_error.as_ref().is_some_and(|e| e.contains("ephemeral storage"))
    };
    world.wait(&workload.lease, evicted).await;
}
