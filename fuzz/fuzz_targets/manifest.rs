//! Manifests as they arrive at a gateway, against groups as they stand on the chain.

#![no_main]

use akash_fuzz::sized;
use akash_proto::akash::deployment::v1beta4::{GroupSpec, MsgCreateDeployment};
use akash_sdl::{Manifest, check_groups, check_manifest, check_manifest_against_groups};
use libfuzzer_sys::fuzz_target;
use prost::Message;

fuzz_target!(|data: &[u8]| {
    let Some((groups, text)) = sized(data) else { return };
    let groups = MsgCreateDeployment::decode(groups).map(|message| message.groups).unwrap_or_default();
    let _ = check_groups(&groups);
    let Ok(manifest) = Manifest::from_json(text) else { return };

    let canonical = manifest.canonical_json();
    assert!(canonical.len() <= 64 * (text.len() + 1024), "{} bytes became {}", text.len(), canonical.len());
    let again = Manifest::from_json(canonical.as_bytes()).expect("own output is valid");
    assert_eq!(again.canonical_json(), canonical);
    assert_eq!(again.hash(), manifest.hash());
    // Go leaves an empty list of volumes out and then misses it, so that the text says less than the value.
    if again == manifest {
        assert_eq!(check_manifest(&again), check_manifest(&manifest));
        assert_eq!(verdict(&again, &groups), verdict(&manifest, &groups));
    }
});

fn verdict(manifest: &Manifest, groups: &[GroupSpec]) -> Option<String> {
    check_manifest_against_groups(manifest, groups).err().map(|error| error.to_string())
}
