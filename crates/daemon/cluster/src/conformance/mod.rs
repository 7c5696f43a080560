//! Claims that every backend keeps, as functions that a backend's own tests call.
//!
//! A [`Subject`] is a backend with nothing deployed and an image of a small web server in its reach. Each claim cleans
//! up after itself and panics with a reason. Claims wait for a condition up to [`PATIENCE`], never for a fixed time.
//! What needs a view from outside (leftovers on the machine, isolation) is tested by the backend itself.

mod claims;
mod subject;

pub use claims::*;
pub use subject::{PATIENCE, Subject, lease};

/// The whole suite.
pub async fn all(subject: &Subject) {
    what_is_not_there_is_a_confirmed_no(subject).await;
    an_invalid_workload_is_refused_and_leaves_nothing(subject).await;
    deploy_is_idempotent_and_recorded(subject).await;
    a_host_name_belongs_to_one_lease(subject).await;
    the_number_of_replicas_follows_the_workload(subject).await;
    inventory_counts_what_is_deployed(subject).await;
    if subject.log_text.is_some() {
        logs_are_kept(subject).await;
    }
}
