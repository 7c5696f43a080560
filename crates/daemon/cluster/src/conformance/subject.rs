//! The backend under test, with what a claim needs around it.

use crate::{Cluster, Expose, LeaseStatus, Resources, Service, Workload};
use akash_types::id::LeaseId;
use std::time::Duration;

/// The longest wait for a deployed workload to become ready or to fail.
pub const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

pub struct Subject {
    pub cluster: Box<dyn Cluster>,
    /// Its default command serves HTTP.
    pub image: String,
    pub port: u16,
    /// Something that it prints at start; none where nothing runs.
    pub log_text: Option<String>,
}

/// A lease like no other but by its number.
#[must_use]
pub fn lease(number: u64) -> LeaseId {
    let address = akash_types::address::Address::from_bytes(&[7; 20]).expect("20 bytes are an address");
    format!("{address}/{number}/1/1/{address}").parse().expect("this is the form of a lease id")
}

impl Subject {
    /// One replica of a service called `web`.
    #[must_use]
    pub fn workload(&self, number: u64) -> Workload {
        let service = Service {
            name: "web".into(),
            image: self.image.clone(),
            resources: Resources {
                cpu_milli: 200,
                memory_bytes: 32 << 20,
                ephemeral_bytes: 64 << 20,
                ..Resources::default()
            },
            count: 1,
            expose: vec![Expose {
                port: self.port,
                external_port: 80,
                global: true,
                hosts: vec![format!("c{number}.localhost")],
                ..Expose::default()
            }],
            ..Service::default()
        };
        Workload { lease: lease(number), group: "main".into(), version_hash: [1; 32], services: vec![service] }
    }

    pub(super) async fn deploy(&self, workload: &Workload) {
        self.cluster.deploy(workload).await.expect("a valid workload is accepted");
    }

    pub(super) async fn teardown(&self, workload: &Workload) {
        self.cluster.teardown(&workload.lease).await.expect("teardown succeeds");
    }

    /// Wait until the lease's status fits.
    pub async fn wait(&self, lease: &LeaseId, what: &str, fits: impl Fn(&LeaseStatus) -> bool) -> LeaseStatus {
        let start = std::time::Instant::now();
        loop {
            let status = self.cluster.lease_status(lease).await.expect("status is known").expect("lease is deployed");
            if fits(&status) {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}, status {status:?}");
            tokio::time::sleep(POLL).await;
        }
    }
}
