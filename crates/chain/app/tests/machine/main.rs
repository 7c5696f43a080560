//! Random histories of a whole marketplace: many tenants, providers and an authority send every kind of message, and
//! after each block nothing may be broken.
//!
//! A run fails when a block finds a fault, a transaction panics, a forged signature passes, an invariant does not hold,
//! the total supply changes, a grant is not what is left of it, lies in escrow and was spent, or a chain that is closed
//! and opened again now and then comes to another app hash. What fails is shortened and
//! printed as a script, one step a line, which [`SCRIPT`] runs again.
//!
//! | variable               | meaning                                                    | default |
//! |------------------------|------------------------------------------------------------|---------|
//! | `AKASH_MACHINE_SEEDS`  | histories                                                  | 16      |
//! | `AKASH_MACHINE_FIRST`  | the first one's seed                                       | 1       |
//! | `AKASH_MACHINE_BLOCKS` | blocks of each history                                     | 80      |
//! | `AKASH_MACHINE_SCRIPT` | a file with a printed script, to run instead               |         |
//!
//! The last line of the output is a digest over all app hashes: two builds of one source must print the same.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod draw;
mod grants;
mod known;
mod messages;
mod params;
mod run;
mod shrink;
mod step;

use sha2::{Digest, Sha256};

use run::{Counts, Failure, Restarts, run};
use step::Step;

const SCRIPT: &str = "AKASH_MACHINE_SCRIPT";
/// Each so many histories are run a second time with restarts.
const RESTARTED: u64 = 8;
/// So many histories must reach everything below.
const ENOUGH: u64 = 16;
/// Each is accepted by some of them and refused by some.
const MESSAGES: [&str; 31] = [
    "akash.audit.v1.MsgDeleteProviderAttributes",
    "akash.audit.v1.MsgSignProviderAttributes",
    "akash.cert.v1.MsgCreateCertificate",
    "akash.cert.v1.MsgRevokeCertificate",
    "akash.deployment.v1beta4.MsgCloseDeployment",
    "akash.deployment.v1beta4.MsgCloseGroup",
    "akash.deployment.v1beta4.MsgCreateDeployment",
    "akash.deployment.v1beta4.MsgPauseGroup",
    "akash.deployment.v1beta4.MsgStartGroup",
    "akash.deployment.v1beta4.MsgUpdateDeployment",
    "akash.deployment.v1beta4.MsgUpdateParams",
    "akash.escrow.v1.MsgAccountDeposit",
    "akash.ext.deployment.v1.MsgUpdateParams",
    "akash.ext.escrow.v1.MsgUpdateParams",
    "akash.ext.market.v1.MsgSetOrderExpiry",
    "akash.ext.market.v1.MsgUpdateParams",
    "akash.market.v1beta5.MsgCloseBid",
    "akash.market.v1beta5.MsgCloseLease",
    "akash.market.v1beta5.MsgCreateBid",
    "akash.market.v1beta5.MsgCreateLease",
    "akash.market.v1beta5.MsgLeaseStartReclaim",
    "akash.market.v1beta5.MsgUpdateParams",
    "akash.market.v1beta5.MsgWithdrawLease",
    "akash.provider.v1beta4.MsgCreateProvider",
    "akash.provider.v1beta4.MsgDeleteProvider",
    "akash.provider.v1beta4.MsgUpdateProvider",
    "akash.take.v1.MsgUpdateParams",
    "cosmos.authz.v1beta1.MsgExec",
    "cosmos.authz.v1beta1.MsgGrant",
    "cosmos.authz.v1beta1.MsgRevoke",
    "cosmos.bank.v1beta1.MsgSend",
];
/// Each happens in some.
const EVENTS: [&str; 26] = [
    "akash.audit.v1.EventTrustedAuditorCreated",
    "akash.audit.v1.EventTrustedAuditorDeleted",
    "akash.deployment.v1.EventDeploymentClosed",
    "akash.deployment.v1.EventDeploymentCreated",
    "akash.deployment.v1.EventDeploymentUpdated",
    "akash.deployment.v1.EventGroupClosed",
    "akash.deployment.v1.EventGroupPaused",
    "akash.deployment.v1.EventGroupStarted",
    "akash.ext.escrow.v1.EventGracePeriodStarted",
    "akash.ext.market.v1.EventOrderExpired",
    "akash.ext.market.v1.EventOrderExpirySet",
    "akash.market.v1.EventBidClosed",
    "akash.market.v1.EventBidCreated",
    r#"akash.market.v1.EventLeaseClosed "lease_closed_owner""#,
    r#"akash.market.v1.EventLeaseClosed "lease_closed_reason_insufficient_funds""#,
    r#"akash.market.v1.EventLeaseClosed "lease_closed_reason_unstable""#,
    "akash.market.v1.EventLeaseCreated",
    r#"akash.market.v1.EventLeaseReclaimStarted "lease_closed_reason_decommission""#,
    r#"akash.market.v1.EventLeaseReclaimStarted "lease_closed_reason_manifest_timeout""#,
    r#"akash.market.v1.EventLeaseReclaimStarted "lease_closed_reason_unspecified""#,
    r#"akash.market.v1.EventLeaseReclaimStarted "lease_closed_reason_unstable""#,
    "akash.market.v1.EventOrderClosed",
    "akash.market.v1.EventOrderCreated",
    "akash.provider.v1beta4.EventProviderCreated",
    "akash.provider.v1beta4.EventProviderDeleted",
    "akash.provider.v1beta4.EventProviderUpdated",
];

#[test]
fn no_history_breaks_anything() {
    if let Ok(path) = std::env::var(SCRIPT) {
        let text = std::fs::read_to_string(path).unwrap();
        let steps = shrink::from_script(&text);
        println!("{:?}", run(&steps, Restarts::Never, &mut Counts::default()).unwrap());
        return;
    }
    let (first, seeds) = (number("AKASH_MACHINE_FIRST", 1), number("AKASH_MACHINE_SEEDS", 16));
    let blocks = number("AKASH_MACHINE_BLOCKS", 80);
    let mut counts = Counts::default();
    let mut digest = Sha256::new();
    for seed in first..first + seeds {
        let steps = draw::history(seed, blocks);
        let hash = run(&steps, Restarts::Never, &mut counts).unwrap_or_else(|failure| report(seed, &steps, &failure));
        if seed % RESTARTED == 0 {
            let again = run(&steps, Restarts::Often, &mut Counts::default());
            assert_eq!(again.as_ref(), Ok(&hash), "seed {seed}: restarts made a difference");
        }
        digest.update(hash);
        if (seed + 1 - first) % 50 == 0 {
            println!(
                "seeds {first}..{}, {blocks} blocks each, digest {:x} so far",
                seed + 1,
                digest.clone().finalize()
            );
        }
    }
    print_counts(&counts);
    println!("seeds {first}..{}, {blocks} blocks each, digest {:x}", first + seeds, digest.finalize());
    if seeds >= ENOUGH {
        check_reach(&counts);
    }
}

/// Whether the histories tested something of every message.
fn check_reach(counts: &Counts) {
    for message in MESSAGES {
        let count = counts.messages.get(message);
        assert!(count.is_some_and(|count| count.passed > 0), "{message} never passes: {count:?}");
        assert!(count.is_some_and(|count| count.refused > 0), "{message} is never refused: {count:?}");
    }
    for event in EVENTS {
        assert!(counts.events.contains_key(event), "{event} never happens");
    }
    assert!(counts.grants.sums > 100 * counts.grants.unknown_blocks, "grants are hardly ever looked at");
}

fn report(seed: u64, steps: &[Step], failure: &Failure) -> ! {
    let again = |steps: &[Step]| run(steps, Restarts::Never, &mut Counts::default()).map(|_| ());
    let (short, failure) = shrink::shorten(steps, failure, again);
    println!("seed {seed} fails: {failure}\nshortened from {} to {} steps:", steps.len(), short.len());
    print!("{}", shrink::to_script(&short));
    panic!("seed {seed}: {failure} (the script above, in a file that {SCRIPT} names, repeats it)");
}

fn print_counts(counts: &Counts) {
    for (name, count) in &counts.messages {
        println!("{name:<46} passed {:>7} refused {:>7} {:?}", count.passed, count.refused, count.codes);
    }
    for (name, count) in &counts.events {
        println!("{name:<76} {count:>7}");
    }
    let seen = &counts.grants;
    println!("grants compared {}, blocks of which nothing was known {}", seen.sums, seen.unknown_blocks);
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}
