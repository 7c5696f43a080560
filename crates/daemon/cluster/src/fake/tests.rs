use super::Fake;
use crate::conformance::{self, Subject};
use crate::{Cluster, ClusterError};

fn subject() -> Subject {
    Subject { cluster: Box::new(Fake::new()), image: "hello".into(), port: 8080, log_text: None }
}

#[tokio::test]
async fn the_fake_keeps_the_conformance_suite() {
    conformance::all(&subject()).await;
}

#[tokio::test]
async fn unavailable_is_unknown_and_not_no() {
    let fake = Fake::new();
    fake.set_unavailable(true);
    let answer = fake.lease_status(&conformance::lease(1)).await;
    assert!(matches!(answer, Err(ClusterError::Unavailable(_))));
}

#[tokio::test]
async fn a_broken_image_is_told_in_the_status() {
    let fake = Fake::new();
    fake.break_image("hello", "image not found");
    let workload = subject().workload(1);
    fake.deploy(&workload).await.unwrap();
    let status = fake.lease_status(&workload.lease).await.unwrap().unwrap();
    assert_eq!(status.services["web"].last_error.as_deref(), Some("image not found"));
    assert!(!status.is_ready());
}
