//! The port itself.

use crate::{
    Capabilities, ClusterError, Inventory, LeaseEvent, LeaseStatus, LogLine, LogOptions, ReplicaStats, Workload,
};
use akash_types::id::LeaseId;
use async_trait::async_trait;
use futures::stream::BoxStream;

pub type LogLines = BoxStream<'static, LogLine>;
pub type EventStream = BoxStream<'static, LeaseEvent>;

/// A place where workloads run. See the crate's front page for the meaning of the errors.
#[async_trait]
pub trait Cluster: Send + Sync + 'static {
    fn capabilities(&self) -> Capabilities;

    async fn inventory(&self) -> Result<Inventory, ClusterError>;

    /// Create or update: from now on this is wanted. Returns once it is recorded durably, not once it runs.
    async fn deploy(&self, workload: &Workload) -> Result<(), ClusterError>;

    /// Returns once nothing of the lease is left. A lease that is not there is a success.
    async fn teardown(&self, lease: &LeaseId) -> Result<(), ClusterError>;

    /// Everything that is wanted, in the order of the lease ids.
    async fn deployments(&self) -> Result<Vec<Workload>, ClusterError>;

    /// `None`: this lease is certainly not deployed.
    async fn lease_status(&self, lease: &LeaseId) -> Result<Option<LeaseStatus>, ClusterError>;

    /// Kept lines first, in the order of time for each replica.
    async fn logs(&self, lease: &LeaseId, options: LogOptions) -> Result<LogLines, ClusterError>;

    /// What happened to the lease's containers: kept events first, then new ones if `follow`.
    async fn events(&self, lease: &LeaseId, follow: bool) -> Result<EventStream, ClusterError>;

    async fn stats(&self, lease: &LeaseId) -> Result<Vec<ReplicaStats>, ClusterError>;
}
