//! What peers send each other: consensus messages, proposals in parts, sync, transactions.

#![no_main]

use akash_node::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some((kind, rest)) = data.split_first() {
        fuzz::consensus(*kind, rest);
    }
});
