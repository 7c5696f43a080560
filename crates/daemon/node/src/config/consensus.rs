use std::time::Duration;

use super::section;

section! {
    /// How blocks are agreed on. All validators of a chain should have the same times.
    pub struct Consensus in "consensus" {
        /// Time from a committed block to the next; zero makes blocks as fast as they can be made.
        timeout_commit: Duration = Duration::from_secs(5),
    }
}
