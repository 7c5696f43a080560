//! One claim per function.

use super::subject::{PATIENCE, Subject, lease};
use crate::{ClusterError, LeaseStatus, LogOptions};
use futures::StreamExt;

pub async fn what_is_not_there_is_a_confirmed_no(subject: &Subject) {
    let nobody = lease(900);
    assert_eq!(subject.cluster.lease_status(&nobody).await.expect("known"), None);
    subject.cluster.teardown(&nobody).await.expect("tearing down nothing succeeds");
    let logs = subject.cluster.logs(&nobody, LogOptions::default()).await;
    assert!(matches!(logs, Err(ClusterError::NotFound(_))), "logs of an unknown lease");
}

pub async fn an_invalid_workload_is_refused_and_leaves_nothing(subject: &Subject) {
    let mut workload = subject.workload(901);
    workload.services[0].name = "Not A Label".into();
    assert!(matches!(subject.cluster.deploy(&workload).await, Err(ClusterError::Invalid(_))));
    assert_eq!(subject.cluster.lease_status(&workload.lease).await.expect("known"), None);
}

pub async fn deploy_is_idempotent_and_recorded(subject: &Subject) {
    let workload = subject.workload(902);
    subject.deploy(&workload).await;
    subject.deploy(&workload).await;
    assert_eq!(subject.cluster.deployments().await.expect("known"), vec![workload.clone()]);
    let status = subject.wait(&workload.lease, "one replica runs", LeaseStatus::is_ready).await;
    let web = &status.services["web"];
    assert_eq!((web.available, web.total, web.replicas), (1, 1, 1));
    assert_eq!(web.uris, ["c902.localhost"]);
    subject.deploy(&workload).await;
    let again = subject.wait(&workload.lease, "it still runs", LeaseStatus::is_ready).await;
    assert_eq!(again.services["web"].restarts, 0, "deploying the same again restarts nothing");
    subject.teardown(&workload).await;
    subject.teardown(&workload).await;
    assert_eq!(subject.cluster.lease_status(&workload.lease).await.expect("known"), None);
    assert!(subject.cluster.deployments().await.expect("known").is_empty());
}

pub async fn a_host_name_belongs_to_one_lease(subject: &Subject) {
    let first = subject.workload(903);
    let mut second = subject.workload(904);
    second.services[0].expose.clone_from(&first.services[0].expose);
    subject.deploy(&first).await;
    assert!(matches!(subject.cluster.deploy(&second).await, Err(ClusterError::Conflict(_))));
    subject.teardown(&first).await;
    subject.deploy(&second).await;
    subject.teardown(&second).await;
}

pub async fn the_number_of_replicas_follows_the_workload(subject: &Subject) {
    let mut workload = subject.workload(905);
    for count in [2, 3, 1] {
        workload.services[0].count = count;
        subject.deploy(&workload).await;
        let exact = |s: &LeaseStatus| {
            let web = &s.services["web"];
            (web.available, web.total, web.replicas) == (count, count, count)
        };
        subject.wait(&workload.lease, "replicas as wanted", exact).await;
    }
    subject.teardown(&workload).await;
}

pub async fn inventory_counts_what_is_deployed(subject: &Subject) {
    let cpu = async || {
        let inventory = subject.cluster.inventory().await.expect("known");
        inventory.nodes.iter().map(|n| n.cpu_milli.allocated).sum::<u64>()
    };
    let before = cpu().await;
    let workload = subject.workload(906);
    subject.deploy(&workload).await;
    assert_eq!(cpu().await, before + 200);
    subject.teardown(&workload).await;
    assert_eq!(cpu().await, before);
}

pub async fn logs_are_kept(subject: &Subject) {
    let text = subject.log_text.clone().unwrap_or_default();
    let workload = subject.workload(907);
    subject.deploy(&workload).await;
    subject.wait(&workload.lease, "it runs", LeaseStatus::is_ready).await;
    let follow = LogOptions { follow: true, ..LogOptions::default() };
    let lines = subject.cluster.logs(&workload.lease, follow).await.expect("logs are known");
    let mut found = lines.filter(|line| futures::future::ready(line.line.contains(&text))).boxed();
    let line = tokio::time::timeout(PATIENCE, found.next()).await.expect("the line comes").expect("the stream goes on");
    assert_eq!((line.service.as_str(), line.replica.as_str()), ("web", "web-0"));
    drop(found);
    let other = LogOptions { service: Some("other".into()), ..LogOptions::default() };
    let lines = subject.cluster.logs(&workload.lease, other).await.expect("logs are known");
    assert_eq!(lines.count().await, 0, "lines of another service");
    subject.teardown(&workload).await;
}
