use super::section;

section! {
    /// Transactions that wait for a block.
    pub struct Mempool in "mempool" {
        /// Transactions that wait at most; then the worst paid give way to better paid ones.
        size: usize = 5_000,
        /// Bytes of all that wait together.
        max_txs_bytes: usize = 64 << 20,
        /// Bytes of one transaction.
        max_tx_bytes: usize = 1_048_576,
        /// Hashes of transactions that are remembered, so that the same one is not judged again.
        cache_size: usize = 10_000,
        /// Blocks after which a transaction leaves that no block took; 0 lets it wait as long as it is valid.
        ttl_num_blocks: u64 = 0,
        /// Whether transactions are passed on to other nodes, and taken from them.
        broadcast: bool = true,
    }
}
