//! Proofs verified by the unmodified `ics23` crate under its own specifications, in both steps.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use akash_proto::tendermint::crypto::ProofOp;
use akash_store::{ChainStore, MemoryStore, Options, Proof, StoreError, View, sha256};
use common::{NAMES, block, commit};
use ics23::commitment_proof::Proof as Kind;
use ics23::{
    CommitmentProof, HostFunctionsManager, ProofSpec, calculate_existence_root, smt_spec, tendermint_spec,
    verify_membership, verify_non_membership,
};
use prost_of_ics23::Message;

/// As the chain's clients set it: Go reads 0 as 128.
fn trie_spec() -> ProofSpec {
    ProofSpec { max_depth: 256, ..smt_spec() }
}

fn spec(op: &ProofOp) -> ProofSpec {
    match op.r#type.as_str() {
        "ics23:smt" => trie_spec(),
        "ics23:simple" => tendermint_spec(),
        other => panic!("operation {other}"),
    }
}

/// The root that a proof leads to, if it is one; of absence, the root of either neighbour.
fn root_of(proof: &CommitmentProof) -> Option<Vec<u8>> {
    let exists = match proof.proof.as_ref()? {
        Kind::Exist(exists) => exists,
        Kind::Nonexist(absent) => absent.left.as_ref().or(absent.right.as_ref())?,
        _ => return None,
    };
    calculate_existence_root::<HostFunctionsManager>(exists).ok()
}

/// What a light client does: each step proves the root of the one before, the last one the app hash.
fn verifies(ops: &[ProofOp], path: &[&[u8]], value: Option<&[u8]>, app_hash: &[u8]) -> bool {
    if ops.len() != path.len() {
        return false;
    }
    let mut proved = value.map(<[u8]>::to_vec);
    for (op, key) in ops.iter().zip(path) {
        let Ok(proof) = CommitmentProof::decode(op.data.as_slice()) else { return false };
        let spec = spec(op);
        let Some(root) = root_of(&proof) else { return false };
        let holds = match &proved {
            Some(value) => verify_membership::<HostFunctionsManager>(&proof, &spec, &root, key, value),
            None => verify_non_membership::<HostFunctionsManager>(&proof, &spec, &root, key),
        };
        if !holds {
            return false;
        }
        proved = Some(root);
    }
    proved.as_deref() == Some(app_hash)
}

fn check(view: &View, store: &str, key: &[u8]) -> Proof {
    let proof = view.prove(store, key).unwrap();
    let (app_hash, value) = (view.app_hash(), proof.value.as_deref());
    let ops = &proof.ops.ops;
    let path: Vec<&[u8]> = match ops.len() {
        2 => vec![key, store.as_bytes()],
        _ => vec![key, b"\0history", store.as_bytes()],
    };
    assert!(ops.iter().map(|op| op.key.as_slice()).eq(path.iter().copied()));
    assert!(verifies(ops, &path, value, &app_hash), "{store} {key:?} {value:?}");
    assert!(!verifies(ops, &path, value, &sha256(b"another")));
    let wrong: Option<&[u8]> = if value.is_some() { None } else { Some(b"v") };
    assert!(!verifies(ops, &path, wrong, &app_hash));
    assert!(!verifies(&ops[..ops.len() - 1], &path[..path.len() - 1], value, &app_hash));
    proof
}

fn chain(heights: u64) -> (ChainStore, BTreeSet<(&'static str, Vec<u8>)>) {
    let options = Options { kept_heights: 4, recent_heights: Some(4), ..Options::default() };
    let mut store = ChainStore::open_with(Arc::new(MemoryStore::new()), &NAMES, options).unwrap();
    let mut keys = BTreeSet::new();
    for height in 1..=heights {
        let block = block(height);
        commit(&mut store, &block, height).unwrap();
        keys.extend(block.into_keys());
    }
    (store, keys)
}

#[test]
fn every_key_is_proved_present_absent_or_final() {
    let (store, keys) = chain(8);
    let view = store.latest();
    let (mut present, mut absent, mut last) = (0, 0, 0);
    for (store, key) in &keys {
        let proof = check(&view, store, key);
        match (proof.value, proof.ops.ops.len()) {
            (Some(_), 2) => present += 1,
            (Some(_), _) => last += 1,
            (None, _) => absent += 1,
        }
    }
    assert!(present > 50 && absent > 10 && last > 10, "{present} {absent} {last}");
    for number in 0..200 {
        assert_eq!(check(&view, "bank", format!("never/{number}").as_bytes()).value, None);
    }
}

#[test]
fn absence_is_proved_in_a_store_with_nothing_but_its_own_record() {
    let mut store = ChainStore::open(Arc::new(MemoryStore::new()), &["solo"]).unwrap();
    assert_eq!(store.latest().prove("solo", b"a").err(), Some(StoreError::NothingCommitted));
    store.commit(akash_store::Overlay::new(store.latest()).into_changes(), 1).unwrap();
    for number in 0..50 {
        check(&store.latest(), "solo", &[number]);
    }
    check(&store.latest(), "solo", b"\0history");
}

#[test]
fn kept_heights_are_proved_against_their_own_app_hash_and_older_ones_expire() {
    let (mut store, keys) = chain(8);
    let old = store.view(5).unwrap().unwrap();
    assert!(store.view(4).unwrap().is_none());
    for (name, key) in keys.iter().take(40) {
        check(&old, name, key);
    }
    commit(&mut store, &block(9), 9).unwrap();
    assert_eq!(old.prove("bank", b"key/1").err(), Some(StoreError::Expired));
    assert_eq!(old.height(), 5);
}

/// What verifiers read of a proof. Of absence they do not read the key; they ask about theirs.
fn meaning(bytes: &[u8]) -> Option<CommitmentProof> {
    let mut proof = CommitmentProof::decode(bytes).ok()?;
    if let Some(Kind::Nonexist(absent)) = &mut proof.proof {
        absent.key.clear();
    }
    Some(proof)
}

/// Every bit of a proof matters, except where protobuf has two ways to write the same thing.
#[test]
fn tampered_proofs_are_refused() {
    let (store, keys) = chain(5);
    let view = store.latest();
    let (mut refused, mut same) = (0, 0);
    for (name, key) in keys.iter().step_by(11) {
        let proof = view.prove(name, key).unwrap();
        let path: Vec<Vec<u8>> = proof.ops.ops.iter().map(|op| op.key.clone()).collect();
        let path: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
        for (place, op) in proof.ops.ops.iter().enumerate() {
            let original = meaning(&op.data);
            for byte in 0..op.data.len() {
                let mut ops = proof.ops.ops.clone();
                ops[place].data[byte] ^= 1 << (byte % 8);
                if meaning(&ops[place].data) == original {
                    same += 1;
                    continue;
                }
                assert!(!verifies(&ops, &path, proof.value.as_deref(), &view.app_hash()), "byte {byte}");
                refused += 1;
            }
        }
    }
    assert!(refused > 4000 && same < 40, "{refused} refused, {same} the same");
}

#[test]
fn present_key_is_not_absent_between_its_neighbours() {
    let (store, keys) = chain(5);
    let view = store.latest();
    let mut tried = 0;
    for (name, key) in &keys {
        let proof = view.prove(name, key).unwrap();
        if proof.value.is_none() || proof.ops.ops.len() != 2 {
            continue;
        }
        // the honest absence of another key, claimed for this one
        let other = view.prove(name, &[&key[..], b"?"].concat()).unwrap();
        let mut forged = CommitmentProof::decode(other.ops.ops[0].data.as_slice()).unwrap();
        let Some(Kind::Nonexist(absent)) = &mut forged.proof else { panic!("expected absence") };
        absent.key.clone_from(key);
        let mut ops = other.ops.ops.clone();
        ops[0].data = forged.encode_to_vec();
        assert!(!verifies(&ops, &[key, name.as_bytes()], None, &view.app_hash()));
        tried += 1;
    }
    assert!(tried > 30);
}

/// A reader proves kept heights while the writer goes on; it may come too late, but never sees anything mixed.
#[test]
fn readers_prove_whole_heights_while_the_writer_commits() {
    let (mut store, keys) = chain(4);
    let views = Mutex::new(vec![store.latest()]);
    let (heights, mut proved) = (5..80, 0);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut proved = 0;
            for (name, key) in keys.iter().cycle() {
                let view = {
                    let views = views.lock().unwrap();
                    views[proved % views.len()].clone()
                };
                match view.prove(name, key) {
                    Ok(proof) => {
                        let path: Vec<&[u8]> = proof.ops.ops.iter().map(|op| op.key.as_slice()).collect();
                        assert!(verifies(&proof.ops.ops, &path, proof.value.as_deref(), &view.app_hash()));
                        proved += 1;
                    }
                    Err(error) => assert_eq!(error, StoreError::Expired),
                }
                if view.height() == heights.end - 1 {
                    return proved;
                }
            }
            unreachable!("the writer comes to its end")
        });
        for height in heights.clone() {
            commit(&mut store, &block(height), height).unwrap();
            let mut views = views.lock().unwrap();
            views.push(store.latest());
            if views.len() > 4 {
                views.remove(0);
            }
        }
        *views.lock().unwrap() = vec![store.latest()];
        proved = reader.join().unwrap();
    });
    assert!(proved > 10, "{proved}");
}
