use std::time::Duration;

use super::section;

section! {
    /// How blocks are agreed on. All validators of a chain should have the same times.
    pub struct Consensus in "consensus" {
        /// Time from a committed block to the next; zero makes blocks as fast as they can be made.
        timeout_commit: Duration = Duration::from_secs(5),
        /// How long a round waits for its proposal before it votes for none.
        timeout_propose: Duration = Duration::from_secs(3),
        /// Added to it in each further round.
        timeout_propose_delta: Duration = Duration::from_millis(500),
        /// How long a round waits for more votes once two thirds have voted differently.
        timeout_vote: Duration = Duration::from_secs(1),
        /// Added to it in each further round.
        timeout_vote_delta: Duration = Duration::from_millis(500),
        /// Whether blocks are made when no transaction waits.
        create_empty_blocks: bool = true,
        /// An empty block is made after this time even if create_empty_blocks is false.
        create_empty_blocks_interval: Duration = Duration::from_secs(60),
    }
}
