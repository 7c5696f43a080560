//! Before a node votes it learns what the others decided.
//!
//! Blocks are asked for one answer at a time, each verified by its commit and executed, until the peers have no more.
//! A validator whose own signature stands in one of the last commits, above what its vote state says it signed, goes on
//! following and does not vote: another process uses its key, or this disk is a copy that is older than the last vote.
//! After enough blocks without such a signature it votes again, for nothing of that other process can be ahead of it.
//!
//! Does not know: rounds. The engine is started when this ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use malachite::app::engine::network::NetworkMsg as Message;
use malachite::app::types::PeerId;
use malachite::app::types::sync::{RawDecidedValue, Request, Response};
use malachite_sync::ValueRequest;
use ractor::RpcReplyPort;
use tokio::sync::mpsc;

use super::commit::{own_signature, to_commit};
use super::context::{Address, Context, Height, Round};
use super::last_sign::Position;
use super::proposals::Candidate;
use super::start::EngineError;
use super::view::View;
use crate::chain::executor::{ChainError, Executor};
use crate::p2p::{Outgoing, SyncAnswer};
use crate::stop::Stopping;

/// Blocks asked for at once; the answer is bounded by bytes too.
const BLOCKS_AT_ONCE: u64 = 100;
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// From the first connection on, time for others to connect.
const SETTLE: Duration = Duration::from_millis(500);
/// Peers that have not said where their chain ends are waited for so long.
const SPEAK_WITHIN: Duration = Duration::from_secs(3);
/// A tip that nobody delivers blocks for is not believed longer than this.
const DELIVER_WITHIN: Duration = Duration::from_secs(30);
/// A peer that answered wrongly is not asked again for so long.
const DISTRUST_FOR: Duration = Duration::from_secs(20);
/// Blocks without a signature of ours that is not in our vote state, before we vote.
pub const QUIET_BLOCKS: u64 = 20;
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub struct CatchUp<'a> {
    pub executor: &'a mut Executor,
    pub me: Address,
    /// What this validator knows to have signed last.
    pub signed: Option<Position>,
    pub outgoing: Outgoing,
    pub answers: mpsc::Receiver<SyncAnswer>,
    pub view: Arc<View>,
}

enum Step {
    Vote,
    Wait,
    Ask { peer: PeerId, tip: u64 },
}

#[derive(Default)]
struct Progress {
    first_peer: Option<Instant>,
    /// Since when somebody claims more than we have, without delivering it.
    behind_since: Option<Instant>,
    distrusted: HashMap<PeerId, Instant>,
    /// How often a peer did not deliver; one that is not connected any more is forgotten.
    failures: HashMap<PeerId, u32>,
    /// Who delivered last: a tip is only a claim, a delivery is not.
    delivered: Option<PeerId>,
    /// The height up to which commits were looked at, and where the last strange signature stands.
    looked_at: u64,
    strange_height: Option<u64>,
    warned: bool,
}

impl CatchUp<'_> {
    /// Returns when this node may take part in consensus. True: the node stops instead.
    pub async fn run(mut self, mut stopping: Stopping) -> Result<bool, EngineError> {
        let mut progress = Progress::default();
        loop {
            if stopping.is_now() {
                return Ok(true);
            }
            match self.next_step(&mut progress)? {
                Step::Vote => break,
                Step::Ask { peer, tip } => {
                    let asked = tokio::select! {
                        () = stopping.wait() => return Ok(true),
                        asked = self.ask(peer, tip) => asked?,
                    };
                    if asked {
                        progress.behind_since = None;
                        progress.delivered = Some(peer);
                    } else {
                        *progress.failures.entry(peer).or_default() += 1;
                        progress.distrusted.insert(peer, Instant::now() + DISTRUST_FOR);
                    }
                }
                Step::Wait => {
                    let _ = tokio::time::timeout(LOOK_EVERY, self.view.peers.changed.notified()).await;
                }
            }
        }
        self.view.following.store(false, Ordering::SeqCst);
        tracing::info!(height = self.executor.tip().height, "caught up");
        Ok(false)
    }

    fn next_step(&self, progress: &mut Progress) -> Result<Step, EngineError> {
        let height = self.executor.tip().height;
        self.look_for_own_signatures(progress)?;
        let is_strange = progress.strange_height.is_some_and(|strange| height < strange + QUIET_BLOCKS);
        if !is_strange && self.decides_alone() {
            // Below what it signed it signs nothing, and nobody else decides: the blocks have to come from somewhere.
            let signed_beyond = self.signed.filter(|signed| signed.height > height + 1);
            let Some(Position { height: signed, .. }) = signed_beyond else { return Ok(Step::Vote) };
            if !std::mem::replace(&mut progress.warned, true) {
                tracing::warn!(
                    height,
                    signed,
                    "signed beyond the end of this chain: waiting for a peer with the blocks"
                );
            }
        }
        let peers = &self.view.peers;
        if peers.count() == 0 {
            progress.first_peer = None;
            return Ok(Step::Wait);
        }
        let connected_for = progress.first_peer.get_or_insert_with(Instant::now).elapsed();
        let spoken = peers.all_have_spoken() || connected_for > SPEAK_WITHIN;
        let Some(tip) = peers.likely_tip().filter(|_| spoken && connected_for > SETTLE) else { return Ok(Step::Wait) };
        if tip <= height {
            progress.behind_since = None;
            return Ok(if is_strange { Step::Wait } else { Step::Vote });
        }
        let behind_for = progress.behind_since.get_or_insert_with(Instant::now).elapsed();
        progress.distrusted.retain(|_, until| *until > Instant::now());
        let claims = peers.with(height + 1);
        progress.failures.retain(|peer, _| claims.iter().any(|(claims, _)| claims == peer));
        let failed = |peer: &PeerId| progress.failures.get(peer).copied().unwrap_or(0);
        let usable = claims.iter().filter(|(peer, _)| !progress.distrusted.contains_key(peer));
        let best = usable.min_by_key(|(peer, _)| (progress.delivered != Some(*peer), failed(peer)));
        match best {
            _ if behind_for > DELIVER_WITHIN && !is_strange => Ok(Step::Vote),
            Some((peer, tip)) => Ok(Step::Ask { peer: *peer, tip: *tip }),
            None => Ok(Step::Wait),
        }
    }

    /// Whoever has more than two thirds of the power has nobody to learn from.
    fn decides_alone(&self) -> bool {
        let validators = &self.executor.tip().next_validators;
        let own = validators.find(&self.me.0).map_or(0, |validator| validator.power);
        u128::from(own) * 3 > u128::from(validators.total_power()) * 2
    }

    fn look_for_own_signatures(&self, progress: &mut Progress) -> Result<(), EngineError> {
        let height = self.executor.tip().height;
        if progress.looked_at == height {
            return Ok(());
        }
        for looked_at in height.saturating_sub(QUIET_BLOCKS).max(progress.looked_at) + 1..=height {
            let Some(commit) = self.executor.blocks().commit(looked_at).map_err(ChainError::from)? else { continue };
            if own_signature(&commit, &self.me).is_some_and(|position| self.signed < Some(position)) {
                if progress.strange_height.is_none() {
                    tracing::warn!(height = looked_at, "{}", strange_text(looked_at));
                }
                progress.strange_height = Some(looked_at);
            }
        }
        progress.looked_at = height;
        Ok(())
    }

    /// False when the peer did not deliver what it claims to have.
    async fn ask(&mut self, peer: PeerId, tip: u64) -> Result<bool, EngineError> {
        let from = self.executor.tip().next_height();
        let to = tip.min(from.saturating_add(BLOCKS_AT_ONCE - 1));
        let request = Request::ValueRequest(ValueRequest::new(Height(from)..=Height(to)));
        let (reply, _number) = ractor::concurrency::oneshot();
        let message = Message::OutgoingRequest(peer, request, RpcReplyPort::from(reply));
        self.outgoing.actor().cast(message).map_err(|_| EngineError::Gone)?;
        let answer = async {
            loop {
                match self.answers.recv().await {
                    Some(answer) if answer.peer == peer => return answer.response,
                    Some(_) => {} // a late answer of a peer that was given up
                    None => return None,
                }
            }
        };
        let Ok(Some(Response::ValueResponse(values))) = tokio::time::timeout(ANSWER_WITHIN, answer).await else {
            return Ok(false);
        };
        let mut good = !values.values.is_empty();
        for value in values.values.into_iter().take(BLOCKS_AT_ONCE as usize) {
            good = good && self.take(value)?;
        }
        Ok(good)
    }

    /// False when it is not the block of the next height with a commit that decides it.
    fn take(&mut self, value: RawDecidedValue<Context>) -> Result<bool, EngineError> {
        let certificate = value.certificate.trim_vote_extensions();
        let tip = self.executor.tip();
        let (height, validators) = (tip.next_height(), tip.next_validators.clone());
        let Some(commit) = to_commit(&certificate, &validators) else { return Ok(false) };
        let candidate =
            Candidate::from_bytes(height, certificate.round, Round::Nil, Address([0; 20]), value.value_bytes);
        let Some(candidate) = candidate.filter(|candidate| candidate.id == certificate.value_id) else {
            return Ok(false);
        };
        let constants = self.executor.constants();
        if commit.height.value() != height || tip.check_next_commit(constants, &candidate.id, &commit).is_err() {
            return Ok(false);
        }
        self.executor.judge_decided(&candidate).map_err(ChainError::from)?;
        self.executor.decide(&candidate, commit)?;
        Ok(true)
    }
}

pub fn strange_text(height: u64) -> String {
    format!(
        "this validator's signature stands in the commit of height {height}, but its vote state does not know it: \
         another process uses the same key, or this home is a copy of an older one. \
         Not voting until {QUIET_BLOCKS} blocks came without it"
    )
}
