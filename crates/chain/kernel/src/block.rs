//! The block in which something happens.

/// The time of a block's header, the only clock of the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// Since the beginning of 1970, UTC.
    pub seconds: i64,
    /// Below 1,000,000,000.
    pub nanos: u32,
}

/// What handlers know of the block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockInfo {
    /// The network's name.
    pub chain_id: String,
    /// The block's height; 0 in genesis.
    pub height: i64,
    /// The header's time.
    pub time: Time,
    /// The consensus address of the proposer; empty in genesis.
    pub proposer: Vec<u8>,
}
