//! Limits of a group. Those per unit are the reference's; the numbers of units, replicas and groups exist there as
//! constants that nothing enforces, and are enforced here, more generously.

const MIB: u128 = 1 << 20;
const TIB: u128 = 1 << 40;

pub const MIN_CPU_MILLI: u128 = 10;
pub const MAX_CPU_MILLI: u128 = 384_000;
pub const MAX_GPU: u128 = 24;
pub const MIN_MEMORY_BYTES: u128 = MIB;
pub const MAX_MEMORY_BYTES: u128 = 2 * TIB;
pub const MIN_STORAGE_BYTES: u128 = 5 * MIB;
pub const MAX_STORAGE_BYTES: u128 = 32 * TIB;
/// In micro units of the price denomination, per replica and block.
pub const MAX_UNIT_PRICE: u64 = 10_000_000;

/// A group's total of a resource is at most this many times what one unit may have.
pub const MAX_GROUP_FACTOR: u128 = 50;
/// Each group has at most one lease, and each lease one payment.
pub const MAX_GROUPS: usize = crate::escrow::MAX_OPEN_PAYMENTS;
pub const MAX_UNITS: usize = 50;
pub const MAX_REPLICAS: u32 = 500;
pub const MAX_VOLUMES: usize = 20;
pub const MAX_ENDPOINTS: usize = 100;
pub const MAX_AUDITORS: usize = 50;
pub const MAX_NAME_BYTES: usize = 256;
/// Longest form of a group, and of an offer for one, on the wire.
pub const MAX_SPEC_BYTES: usize = 256 * 1024;
