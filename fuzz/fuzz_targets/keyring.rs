//! Keys in files: armored exports, and the files of a keyring's folder.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use akash_client::keyring::{Keyring, Passphrase, armor};
use akash_fuzz::choice;
use libfuzzer_sys::fuzz_target;
use zeroize::Zeroizing;

/// A folder of this process alone, in memory where the system has that.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let shared = PathBuf::from("/dev/shm");
    let parent = if shared.is_dir() { shared } else { std::env::temp_dir() };
    let folder = parent.join(format!("akash-fuzz-keys-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    folder
});

fuzz_target!(|data: &[u8]| {
    match choice(data, 2) {
        Some((0, rest)) => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            let _ = armor::import(text, &Passphrase::new(Zeroizing::new("passphrase".to_owned())));
        }
        Some((_, rest)) => {
            std::fs::write(FOLDER.join("one.json"), rest).expect("a temporary file can be written");
            let keyring = Keyring::open(&FOLDER);
            let listed = keyring.list().unwrap_or_default();
            assert!(listed.len() <= 1);
            for key in listed {
                assert_eq!(keyring.find(&key.name).ok().flatten().as_ref(), Some(&key));
            }
        }
        None => {}
    }
});
