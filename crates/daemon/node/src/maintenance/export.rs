//! `akash node export`: a height's state as the genesis of a chain that goes on from it.

use std::path::Path;

use akash_app::{Genesis, GenesisValidator};

use super::open::{Data, view_at};
use super::{MaintenanceError, Progress};
use crate::init;

/// The state of a height, of the newest one if none is named. Its validators and parameters are those of the height
/// after it, at which the new chain begins. A chain that starts from it has the same records, but another app hash:
/// final records enter the history in the order of the file, not in that in which they once became final.
pub fn export(
    home: &Path,
    height: Option<u64>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Genesis, MaintenanceError> {
    let data = Data::open(home)?;
    let names = init::read_genesis(&data.home)?.validators;
    progress(Progress { step: "opening the state", done: 0, total: None });
    let app = data.app(false)?;
    let view = view_at(&app, height)?;
    let height = view.height().unsigned_abs();
    let set = data.blocks.validators(height + 1)?;
    let set = set.ok_or(MaintenanceError::Missing { what: "validator set", height: height + 1 })?;
    let validators = set.iter().map(|validator| {
        let named = names.iter().find(|named| named.public_key == validator.public_key);
        GenesisValidator {
            public_key: validator.public_key,
            power: i64::try_from(validator.power).unwrap_or(i64::MAX),
            name: named.map(|named| named.name.clone()).unwrap_or_default(),
        }
    });
    let validators = validators.collect();
    progress(Progress { step: "reading the modules' state", done: 0, total: None });
    Ok(Genesis {
        chain_id: view.chain_id().to_owned(),
        genesis_time: view.block().time,
        initial_height: view.height() + 1,
        consensus_params: view.consensus_params().clone(),
        validators,
        app_state: view.export_genesis()?,
    })
}
