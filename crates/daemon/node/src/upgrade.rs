//! Tells a supervisor which program has to take over: `data/upgrade-info.json`, as the SDK writes it.

use std::path::Path;

use akash_app::UpgradeNeeded;
use serde_json::json;

use crate::files;

const FILE: &str = "upgrade-info.json";

/// Best effort: the node stops with the same text in any case.
pub fn announce(data: &Path, needed: &UpgradeNeeded) {
    let text = json!({
        "name": needed.name,
        "time": "0001-01-01T00:00:00Z",
        "height": needed.height,
        "info": needed.info,
    });
    if let Err(error) = files::write_durable(&data.join(FILE), text.to_string().as_bytes(), files::PUBLIC) {
        tracing::error!(%error, file = FILE, "cannot say which upgrade is needed");
    }
}
