//! What a node's RPC port reads: the query language, bodies of JSON-RPC, arguments in URIs.

#![no_main]

use akash_fuzz::choice;
use akash_node::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = choice(data, 3) else { return };
    if kind == 0 {
        return fuzz::json_rpc(rest);
    }
    let Ok(text) = std::str::from_utf8(rest) else { return };
    match kind {
        1 => {
            let (query, values) = text.split_once('\n').unwrap_or((text, ""));
            fuzz::query(query, &values.lines().take(8).collect::<Vec<_>>());
        }
        _ => fuzz::uri(text),
    }
});
