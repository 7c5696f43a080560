//! What each block says about the network and about our part in it.

use std::sync::Arc;

use tendermint::block::{Block, Commit};
use tokio::sync::broadcast::error::RecvError;

use super::Figures;
use crate::chain::form;
use crate::chain::published::CommittedBlock;
use crate::chain::validators::Validators;
use crate::server_state::ServerState;

/// Counts blocks until the node stops.
pub async fn follow(state: Arc<ServerState>) {
    let mut blocks = state.published.subscribe();
    let mut stopping = state.stopping.clone();
    let mut last_time = None;
    loop {
        let block = tokio::select! {
            () = stopping.wait() => return,
            block = blocks.recv() => block,
        };
        match block {
            Ok(block) => {
                record(&state, &block);
                let time = block.block.header.time;
                if let Some(interval) = last_time.replace(time).and_then(|last| time.duration_since(last).ok()) {
                    state.figures.block_interval.observe(interval.as_secs_f64());
                }
            }
            Err(RecvError::Lagged(_)) => last_time = None,
            Err(RecvError::Closed) => return,
        }
    }
}

fn record(state: &ServerState, committed: &CommittedBlock) {
    let (figures, block) = (&state.figures, &committed.block);
    let height = signed(committed.height);
    figures.height.set(height.saturating_add(1));
    figures.latest_block_height.set(height);
    figures.num_txs.set(signed(block.data.len() as u64));
    figures.total_txs.add(signed(block.data.len() as u64));
    figures.block_size.set(signed(form::encode_block(block).len() as u64));
    figures.byzantine_validators.set(signed(block.evidence.iter().count() as u64));
    let (execute, commit) = (committed.execute_took, committed.commit_took);
    figures.execute_seconds.observe(execute.as_secs_f64());
    figures.commit_seconds.observe(commit.as_secs_f64());
    figures.block_processing_ms.observe((execute + commit).as_secs_f64() * 1_000.0);
    record_validators(state, &state.snapshot().next_validators);
    record_last_commit(state, block);
}

fn record_validators(state: &ServerState, set: &Validators) {
    let figures = &state.figures;
    let power: u64 = set.iter().map(|validator| validator.power).sum();
    figures.validators.set(signed(set.count() as u64));
    figures.validators_power.set(signed(power));
    let own = set.find(&state.identity.address).map_or(0, |validator| validator.power);
    figures.validator_power.with_label_values(&[&state.identity.address_text()]).set(signed(own));
}

/// Who signed the block before.
fn record_last_commit(state: &ServerState, block: &Block) {
    let Some(commit) = &block.last_commit else { return };
    let figures = &state.figures;
    figures.rounds.set(i64::from(commit.round.value()));
    let Ok(Some(set)) = state.blocks.validators(commit.height.value()) else { return };
    let (mut missing, mut missing_power) = (0, 0);
    for (validator, entry) in set.iter().zip(&commit.signatures) {
        if !entry.is_commit() {
            missing += 1;
            missing_power += validator.power;
        }
    }
    figures.missing_validators.set(missing);
    figures.missing_validators_power.set(signed(missing_power));
    record_own(figures, state, &set, commit);
}

fn record_own(figures: &Figures, state: &ServerState, set: &Validators, commit: &Commit) {
    let label = state.identity.address_text();
    let missed = figures.validator_missed_blocks.with_label_values(&[&label]);
    let last_signed = figures.validator_last_signed_height.with_label_values(&[&label]);
    let Some(index) = set.iter().position(|validator| validator.address == state.identity.address) else { return };
    if commit.signatures.get(index).is_some_and(|entry| entry.is_commit()) {
        last_signed.set(signed(commit.height.value()));
    } else {
        missed.inc();
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
