//! Forgets images that nobody used for a while. Not while a pull is in progress.

use super::pull::ImageStore;
use super::record::Image;
use crate::embedded::state::read_json;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

impl ImageStore {
    /// Remove names whose last pull is longer ago than this, and layers that neither a kept name nor `in_use` needs.
    /// Blobs that became layers are removed when they do; the others are small.
    pub fn prune(&self, in_use: &BTreeSet<PathBuf>, kept: Duration) -> io::Result<()> {
        let mut needed = in_use.clone();
        for entry in std::fs::read_dir(self.root.join("names"))? {
            let entry = entry?;
            let age = SystemTime::now().duration_since(entry.metadata()?.modified()?).unwrap_or_default();
            match read_json::<Image>(&entry.path()) {
                Ok(Some(image)) if age < kept => needed.extend(image.layers),
                _ => std::fs::remove_file(entry.path())?, // old, or of another version of us
            }
        }
        for entry in std::fs::read_dir(self.root.join("layers"))? {
            let path = entry?.path();
            if !needed.contains(&path) {
                std::fs::remove_dir_all(path)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::config::LoopbackRegistries;
    use crate::embedded::state::write_json;

    const KEPT: Duration = Duration::from_secs(60);

    #[test]
    fn layers_stay_while_a_name_or_a_replica_needs_them() {
        let directory = tempfile::tempdir().unwrap();
        let store = ImageStore::open(directory.path().to_owned(), LoopbackRegistries::Any).unwrap();
        let layer = |name: &str| {
            let path = directory.path().join("layers").join(name);
            std::fs::create_dir(&path).unwrap();
            path
        };
        let (named, used, lost) = (layer("named"), layer("used"), layer("lost"));
        let image = Image {
            digest: String::new(),
            layers: vec![named.clone()],
            entrypoint: vec![],
            command: vec![],
            env: vec![],
            working_directory: "/".into(),
            user: String::new(),
        };
        write_json(&directory.path().join("names/a.json"), &image).unwrap();
        store.prune(&[used.clone()].into(), KEPT).unwrap();
        assert!(named.exists() && used.exists() && !lost.exists());
        let old = SystemTime::now() - KEPT - Duration::from_secs(1);
        std::fs::File::open(directory.path().join("names/a.json")).unwrap().set_modified(old).unwrap();
        store.prune(&BTreeSet::new(), KEPT).unwrap();
        assert!(!named.exists() && !used.exists());
    }
}
