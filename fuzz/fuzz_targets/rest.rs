//! REST requests of every route: path, query and body become a message.

#![no_main]

use std::sync::LazyLock;

use akash_fuzz::choice;
use akash_node::fuzz::Rest;
use libfuzzer_sys::fuzz_target;

static REST: LazyLock<Rest> = LazyLock::new(Rest::new);

fuzz_target!(|data: &[u8]| {
    let Some((is_post, rest)) = choice(data, 2) else { return };
    let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (target, body) = rest.split_at(line);
    if let Ok(target) = std::str::from_utf8(target) {
        REST.request(is_post == 1, target, body.get(1..).unwrap_or_default());
    }
});
