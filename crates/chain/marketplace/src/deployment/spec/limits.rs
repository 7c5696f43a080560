//! Limits of a group: parameters, and the bounds that no parameter exceeds. By default those per unit are the
//! reference's; the numbers of units, replicas and groups exist there as constants that nothing enforces, and are
//! enforced here, more generously.

use akash_proto::akash::ext::deployment::v1::Params;

const MIB: u64 = 1 << 20;
const TIB: u64 = 1 << 40;

pub const MIN_CPU_MILLI: u64 = 10;
pub const MIN_MEMORY_BYTES: u64 = MIB;
pub const MIN_VOLUME_BYTES: u64 = 5 * MIB;

/// What a chain starts with.
pub const DEFAULT: Params = Params {
    max_groups: 20,
    max_units: 50,
    max_replicas: 500,
    max_unit_cpu_milli: 384_000,
    max_unit_gpu: 24,
    max_unit_memory_bytes: 2 * TIB,
    max_volume_bytes: 32 * TIB,
    max_volumes: 20,
    max_endpoints: 100,
    max_group_cpu_milli: 50 * 384_000,
    max_group_gpu: 50 * 24,
    max_group_memory_bytes: 50 * 2 * TIB,
    max_group_storage_bytes: 50 * 32 * TIB,
    max_unit_price: 10_000_000,
};

/// The most that a parameter may allow, so that every loop has a bound and no sum leaves its numbers.
pub const CEILING: Params = Params {
    max_groups: MAX_GROUPS as u32,
    max_units: 500,
    max_replicas: 1_000_000,
    max_unit_cpu_milli: 1_000_000_000,
    max_unit_gpu: 1_000_000,
    max_unit_memory_bytes: 1 << 60,
    max_volume_bytes: 1 << 60,
    max_volumes: 100,
    max_endpoints: 1000,
    max_group_cpu_milli: u64::MAX,
    max_group_gpu: u64::MAX,
    max_group_memory_bytes: u64::MAX,
    max_group_storage_bytes: u64::MAX,
    max_unit_price: 1_000_000_000_000_000,
};

/// Each group has at most one lease, and each lease one payment.
pub const MAX_GROUPS: usize = crate::escrow::MAX_OPEN_PAYMENTS;
pub const MAX_AUDITORS: usize = 50;
pub const MAX_NAME_BYTES: usize = 256;
/// Longest form of a group, and of an offer for one, on the wire.
pub const MAX_SPEC_BYTES: usize = 256 * 1024;
