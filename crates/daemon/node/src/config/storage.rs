use super::{Setting, section};

section! {
    /// What is kept on disk.
    pub struct Storage in "storage" {
        /// Which old heights can be queried: "default" keeps the last 362880, "nothing" keeps all of them, "everything"
        /// keeps the last 2, "custom" the last `keep_recent`.
        pruning: Pruning = Pruning::Default,
        /// Heights that can be queried when `pruning` is "custom"; at least 2.
        keep_recent: u64 = Pruning::DEFAULT_HEIGHTS,
        /// Blocks that are kept with their results and index; at least 100. 0 keeps all.
        keep_blocks: u64 = 0,
        /// A snapshot for nodes that join is made at every multiple of this height. 0 makes none.
        snapshot_interval: u64 = 0,
        /// Snapshots that are kept. 0 keeps all.
        snapshot_keep_recent: u64 = 2,
    }
}

impl Storage {
    /// How many heights stay readable; none: all.
    #[must_use]
    pub fn recent_heights(&self) -> Option<u64> {
        match self.pruning {
            Pruning::Default => Some(Pruning::DEFAULT_HEIGHTS),
            Pruning::Nothing => None,
            Pruning::Everything => Some(Pruning::FEWEST_HEIGHTS),
            Pruning::Custom => Some(self.keep_recent.max(Pruning::FEWEST_HEIGHTS)),
        }
    }

    /// The same for the store.
    #[must_use]
    pub fn store_options(&self) -> akash_store::Options {
        akash_store::Options { recent_heights: self.recent_heights(), ..akash_store::Options::default() }
    }
}

/// What becomes of old heights, in the words of the Cosmos SDK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pruning {
    #[default]
    Default,
    /// An archive.
    Nothing,
    Everything,
    Custom,
}

impl Pruning {
    /// Three weeks of blocks at five seconds.
    const DEFAULT_HEIGHTS: u64 = 362_880;
    /// The newest one, and the one to which it can be taken back.
    const FEWEST_HEIGHTS: u64 = 2;

    const NAMES: [(&str, Self); 4] = [
        ("default", Self::Default),
        ("nothing", Self::Nothing),
        ("everything", Self::Everything),
        ("custom", Self::Custom),
    ];
}

impl Setting for Pruning {
    fn set(&mut self, text: &str) -> Result<(), String> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == text);
        *self = found.ok_or_else(|| format!("{text:?} is none of default, nothing, everything, custom"))?.1;
        Ok(())
    }

    fn to_toml(&self) -> String {
        let name = Self::NAMES.iter().find(|(_, pruning)| pruning == self).map_or("default", |(name, _)| name);
        format!("\"{name}\"")
    }
}
