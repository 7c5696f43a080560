//! Random histories of a whole marketplace: many tenants, providers and an authority send every kind of message, and
//! after each block nothing may be broken.
//!
//! A run fails when a block finds a fault, a transaction panics, an invariant does not hold, the total supply changes,
//! or a chain that is closed and opened again now and then comes to another app hash. What fails is shortened and
//! printed as a script, one step a line, which [`SCRIPT`] runs again.
//!
//! | variable               | meaning                                                    | default |
//! |------------------------|------------------------------------------------------------|---------|
//! | `AKASH_MACHINE_SEEDS`  | histories                                                  | 12      |
//! | `AKASH_MACHINE_FIRST`  | the first one's seed                                       | 1       |
//! | `AKASH_MACHINE_BLOCKS` | blocks of each history                                     | 60      |
//! | `AKASH_MACHINE_SCRIPT` | a file with a printed script, to run instead               |         |
//!
//! The last line of the output is a digest over all app hashes: two builds of one source must print the same.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod draw;
mod known;
mod messages;
mod run;
mod shrink;
mod step;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use run::{Counts, Failure, Restarts, run};
use step::Step;

const SCRIPT: &str = "AKASH_MACHINE_SCRIPT";
/// Each so many histories are run a second time with restarts.
const RESTARTED: u64 = 4;
/// Of each kind of message so many get through, or the histories test nothing of it.
const FEWEST: u64 = 1;

#[test]
fn no_history_breaks_anything() {
    if let Ok(path) = std::env::var(SCRIPT) {
        let text = std::fs::read_to_string(path).unwrap();
        let steps: Vec<Step> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        println!("{:?}", run(&steps, Restarts::Never, &mut Counts::new()).unwrap());
        return;
    }
    let (first, seeds) = (number("AKASH_MACHINE_FIRST", 1), number("AKASH_MACHINE_SEEDS", 12));
    let blocks = number("AKASH_MACHINE_BLOCKS", 60);
    let mut counts = Counts::new();
    let mut digest = Sha256::new();
    for seed in first..first + seeds {
        let steps = draw::history(seed, blocks);
        let hash = run(&steps, Restarts::Never, &mut counts).unwrap_or_else(|failure| report(seed, &steps, &failure));
        if seed % RESTARTED == 0 {
            let again = run(&steps, Restarts::Often, &mut Counts::new());
            assert_eq!(again.as_ref(), Ok(&hash), "seed {seed}: restarts made a difference");
        }
        digest.update(hash);
    }
    print_counts(&counts);
    println!("seeds {first}..{}, {blocks} blocks each, digest {:x}", first + seeds, digest.finalize());
    let seldom: BTreeMap<_, _> = counts.iter().filter(|(_, count)| count.passed < FEWEST).collect();
    assert!(seldom.is_empty() || seeds < 12, "steps that hardly ever pass test nothing: {seldom:?}");
}

fn report(seed: u64, steps: &[Step], failure: &Failure) -> ! {
    let (short, failure) = shrink::shorten(steps, failure);
    println!("seed {seed} fails: {failure}\nshortened from {} to {} steps:", steps.len(), short.len());
    for step in &short {
        println!("{}", serde_json::to_string(step).unwrap());
    }
    panic!("seed {seed}: {failure} (the script above, in a file that {SCRIPT} names, repeats it)");
}

fn print_counts(counts: &Counts) {
    for (name, count) in counts {
        println!("{name:<20} passed {:>7} refused {:>7} {:?}", count.passed, count.refused, count.codes);
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}
