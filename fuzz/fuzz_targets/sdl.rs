//! SDL texts: from YAML to groups, manifest and hash; every refusal has a place that exists.

#![no_main]

use akash_sdl::{Manifest, Sdl, check_groups, check_manifest, check_manifest_against_groups, read};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|data: &[u8]| {
    match read(data) {
        Ok(sdl) => accepted(data, &sdl),
        Err(errors) => {
            let text = String::from_utf8_lossy(data);
            assert!(!errors.first().message.is_empty());
            assert!(errors.iter().count() <= 1000);
            assert!(!errors.render("deploy.yaml", &text).is_empty());
            let lines = data.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + text.matches(BREAKS).count();
            let outside = errors.iter().find(|problem| problem.line > lines + 2);
            assert!(outside.is_none(), "{lines} lines, but {outside:?}");
        }
    }
});

/// Line breaks of YAML beside the usual ones.
const BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

fn accepted(data: &[u8], sdl: &Sdl) {
    let groups = sdl.groups();
    let text = sdl.manifest().canonical_json();
    assert_eq!(sdl.manifest().hash()[..], Sha256::digest(&text)[..]);
    let again = Manifest::from_json(text.as_bytes()).expect("own output is valid");
    assert_eq!(again.canonical_json(), text);
    assert_eq!(check_groups(&groups), Ok(()));
    assert_eq!(check_manifest(&again), Ok(()));
    assert_eq!(check_manifest_against_groups(&again, &groups), Ok(()));
    assert_eq!(sdl.groups_json().as_array().map(Vec::len), Some(groups.len()));
    let _ = (sdl.reclamation(), sdl.warnings());
    assert_eq!(read(data).map(|sdl| sdl.manifest().hash()), Ok(sdl.manifest().hash()));
}
