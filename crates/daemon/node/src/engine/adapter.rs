//! Turns the engine's messages into steps of the chain, one at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use malachite::app::consensus::{LocallyProposedValue, ProposedValue, SignedConsensusMsg};
use malachite::app::engine::host::{HeightParams, Next, SyncedValueOutcome};
use malachite::app::streaming::{StreamId, StreamMessage};
use malachite::app::types::core::{CommitCertificate, Context as _, SignedVote};
use malachite::app::types::{MisbehaviorEvidence, PeerId};
use malachite::{AppMsg, NetworkMsg, Reply};
use tokio::sync::mpsc;

use super::catch_up::{QUIET_BLOCKS, strange_text};
use super::commit::{own_signature, to_commit};
use super::context::{Address, BlockRef, Context, Height, LinearTimeouts, NilOrVal, Part, Round, ValidatorSet};
use super::pace::Pace;
use super::proposals::{Ahead, Assembler, Candidate, Expected};
use super::serve::decided_values;
use super::signer::BlockSigner;
use super::start::{EngineError, Pacing};
use super::view::{Place, View};
use crate::chain::executor::{ChainError, Executor};
use crate::chain::form;
use crate::stop::Stopping;

/// Room for the largest block that the parameters can allow.
const ASSEMBLED_BYTES_MAX: usize = 105 << 20;
/// Blocks kept for one round; more than one is already a proposer that misbehaves.
const BLOCKS_PER_ROUND_MAX: usize = 2;

pub struct Adapter {
    pub executor: Executor,
    pub signer: BlockSigner,
    pub me: Address,
    pub network: mpsc::Sender<NetworkMsg<Context>>,
    candidates: Vec<Candidate>,
    ahead: Ahead,
    assembler: Assembler,
    pace: Pace,
    timeouts: LinearTimeouts,
    view: Arc<View>,
    /// None: empty blocks are not put off.
    empty_blocks_interval: Option<Duration>,
    held: Option<Held>,
    streams_opened: u32,
    /// The height that the engine's write-ahead log may know more of than our vote state.
    first_height: u64,
}

/// The next height does not begin yet: no transaction waits.
struct Held {
    reply: Reply<Next<Context>>,
    until: Instant,
}

impl Adapter {
    pub fn new(
        executor: Executor,
        signer: BlockSigner,
        me: Address,
        pacing: &Pacing,
        network: mpsc::Sender<NetworkMsg<Context>>,
        view: Arc<View>,
    ) -> Result<Self, EngineError> {
        let mut adapter = Self {
            executor,
            signer,
            me,
            pace: Pace::new(pacing.block_interval),
            timeouts: pacing.timeouts,
            view,
            empty_blocks_interval: pacing.empty_blocks_interval,
            held: None,
            network,
            candidates: Vec::new(),
            ahead: Ahead::default(),
            assembler: Assembler::new(ASSEMBLED_BYTES_MAX),
            streams_opened: rand::random(),
            first_height: 0,
        };
        adapter.first_height = adapter.executor.tip().next_height();
        adapter.raise_floor();
        adapter.restore_candidates()?;
        Ok(adapter)
    }

    /// Until the engine or the node stops. An error is a reason to stop.
    pub async fn run(
        &mut self,
        mut messages: mpsc::Receiver<AppMsg<Context>>,
        mut stopping: Stopping,
    ) -> Result<(), EngineError> {
        let mempool = self.executor.mempool().clone();
        loop {
            let hold_ends = self.held.as_ref().map(|held| held.until);
            tokio::select! {
                biased;
                () = stopping.wait() => return Ok(()),
                message = messages.recv() => match message {
                    Some(message) => self.answer(message).await?,
                    None => return Err(EngineError::Gone),
                },
                () = mempool.filled(), if hold_ends.is_some() => {
                    // It may tell of a transaction that the last block took.
                    if mempool.count().txs > 0 {
                        self.begin_next_height();
                    }
                }
                () = until(hold_ends), if hold_ends.is_some() => self.begin_next_height(),
            }
        }
    }

    /// A dropped reply only means that the engine no longer wants to know.
    pub async fn answer(&mut self, message: AppMsg<Context>) -> Result<(), EngineError> {
        match message {
            AppMsg::ConsensusReady { reply } => {
                let height = self.executor.tip().next_height();
                let _ = reply.send((Height(height), self.height_params()));
            }
            AppMsg::StartedRound { height, round, proposer, reply_value, .. } => {
                if round.as_i64() > 0 {
                    tracing::info!(%height, %round, %proposer, "a further round");
                }
                let round_number = round.as_u32().unwrap_or(0);
                self.view.moved_to(Place { height: height.0, round: round_number, proposer: proposer.0 });
                let _ = reply_value.send(self.started_round(height, round)?);
            }
            AppMsg::GetValue { height, round, reply, .. } => {
                let candidate = self.own_block(height, round)?;
                let proposal = Context.new_proposal(height, round, candidate.id, Round::Nil, self.me);
                if self.signer.may_propose(&proposal) {
                    let _ = reply.send(LocallyProposedValue::new(height, round, candidate.id));
                    self.publish(&candidate, round, Round::Nil, self.me).await?;
                } else {
                    // A value for no round is passed over, and the wait for a proposal goes on until it times out.
                    let _ = reply.send(LocallyProposedValue::new(height, Round::Nil, candidate.id));
                }
            }
            AppMsg::RestreamProposal { round, valid_round, address, value_id, .. } => {
                if let Some(candidate) = self.find(&value_id) {
                    self.publish(&candidate, round, valid_round, address).await?;
                }
            }
            AppMsg::ReceivedProposalPart { from, published_by, part, reply } => {
                let _ = reply.send(self.received_part(published_by.unwrap_or(from), part)?);
            }
            AppMsg::Decided { certificate, reply, .. } => {
                self.decided(&certificate)?;
                let _ = reply.send(());
            }
            AppMsg::Finalized { certificate, evidence, reply, .. } => {
                self.misbehaved(&evidence);
                self.finalized(&certificate, reply)?;
            }
            AppMsg::ProcessSyncedValue { height, round, proposer, value_bytes, reply } => {
                let candidate = Candidate::from_bytes(height.0, round, Round::Nil, proposer, value_bytes);
                let _ = reply.send(self.synced(candidate)?);
            }
            AppMsg::GetDecidedValues { range, reply } => {
                let found = decided_values(self.executor.blocks(), range.start().0, range.end().0);
                let _ = reply.send(found.map_err(ChainError::from)?);
            }
            AppMsg::GetHistoryMinHeight { reply } => {
                let _ = reply.send(Height(self.executor.blocks().base().map_err(ChainError::from)?));
            }
            AppMsg::ExtendVote { reply, .. } => {
                let _ = reply.send(None);
            }
            AppMsg::VerifyVoteExtensions { extensions, reply, .. } => {
                let _ = reply.send(extensions.into_iter().map(|(address, _)| (address, Ok(()))).collect());
            }
        }
        Ok(())
    }

    fn height_params(&mut self) -> HeightParams<Context> {
        let validators = ValidatorSet::new(self.executor.tip().next_validators.clone());
        let target_time = self.target_time();
        HeightParams::new(validators, self.timeouts, target_time)
    }

    fn target_time(&mut self) -> Option<Duration> {
        let tip = self.executor.tip();
        let voted = form::median_time(&tip.commit, &tip.validators);
        self.pace.next(voted.map(form::time_ms), self.signer.clock().now_ms())
    }

    fn raise_floor(&self) {
        self.signer.raise_floor(form::time_ms(self.executor.tip().time));
    }

    fn restore_candidates(&mut self) -> Result<(), EngineError> {
        let next = self.executor.tip().next_height();
        self.executor.blocks().forget_undecided(0..next).map_err(ChainError::from)?;
        for candidate in self.executor.blocks().undecided().map_err(ChainError::from)? {
            if candidate.height == next {
                self.judge_and_keep(candidate);
            }
        }
        Ok(())
    }

    fn judge_and_keep(&mut self, mut candidate: Candidate) -> Candidate {
        match self.executor.judge(&candidate) {
            Ok(()) => {
                candidate.valid = true;
                self.signer.raise_floor(form::time_ms(candidate.block.header.time));
            }
            Err(error) => tracing::warn!(height = candidate.height, %error, "refused a proposed block"),
        }
        self.candidates.push(candidate.clone());
        candidate
    }

    fn admit(&mut self, candidate: Candidate) -> Result<ProposedValue<Context>, EngineError> {
        self.executor.blocks().save_undecided(&candidate).map_err(ChainError::from)?;
        Ok(self.judge_and_keep(candidate).proposed_value())
    }

    fn find(&self, id: &BlockRef) -> Option<Candidate> {
        self.candidates.iter().find(|candidate| candidate.id == *id).cloned()
    }

    fn started_round(&mut self, height: Height, round: Round) -> Result<Vec<ProposedValue<Context>>, EngineError> {
        for candidate in self.ahead.take(height.0) {
            let known = |known: &Candidate| known.id == candidate.id && known.round == candidate.round;
            if !self.candidates.iter().any(known) {
                self.admit(candidate)?;
            }
        }
        let seen = self.candidates.iter().filter(|known| known.height == height.0 && known.round == round);
        Ok(seen.map(Candidate::proposed_value).collect())
    }

    /// The same block for the same height and round, also after a restart.
    fn own_block(&mut self, height: Height, round: Round) -> Result<Candidate, EngineError> {
        let own = |known: &&Candidate| known.height == height.0 && known.round == round && known.proposer == self.me;
        if let Some(candidate) = self.candidates.iter().find(own) {
            return Ok(candidate.clone());
        }
        let candidate = self.executor.propose(round, self.me)?;
        self.admit(candidate.clone())?;
        Ok(candidate)
    }

    async fn publish(
        &mut self,
        candidate: &Candidate,
        round: Round,
        pol_round: Round,
        proposer: Address,
    ) -> Result<(), EngineError> {
        self.streams_opened = self.streams_opened.wrapping_add(1);
        let mut id = candidate.height.to_be_bytes().to_vec();
        id.extend(round.as_i64().to_be_bytes());
        id.extend(self.streams_opened.to_be_bytes());
        let sign = |init: &_| self.signer.sign_parts(init);
        for message in candidate.stream(StreamId::new(id.into()), (round, pol_round), proposer, sign) {
            let message = NetworkMsg::PublishProposalPart(message);
            self.network.send(message).await.map_err(|_| EngineError::Gone)?;
        }
        Ok(())
    }

    /// A block for a later height is kept: it can arrive before `Finalized` of the height before.
    fn received_part(
        &mut self,
        publisher: PeerId,
        part: StreamMessage<Part>,
    ) -> Result<Option<ProposedValue<Context>>, EngineError> {
        let tip = self.executor.tip();
        let (next, place) = (tip.next_height(), self.view.place());
        let expected = Expected {
            chain_id: self.executor.constants().chain_id.as_str(),
            next_height: next,
            round: if place.height == next { place.round } else { 0 },
            validators: [&tip.next_validators, &tip.later_validators],
        };
        let Some(candidate) = self.assembler.add(publisher, part, &expected) else { return Ok(None) };
        // Somebody has begun the next height.
        self.begin_next_height();
        if candidate.height != next {
            self.ahead.keep(candidate);
            return Ok(None);
        }
        let same = |known: &&Candidate| known.height == next && known.round == candidate.round;
        if self.candidates.iter().filter(same).count() >= BLOCKS_PER_ROUND_MAX {
            return Ok(None);
        }
        self.admit(candidate).map(Some)
    }

    fn decided(&mut self, certificate: &CommitCertificate<Context>) -> Result<(), EngineError> {
        let candidate = self.find(&certificate.value_id).ok_or(EngineError::UnknownDecision(certificate.height.0))?;
        let commit = to_commit(certificate, &self.executor.tip().next_validators);
        let commit = commit.ok_or(EngineError::UnknownDecision(certificate.height.0))?;
        // Our own signature must be one that our vote state knows.
        let signed = own_signature(&commit, &self.me);
        if signed.is_some_and(|position| self.signer.position() < Some(position))
            && certificate.height.0 != self.first_height
        {
            tracing::warn!("{}", strange_text(certificate.height.0));
            self.signer.keep_quiet_until(certificate.height.0.saturating_add(QUIET_BLOCKS));
        }
        // It may be only about to leave, or come from the write-ahead log that the first height began with.
        for entry in certificate.commit_signatures.iter().filter(|entry| entry.address == self.me) {
            let value = NilOrVal::Val(certificate.value_id);
            let vote = Context.new_precommit(certificate.height, certificate.round, value, self.me);
            self.signer.leaves(&SignedConsensusMsg::Vote(SignedVote::new(vote, entry.signature)))?;
        }
        self.executor.decide(&candidate, commit)?;
        self.assembler.decided(certificate.height.0);
        self.raise_floor();
        Ok(())
    }

    fn finalized(
        &mut self,
        certificate: &CommitCertificate<Context>,
        reply: Reply<Next<Context>>,
    ) -> Result<(), EngineError> {
        if let Some(commit) = to_commit(certificate, &self.executor.tip().validators) {
            self.executor.improve_commit(commit)?;
        }
        let next = self.executor.tip().next_height();
        self.candidates.retain(|candidate| candidate.height >= next);
        self.executor.blocks().forget_undecided(certificate.height.0..next).map_err(ChainError::from)?;
        self.held = Some(Held { reply, until: Instant::now() + self.hold() });
        if self.hold().is_zero() {
            self.begin_next_height();
        }
        Ok(())
    }

    /// Pairs of votes become evidence; two proposals of one proposer are none in CometBFT's form.
    fn misbehaved(&self, evidence: &MisbehaviorEvidence<Context>) {
        if !evidence.proposals.is_empty() {
            tracing::warn!(height = self.executor.tip().height, "a proposer signed two proposals for one round");
        }
        for (_, pairs) in &evidence.votes {
            for pair in pairs {
                if let Err(error) = self.executor.evidence().found(pair, self.executor.now()) {
                    tracing::warn!(%error, "a pair of votes is no evidence");
                }
            }
        }
    }

    /// How long the next height is put off: not when transactions wait, nor right after some, whose state only the
    /// next header shows.
    fn hold(&self) -> Duration {
        let Some(interval) = self.empty_blocks_interval else { return Duration::ZERO };
        let is_idle = self.executor.mempool().count().txs == 0 && self.ahead.is_empty();
        let had_txs = self.executor.published().snapshot().block.is_none_or(|block| !block.tx_hashes.is_empty());
        if is_idle && !had_txs { interval } else { Duration::ZERO }
    }

    fn begin_next_height(&mut self) {
        if let Some(held) = self.held.take() {
            let next = self.executor.tip().next_height();
            let _ = held.reply.send(Next::Start(Height(next), self.height_params()));
        }
    }

    fn synced(&mut self, candidate: Option<Candidate>) -> Result<SyncedValueOutcome<Context>, EngineError> {
        match candidate {
            None => Ok(SyncedValueOutcome::PeerFault),
            Some(candidate) if candidate.height == self.executor.tip().next_height() => {
                Ok(SyncedValueOutcome::Verdict(self.admit(candidate)?))
            }
            Some(_) => Ok(SyncedValueOutcome::LocalTransientError),
        }
    }
}

/// Never, when there is no such moment.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}
