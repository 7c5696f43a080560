//! Four validators in one thread, by seed: the consensus state machine of the engine's core crate with our context,
//! signer, adapter, chain and stores around it; time, network and crashes are made up.
//!
//! Life of a run: [`world::World`] makes nodes on disks of their own and lets events happen in the order of a virtual
//! clock. Messages are lost, delayed, reordered and doubled; nodes are cut off; they crash between any two effects of
//! the state machine, losing what their write-ahead log had not flushed, and come back from their disks. Then all
//! faults end, and everything must go on.
//!
//! Checked all the time: one block and one application hash for each height, no two votes and no two proposals of a
//! validator for one place, no transaction twice or lost. The same seed gives the same run, so that a failure repeats.
//!
//! Not here: sockets, the engine's actors and its own sync (a simple one stands in), catching up before voting, the
//! pace of blocks (the state machine would read a real clock for it).

mod disk;
mod node;
mod random;
mod world;

use world::World;

/// Runs of an ordinary test; `AKASH_SIM_SEEDS` says more, `AKASH_SIM_SEED` names a single one.
const SEEDS: u64 = 20;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|value| value.parse().ok())
}

#[test]
fn no_seed_breaks_the_chain() {
    if let Some(seed) = number("AKASH_SIM_SEED") {
        println!("{}", World::run(seed));
        return;
    }
    let first = number("AKASH_SIM_FIRST").unwrap_or(1);
    let seeds = number("AKASH_SIM_SEEDS").unwrap_or(SEEDS);
    let (mut heights, mut crashes, mut later_rounds, mut txs) = (0, 0, 0, 0);
    for seed in first..first + seeds {
        let run = std::panic::catch_unwind(|| World::run(seed));
        let run = run.unwrap_or_else(|_| panic!("seed {seed} fails; repeat it with AKASH_SIM_SEED={seed}"));
        (heights, crashes) = (heights + run.heights, crashes + run.crashes);
        (later_rounds, txs) = (later_rounds + run.later_rounds, txs + run.txs);
    }
    println!("{seeds} seeds: {heights} heights, {later_rounds} later rounds, {crashes} crashes, {txs} transactions");
    assert!(crashes > 0 && later_rounds > 0 && txs > 0, "the faults did nothing");
}

#[test]
fn same_seed_gives_the_same_run() {
    for seed in [7, 8] {
        let (first, second) = (World::run(seed), World::run(seed));
        let parted = first.trace.iter().zip(&second.trace).position(|(first, second)| first != second);
        if let Some(at) = parted {
            let around = at.saturating_sub(5)..at + 3;
            panic!(
                "seed {seed} parts at event {at}: {:?} and {:?}",
                &first.trace[around.clone()],
                &second.trace[around]
            );
        }
        assert_eq!(first, second);
    }
    assert_ne!(World::run(7).trace, World::run(8).trace);
}
