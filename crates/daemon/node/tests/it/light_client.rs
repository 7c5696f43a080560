//! The unmodified light client of the `tendermint` crates follows the chain.

use std::time::Duration;

use akash_node::Node;
use tendermint_light_client_verifier::options::Options;
use tendermint_light_client_verifier::types::{TrustThreshold, TrustedBlockState, UntrustedBlockState};
use tendermint_light_client_verifier::{ProdVerifier, Verdict, Verifier};
use tendermint_rpc::{Client as _, HttpClient, Paging};

use crate::four_validators::configs;
use crate::support::{Network, client, reach};

const BLOCKS: u32 = 200;

pub struct LightBlock {
    pub signed_header: tendermint::block::signed_header::SignedHeader,
    validators: tendermint::validator::Set,
    next_validators: tendermint::validator::Set,
}

async fn set(client: &HttpClient, height: u32) -> tendermint::validator::Set {
    let validators = client.validators(height, Paging::All).await.unwrap().validators;
    tendermint::validator::Set::without_proposer(validators)
}

pub async fn fetch(client: &HttpClient, height: u32) -> LightBlock {
    let signed_header = client.commit(height).await.unwrap().signed_header;
    LightBlock { signed_header, validators: set(client, height).await, next_validators: set(client, height + 1).await }
}

pub fn verify(trusted: &LightBlock, new: &LightBlock) -> Verdict {
    let header = &trusted.signed_header.header;
    let options = Options {
        trust_threshold: TrustThreshold::ONE_THIRD,
        trusting_period: Duration::from_secs(100 * 365 * 86_400),
        clock_drift: Duration::from_secs(10),
    };
    ProdVerifier::default().verify_update_header(
        UntrustedBlockState {
            signed_header: &new.signed_header,
            validators: &new.validators,
            next_validators: Some(&new.next_validators),
        },
        TrustedBlockState {
            chain_id: &header.chain_id,
            header_time: header.time,
            height: header.height,
            next_validators: &trusted.next_validators,
            next_validators_hash: header.next_validators_hash,
        },
        &options,
        tendermint::Time::now(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn light_client_verifies_200_consecutive_blocks() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, u64::from(BLOCKS) + 1).await;
    let client = client(&node);
    let mut chain = Vec::new();
    for height in 1..=BLOCKS {
        chain.push(fetch(&client, height).await);
    }
    for pair in chain.windows(2) {
        assert_eq!(verify(&pair[0], &pair[1]), Verdict::Success);
    }
    assert_eq!(verify(&chain[0], &chain[150]), Verdict::Success, "skipping");

    let mut forged = fetch(&client, 100).await;
    forged.signed_header.header.app_hash = vec![7; 32].try_into().unwrap();
    assert_ne!(verify(&chain[98], &forged), Verdict::Success);
    node.stop().await.unwrap();
}

/// Votes of several validators, absent ones, and blocks that were decided in a later round.
#[tokio::test(flavor = "multi_thread")]
async fn light_client_verifies_1000_blocks_of_four_validators() {
    const ALL_UNTIL: u32 = 980;
    const LAST: u32 = 1_000;
    let folder = tempfile::tempdir().unwrap();
    let mut nodes = Vec::new();
    for mut config in configs(folder.path()) {
        config.consensus.timeout_commit = Duration::ZERO;
        config.consensus.timeout_propose = Duration::from_millis(300);
        nodes.push(Node::start(config).await.unwrap());
    }
    for height in (100..ALL_UNTIL).step_by(100) {
        reach(&nodes[0], u64::from(height)).await;
    }
    reach(&nodes[0], u64::from(ALL_UNTIL)).await;
    // Its turns to propose come and go.
    nodes.pop().unwrap().stop().await.unwrap();
    reach(&nodes[0], u64::from(LAST) + 1).await;

    let client = client(&nodes[0]);
    let mut trusted = fetch(&client, 1).await;
    let first = fetch(&client, 1).await;
    let mut later_rounds = 0;
    for height in 2..=LAST {
        let new = fetch(&client, height).await;
        assert_eq!(verify(&trusted, &new), Verdict::Success, "height {height}");
        later_rounds += u32::from(new.signed_header.commit.round.value() > 0);
        trusted = new;
    }
    assert_eq!(verify(&first, &trusted), Verdict::Success, "skipping all of them");
    println!("{later_rounds} blocks were decided in a round above 0");
    assert!(later_rounds >= 3, "{later_rounds}");
    for node in nodes {
        node.stop().await.unwrap();
    }
}
