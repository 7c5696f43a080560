//! `akash node check-invariants`: what must always be true of the state, looked at.

use std::path::Path;

use akash_kernel::Violation;

use super::MaintenanceError;
use super::open::{Data, view_at};

/// Checks every module's invariants at a height, at the newest one if none is named, and gives what does not hold.
/// Opening has already compared the whole state with its app hash.
pub fn check_invariants(home: &Path, height: Option<u64>) -> Result<Vec<Violation>, MaintenanceError> {
    let data = Data::open(home)?;
    let app = data.app(false)?;
    Ok(view_at(&app, height)?.check_invariants()?)
}
