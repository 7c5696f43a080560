use super::section;

section! {
    /// Transactions that wait for a block.
    pub struct Mempool in "mempool" {
    }
}
