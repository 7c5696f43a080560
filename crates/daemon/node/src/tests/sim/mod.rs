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

use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use world::{Run, World};

/// Runs of an ordinary test; `AKASH_SIM_SEEDS` says more, `AKASH_SIM_SEED` names a single one.
const SEEDS: u64 = 20;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|value| value.parse().ok())
}

/// Runs every seed, on as many threads as there are processors. Gives what the good ones came to, and the bad ones.
fn run_all(seeds: Range<u64>) -> (Vec<Run>, Vec<u64>) {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return (good, bad);
            }
            match std::panic::catch_unwind(|| World::run(seed)) {
                Ok(run) => good.push(Run { trace: Vec::new(), ..run }),
                Err(_) => bad.push(seed),
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let parts = workers.into_iter().map(|worker| worker.join().unwrap());
        parts.fold((Vec::new(), Vec::new()), |(good, bad), (more_good, more_bad)| {
            ([good, more_good].concat(), [bad, more_bad].concat())
        })
    })
}

#[test]
fn no_seed_breaks_the_chain() {
    if let Some(seed) = number("AKASH_SIM_SEED") {
        println!("{}", World::run(seed));
        return;
    }
    let first = number("AKASH_SIM_FIRST").unwrap_or(1);
    let seeds = number("AKASH_SIM_SEEDS").unwrap_or(SEEDS);
    let (runs, bad) = run_all(first..first + seeds);
    let sum = |part: fn(&Run) -> u64| runs.iter().map(part).sum::<u64>();
    let (heights, later_rounds) = (sum(|run| run.heights), sum(|run| run.later_rounds));
    let (crashes, txs) = (sum(|run| run.crashes), sum(|run| run.txs));
    println!("{seeds} seeds: {heights} heights, {later_rounds} later rounds, {crashes} crashes, {txs} transactions");
    assert!(bad.is_empty(), "these seeds fail: {bad:?}; repeat one with AKASH_SIM_SEED={}", bad[0]);
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
