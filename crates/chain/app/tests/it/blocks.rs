//! Blocks: gas, determinism, restarts, proposals.

use akash_app::{App, AppConfig, BlockInput, Verdict};
use akash_kernel::Time;
use akash_types::tx;
use bytes::Bytes;

use crate::chain::{Chain, FUNDS, GAS, config, send_tx, verdict};

#[test]
fn simulation_uses_the_gas_of_execution() {
    let mut chain = Chain::new();
    for (sequence, to) in [chain.address(1), chain.address(3), chain.address(3)].into_iter().enumerate() {
        let unsigned = send_tx(&chain.address(0), &to, 5);
        let signed = chain.sign(0, sequence as u64, &unsigned);
        let simulated = chain.check.simulate(&signed).expect("it would succeed");
        let blank = tx::unsigned_for_simulation(&unsigned, &chain.keys[0].public(), sequence as u64);
        let blank = chain.check.simulate(&blank).expect("it would succeed");

        let executed = chain.deliver(&signed);

        assert_eq!(verdict(&executed), "ok");
        assert_eq!(simulated.gas_used, executed.gas_used);
        assert_eq!(simulated.gas_wanted, u64::MAX);
        assert_eq!(simulated.data, executed.data);
        assert_eq!(simulated.events, executed.events);
        assert!(blank.gas_used >= executed.gas_used, "an estimate without a signature covers it");
    }
}

#[test]
fn same_blocks_give_the_same_app_hash() {
    let run = || {
        let mut chain = Chain::new();
        let mut hashes = Vec::new();
        for sequence in 0..4 {
            let txs: Vec<_> =
                (0..3).map(|from| chain.send(from, &chain.address(3), 1 + from as u64, sequence)).collect();
            for tx in &txs[1..] {
                chain.check_new(tx);
            }
            chain.block(&txs);
            hashes.push(chain.app.app_hash());
        }
        hashes
    };
    let hashes = run();
    assert_eq!(hashes, run());
    assert!(hashes.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn state_survives_a_restart() {
    let mut chain = Chain::new();
    let to = chain.address(3);
    let tx = chain.send(0, &to, 77, 0);
    chain.deliver(&tx);

    let app = App::open(chain.store.clone(), config()).expect("the store opens again");
    assert_eq!((app.height(), app.app_hash(), app.chain_id()), (1, chain.app.app_hash(), "akash-play-1"));
    chain.app = app;
    assert_eq!(chain.balance(&to), "77");
    let tx = chain.send(0, &to, 1, 1);
    assert_eq!(verdict(&chain.deliver(&tx)), "ok");
}

#[test]
fn executing_again_replaces_what_waits() {
    let mut chain = Chain::new();
    let tx = Bytes::from(chain.send(0, &chain.address(3), 5, 0));
    let time = Time { seconds: 1_700_000_005, nanos: 0 };
    let input = BlockInput { height: 1, time, txs: vec![tx], ..BlockInput::default() };
    let first = chain.app.execute(&input).expect("executes");
    let second = chain.app.execute(&input).expect("executes");
    assert_eq!(first, second);
    chain.app.commit().expect("commits");
    assert_eq!(chain.balance(&chain.address(3)), "5");
    assert!(chain.app.commit().is_err(), "a block is committed once");
    assert!(chain.app.execute(&input).is_err(), "a height comes once");
}

#[test]
fn block_gas_ends_the_block() {
    let limit = 2 * GAS;
    let mut chain = Chain::with(|genesis| {
        genesis.consensus_params.block.as_mut().expect("set").max_gas = i64::try_from(limit).expect("small");
    });
    let to = chain.address(3);
    let too_much = {
        let mut unsigned = send_tx(&chain.address(1), &to, 1);
        unsigned.gas_limit = limit + 1;
        unsigned.fee = "100000uakt".parse().expect("coins");
        chain.sign(1, 0, &unsigned)
    };
    assert_eq!(
        verdict(&chain.check_new(&too_much)),
        format!("sdk/41: tx gas limit {} exceeds block max gas {limit}: invalid gas limit", limit + 1)
    );

    let candidates: Vec<Bytes> = (0..5).map(|sequence| Bytes::from(chain.send(0, &to, 1, sequence))).collect();
    let time = Time { seconds: 1_700_000_005, nanos: 0 };
    let picked = chain.app.build_proposal(1, time, candidates.clone(), 1 << 20);
    assert_eq!(picked.len(), 2, "gas wanted fills the block");
    let few = chain.app.build_proposal(1, time, candidates.clone(), 400);
    assert_eq!(few.len(), 1, "bytes fill the block");

    let judge =
        |txs: Vec<Bytes>| chain.app.judge_proposal(&BlockInput { height: 1, time, txs, ..BlockInput::default() });
    assert_eq!(judge(picked), Verdict::Accept);
    assert!(matches!(judge(candidates), Verdict::Reject(_)));
    assert!(matches!(judge(vec![Bytes::from_static(b"junk")]), Verdict::Reject(_)));

    let txs: Vec<Vec<u8>> = (0..20).map(|sequence| chain.send(0, &to, 1, sequence)).collect();
    let outcome = chain.block(&txs);
    let verdicts: Vec<String> = outcome.tx_results.iter().map(verdict).collect();
    assert!(
        verdicts.iter().any(|text| text.starts_with("sdk/11: out of gas in location: block gas meter; gasWanted: "))
    );
    assert_eq!(verdicts.last().map(String::as_str), Some("sdk/11: no block gas left to run tx: out of gas"));
}

#[test]
fn admission_verifies_once_for_execution_and_preverifying_changes_nothing() {
    let mut chain = Chain::new();
    let tx = chain.send(0, &chain.address(3), 5, 0);
    chain.app.view().preverify(&tx);
    let mut forged = tx.clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    chain.app.view().preverify(&forged);
    assert_eq!(chain.check_new(&forged).code, 4);
    assert_eq!(verdict(&chain.deliver(&tx)), "ok");
}

/// A block in which some transactions do not decode, are not signed by whom they should, come too early, or fail.
fn mixed_block(chain: &Chain) -> Vec<Vec<u8>> {
    let mut txs = Vec::new();
    for sequence in 0..40 {
        txs.push(chain.send(0, &chain.address(1), 1, sequence));
        txs.push(match sequence % 4 {
            0 => b"no transaction".to_vec(),
            1 => tx::sign_direct(&send_tx(&chain.address(1), &chain.address(0), 1), &chain.keys[1], "else", 1, 0),
            2 => chain.send(2, &chain.address(0), 1, sequence),
            _ => chain.send(2, &chain.address(0), FUNDS, sequence / 4),
        });
    }
    txs
}

#[test]
fn helpers_change_no_result() {
    let run = |threads: usize| {
        let mut chain = Chain::new();
        let store = akash_store::Options { threads, ..akash_store::Options::default() };
        chain.block(&[]);
        chain.app = App::open(chain.store.clone(), AppConfig { store, ..config() }).expect("the state opens");
        let txs = mixed_block(&chain);
        let outcome = chain.block(&txs);
        (outcome.tx_results, chain.app.app_hash())
    };
    let (alone, hash) = run(1);
    assert_eq!(alone.iter().filter(|result| result.is_ok()).count(), 40);
    for code in [2, 4, 5, 32] {
        assert!(alone.iter().any(|result| result.code == code), "nothing failed with {code}");
    }
    for threads in [2, 3, 9] {
        assert_eq!(run(threads), (alone.clone(), hash), "{threads} threads");
    }
}
