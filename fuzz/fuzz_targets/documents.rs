//! Files that an operator is given: genesis, settings, the manifest of a snapshot.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use akash_app::genesis::Genesis;
use akash_fuzz::choice;
use akash_node::fuzz;
use libfuzzer_sys::fuzz_target;

/// A home of this process alone, in memory where the system has that.
static HOME: LazyLock<PathBuf> = LazyLock::new(|| {
    let shared = PathBuf::from("/dev/shm");
    let folder = if shared.is_dir() { shared } else { std::env::temp_dir() };
    let home = folder.join(format!("akash-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(home.join("config")).expect("a temporary folder can be made");
    home
});

fuzz_target!(|data: &[u8]| {
    match choice(data, 3) {
        Some((0, rest)) => genesis(rest),
        Some((1, rest)) => {
            std::fs::write(HOME.join("config/akash.toml"), rest).expect("a temporary file can be written");
            fuzz::settings(&HOME);
        }
        Some((_, rest)) => fuzz::snapshot(rest),
        None => {}
    }
});

fn genesis(text: &[u8]) {
    let Ok(genesis) = Genesis::from_slice(text) else { return };
    let written = genesis.to_json();
    let again = Genesis::from_json(&written).expect("own document is read");
    assert_eq!(again.to_json(), written);
}
