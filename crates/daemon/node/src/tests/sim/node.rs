//! One validator: the engine's state machine, driven by effects that are performed at once.
//!
//! Log and vote state agree whenever the crash comes: what is derived is signed, always.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use akash_app::{App, AppConfig, Genesis};
use bytes::Bytes;
use ed25519_consensus::SigningKey;
use futures::executor::block_on;
use malachite::app::consensus::{
    ConsensusMsg, Effect, Input, LivenessMsg, Params, Resumable, Resume, SignedConsensusMsg, State, ThresholdParams,
};
use malachite::app::engine::host::{HeightParams, Next, SyncedValueOutcome};
use malachite::app::metrics::Metrics;
use malachite::app::streaming::StreamMessage;
use malachite::app::types::core::{Timeout, ValueOrigin, ValuePayload, ValueResponse, VoteExtensionPolicy};
use malachite::app::types::sync::RawDecidedValue;
use malachite::app::types::{Keypair, PeerId};
use malachite::{AppMsg, NetworkMsg, Reply};
use malachite_codec::Codec as _;
use malachite_network::PeerIdExt as _;
use malachite_signing::{Signer as _, Verifier as _, VerifierExt as _};
use tokio::sync::{mpsc, oneshot};

use super::disk::Disk;
use super::random::Random;
use crate::blocks::BlockStore;
use crate::chain::executor::Executor;
use crate::chain::validators::address_of;
use crate::clock::Clock;
use crate::disk::FjallStore;
use crate::engine::adapter::Adapter;
use crate::engine::codec::NodeCodec;
use crate::engine::context::{Address, Context, Height, LinearTimeouts, Part, Round};
use crate::engine::last_sign::LastSign;
use crate::engine::signer::{BlockSigner, BlockVerifier};
use crate::engine::{Pacing, View};
use crate::stop::Fatal;

/// Inputs that wait for a later height, as the engine keeps them.
const QUEUE: usize = 10;
const QUEUE_PER_HEIGHT: usize = 1_000;
const OPEN_ATTEMPTS: usize = 10_000;
/// Of a thousand effects, those during which the network sends a message.
const SENT_MEANWHILE: u64 = 300;

/// What leaves a node for all others.
#[derive(Clone)]
pub enum Message {
    Consensus(Bytes),
    Liveness(Bytes),
    Part(PeerId, Bytes),
    /// Where the sender's chain ends.
    Status(u64),
}

/// What a node wants of the world.
pub enum Wish {
    Send(Message),
    /// To be woken at the end of a timeout; a number that is no longer current is ignored.
    Timer {
        timeout: Timeout,
        number: u64,
        after_ms: u64,
    },
    Signed(SignedConsensusMsg<Context>),
    Committed {
        height: u64,
    },
}

/// Handed to the network, which sends it when it comes to it: a crash before that loses it.
enum Outgoing {
    Consensus(SignedConsensusMsg<Context>),
    Liveness(LivenessMsg<Context>),
}

enum Task {
    Start(Height, HeightParams<Context>),
    Input(Input<Context>),
}

pub struct Node {
    pub adapter: Adapter,
    pub peer: PeerId,
    pub wishes: Vec<Wish>,
    /// Effects that are still performed before the node crashes.
    pub crash_after: Option<u64>,
    pub fatal: Fatal,
    state: Option<State<Context>>,
    me: Address,
    signer: BlockSigner,
    verifier: BlockVerifier,
    parts: mpsc::Receiver<NetworkMsg<Context>>,
    outgoing: VecDeque<Outgoing>,
    random: Random,
    tasks: VecDeque<Task>,
    timers: HashMap<Timeout, u64>,
    timer_count: u64,
    timeouts: LinearTimeouts,
    recovering: bool,
    metrics: Metrics,
    /// Blocks of a peer for heights that have not begun.
    synced: BTreeMap<u64, ValueResponse<Context>>,
}

/// A crash in the midst of an effect.
#[derive(Debug)]
pub struct Crashed;

pub fn peer_of(key: &SigningKey) -> PeerId {
    PeerId::from_libp2p(&Keypair::ed25519_from_bytes(key.to_bytes()).unwrap().public().to_peer_id())
}

impl Node {
    /// From what its disk holds.
    pub fn open(disk: &Disk, key: &SigningKey, genesis: &Genesis, clock: Clock, random: Random) -> Self {
        let home = disk.home();
        let store = open_store(&home.database());
        let blocks = BlockStore::open(store.database()).unwrap();
        let app = App::open(Arc::new(store), AppConfig::default()).unwrap();
        let executor = Executor::open(app, blocks, genesis, &crate::config::Mempool::default()).unwrap();
        let fatal = Fatal::default();
        let last_sign = LastSign::open(&home.last_sign()).unwrap();
        let signer = BlockSigner::new(genesis.chain_id.clone(), key.clone(), last_sign, fatal.clone(), clock);
        let me = Address(address_of(key.verification_key().as_bytes()));
        let (network, parts) = mpsc::channel(10_000);
        let timeouts = LinearTimeouts::default();
        let block_interval = std::time::Duration::from_millis(200);
        let pacing = Pacing { block_interval, timeouts, empty_blocks_interval: None };
        let adapter = Adapter::new(executor, signer.clone(), me, &pacing, network, Arc::<View>::default()).unwrap();
        let mut node = Self {
            adapter,
            peer: peer_of(key),
            wishes: Vec::new(),
            crash_after: None,
            fatal,
            state: None,
            me,
            signer,
            verifier: BlockVerifier { chain_id: genesis.chain_id.clone() },
            parts,
            outgoing: VecDeque::new(),
            random,
            tasks: VecDeque::new(),
            timers: HashMap::new(),
            timer_count: 0,
            timeouts,
            recovering: false,
            metrics: Metrics::new(),
            synced: BTreeMap::new(),
        };
        let (height, params) = node.ask(|reply| AppMsg::ConsensusReady { reply }).expect("the adapter answers");
        node.tasks.push_back(Task::Start(height, params));
        node
    }

    pub fn height(&self) -> u64 {
        self.adapter.executor.tip().height
    }

    /// Puts a question to the adapter and takes its answer. None: it wants to answer later, or not at all.
    fn ask<T>(&mut self, question: impl FnOnce(Reply<T>) -> AppMsg<Context>) -> Option<T> {
        let (reply, mut answer) = oneshot::channel();
        block_on(self.adapter.answer(question(reply))).unwrap();
        while let Ok(NetworkMsg::PublishProposalPart(part)) = self.parts.try_recv() {
            self.wishes.push(Wish::Send(Message::Part(self.peer, NodeCodec.encode(&part).unwrap())));
        }
        answer.try_recv().ok()
    }

    pub fn receive(&mut self, from: PeerId, message: Message) {
        match message {
            Message::Consensus(bytes) => match NodeCodec.decode(bytes).unwrap() {
                SignedConsensusMsg::Vote(vote) => self.input(Input::Vote(vote)),
                SignedConsensusMsg::Proposal(proposal) => self.input(Input::Proposal(proposal)),
            },
            Message::Liveness(bytes) => match NodeCodec.decode(bytes).unwrap() {
                LivenessMsg::Vote(vote) => self.input(Input::Vote(vote)),
                LivenessMsg::PolkaCertificate(certificate) => self.input(Input::PolkaCertificate(certificate)),
                LivenessMsg::SkipRoundCertificate(certificate) => self.input(Input::RoundCertificate(certificate)),
            },
            Message::Part(publisher, bytes) => {
                let part: StreamMessage<Part> = NodeCodec.decode(bytes).unwrap();
                let question =
                    |reply| AppMsg::ReceivedProposalPart { from, published_by: Some(publisher), part, reply };
                if let Some(value) = self.ask(question).flatten() {
                    self.input(Input::ProposedValue(value, ValueOrigin::Consensus));
                }
            }
            Message::Status(_) => {}
        }
    }

    /// Blocks that a peer gave for the asking.
    pub fn decided_values(&mut self, from: u64) -> Vec<RawDecidedValue<Context>> {
        let range = Height(from)..=Height(from + 4);
        self.ask(|reply| AppMsg::GetDecidedValues { range, reply }).unwrap_or_default()
    }

    pub fn receive_blocks(&mut self, peer: PeerId, from: u64, values: Vec<RawDecidedValue<Context>>) {
        for (value, height) in values.into_iter().zip(from..) {
            self.synced.insert(height, ValueResponse::new(peer, value.value_bytes, value.certificate));
        }
        self.take_synced();
    }

    fn take_synced(&mut self) {
        let height = self.height() + 1;
        self.synced = self.synced.split_off(&height);
        if let Some(value) = self.synced.remove(&height) {
            self.input(Input::SyncValueResponse(value));
        }
    }

    pub fn timer(&mut self, timeout: Timeout, number: u64) {
        if self.timers.get(&timeout) == Some(&number) {
            self.timers.remove(&timeout);
            self.input(Input::TimeoutElapsed(timeout));
        }
    }

    fn input(&mut self, input: Input<Context>) {
        self.tasks.push_back(Task::Input(input));
    }

    /// Until nothing is left to do, or the crash comes.
    pub fn work(&mut self, disk: &mut Disk) -> Result<(), Crashed> {
        while let Some(task) = self.tasks.pop_front() {
            match task {
                Task::Input(input) => self.process(disk, input)?,
                Task::Start(height, params) => self.start(disk, height, params)?,
            }
            while self.send_next() {}
            if let Some(reason) = self.fatal.reason() {
                panic!("node {}: {reason}", self.me);
            }
        }
        Ok(())
    }

    fn start(&mut self, disk: &mut Disk, height: Height, params: HeightParams<Context>) -> Result<(), Crashed> {
        let entries = disk.log.begin(height);
        self.timeouts = params.timeouts;
        self.state.get_or_insert_with(|| {
            let own = Params {
                address: self.me,
                threshold_params: ThresholdParams::default(),
                value_payload: ValuePayload::ProposalAndParts,
                enabled: true,
            };
            State::new(Context, height, params.validator_set.clone(), own, QUEUE, QUEUE_PER_HEIGHT)
        });
        let policy = VoteExtensionPolicy::default();
        // No target time: the state machine measures it with a clock of its own.
        self.process(disk, Input::StartHeight(height, params.validator_set, false, None, policy))?;
        if !entries.is_empty() {
            self.recovering = true;
            self.state.as_mut().expect("it was made above").index_wal_entries(entries.iter());
            for entry in entries {
                self.process(disk, entry)?;
            }
            self.state.as_mut().expect("it was made above").reset_entries_index();
            self.recovering = false;
        }
        self.take_synced();
        Ok(())
    }

    fn process(&mut self, disk: &mut Disk, input: Input<Context>) -> Result<(), Crashed> {
        let mut state = self.state.take().expect("a height has begun");
        let metrics = self.metrics.clone();
        let mut crashed = false;
        let result: Result<(), malachite::app::consensus::Error<Context>> = malachite::app::consensus::process!(
            input: input,
            state: &mut state,
            metrics: &metrics,
            with: effect => {
                crashed = crashed || self.is_due();
                if crashed { Err(Crashed) } else { Ok(self.perform(disk, effect)) }
            }
        );
        self.state = Some(state);
        if crashed {
            return Err(Crashed);
        }
        result.unwrap();
        Ok(())
    }

    /// The network's turn. False when nothing waits.
    fn send_next(&mut self) -> bool {
        match self.outgoing.pop_front() {
            Some(Outgoing::Consensus(message)) if self.signer.leaves(&message).unwrap() => {
                self.wishes.push(Wish::Signed(message.clone()));
                self.wishes.push(Wish::Send(Message::Consensus(NodeCodec.encode(&message).unwrap())));
            }
            Some(Outgoing::Liveness(message)) if self.signer.leaves_within(&message).unwrap() => {
                self.wishes.push(Wish::Send(Message::Liveness(NodeCodec.encode(&message).unwrap())));
            }
            Some(Outgoing::Consensus(_) | Outgoing::Liveness(_)) => {}
            None => return false,
        }
        true
    }

    /// Counts an effect. True when the crash comes before it.
    fn is_due(&mut self) -> bool {
        if self.random.in_thousand(SENT_MEANWHILE) {
            self.send_next();
        }
        match &mut self.crash_after {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
        }
    }

    fn perform(&mut self, disk: &mut Disk, effect: Effect<Context>) -> Resume<Context> {
        match effect {
            Effect::CancelAllTimeouts(r) => {
                self.timers.clear();
                r.resume_with(())
            }
            Effect::CancelTimeout(timeout, r) => {
                self.timers.remove(&timeout);
                r.resume_with(())
            }
            Effect::ScheduleTimeout(timeout, r) => {
                self.timer_count += 1;
                self.timers.insert(timeout, self.timer_count);
                let after_ms = self.timeouts.duration_for(timeout).as_millis() as u64;
                self.wishes.push(Wish::Timer { timeout, number: self.timer_count, after_ms });
                r.resume_with(())
            }
            Effect::StartRound(height, round, proposer, role, r) => {
                disk.log.flush();
                let question = |reply_value| AppMsg::StartedRound { height, round, proposer, role, reply_value };
                for value in self.ask(question).unwrap_or_default() {
                    self.input(Input::ProposedValue(value, ValueOrigin::Consensus));
                }
                r.resume_with(())
            }
            Effect::WalAppend(height, entry, r) => {
                if !self.recovering {
                    disk.log.append(height, entry);
                }
                r.resume_with(())
            }
            Effect::PublishConsensusMsg(message, r) => {
                disk.log.flush();
                self.outgoing.push_back(Outgoing::Consensus(message));
                r.resume_with(())
            }
            Effect::PublishLivenessMsg(message, r) => self.publish(message, r),
            Effect::RepublishVote(vote, r) => self.publish(LivenessMsg::Vote(vote), r),
            Effect::RepublishRoundCertificate(certificate, r) => {
                self.publish(LivenessMsg::SkipRoundCertificate(certificate), r)
            }
            other => self.decide_or_sign(disk, other),
        }
    }

    fn publish(
        &mut self,
        message: LivenessMsg<Context>,
        resume: impl Resumable<Context, Value = ()>,
    ) -> Resume<Context> {
        self.outgoing.push_back(Outgoing::Liveness(message));
        resume.resume_with(())
    }

    fn decide_or_sign(&mut self, disk: &mut Disk, effect: Effect<Context>) -> Resume<Context> {
        match effect {
            Effect::GetValue(height, round, _, r) => {
                let timeout = std::time::Duration::from_secs(1);
                let value = self.ask(|reply| AppMsg::GetValue { height, round, timeout, reply });
                self.input(Input::Propose(value.expect("the adapter proposes")));
                r.resume_with(())
            }
            Effect::RestreamProposal(height, round, valid_round, address, value_id, r) => {
                let question =
                    |_: Reply<()>| AppMsg::RestreamProposal { height, round, valid_round, address, value_id };
                self.ask(question);
                r.resume_with(())
            }
            Effect::Decide(certificate, extensions, r) => {
                disk.log.flush();
                let height = certificate.height.0;
                self.ask(|reply| AppMsg::Decided { certificate, extensions, reply }).expect("the adapter stores");
                self.wishes.push(Wish::Committed { height });
                r.resume_with(())
            }
            Effect::Finalize(certificate, extensions, evidence, r) => {
                let question = |reply| AppMsg::Finalized { certificate, extensions, evidence, reply };
                let Some(Next::Start(height, params)) = self.ask(question) else { panic!("no next height") };
                // What waits was meant for heights that may be over: the engine looks at it after the start, too.
                self.tasks.push_front(Task::Start(height, params));
                r.resume_with(())
            }
            Effect::CertVerifiedSyncValue(value, proposer, r) => {
                let (height, round) = (value.certificate.height, value.certificate.round);
                let value_bytes = value.value_bytes;
                let question = |reply| AppMsg::ProcessSyncedValue { height, round, proposer, value_bytes, reply };
                if let Some(SyncedValueOutcome::Verdict(mut proposed)) = self.ask(question) {
                    proposed.round = round;
                    self.input(Input::ProposedValue(proposed, ValueOrigin::Sync));
                }
                r.resume_with(())
            }
            Effect::CertRejectedSyncValue(_, height, error, _) => panic!("block {height} of an honest peer: {error}"),
            Effect::SignVote(vote, r) => {
                let signed = block_on(self.signer.sign_vote(vote.clone())).unwrap();
                assert!(signed.signature.time().is_some() && signed.message == vote, "not signed: {vote:?}");
                r.resume_with(signed)
            }
            Effect::SignProposal(proposal, r) => {
                let signed = block_on(self.signer.sign_proposal(proposal)).unwrap();
                assert!(signed.signature.time().is_some(), "not signed: {:?}", signed.message);
                r.resume_with(signed)
            }
            other => self.verify(other),
        }
    }

    fn verify(&self, effect: Effect<Context>) -> Resume<Context> {
        let verifier = &self.verifier;
        match effect {
            Effect::VerifySignature(signed, key, r) => {
                let verified = match &signed.message {
                    ConsensusMsg::Vote(vote) => block_on(verifier.verify_signed_vote(vote, &signed.signature, &key)),
                    ConsensusMsg::Proposal(proposal) => {
                        block_on(verifier.verify_signed_proposal(proposal, &signed.signature, &key))
                    }
                };
                r.resume_with(verified.unwrap().is_valid())
            }
            Effect::VerifyCommitCertificate(certificate, set, thresholds, r) => {
                r.resume_with(block_on(verifier.verify_commit_certificate(&Context, &certificate, &set, thresholds)))
            }
            Effect::VerifyExtendedCommitCertificate(certificate, set, thresholds, policy, r) => {
                let verified =
                    verifier.verify_extended_commit_certificate(&Context, &certificate, &set, thresholds, policy);
                r.resume_with(block_on(verified))
            }
            Effect::VerifyPolkaCertificate(certificate, set, thresholds, r) => {
                r.resume_with(block_on(verifier.verify_polka_certificate(&Context, &certificate, &set, thresholds)))
            }
            Effect::VerifyRoundCertificate(certificate, set, thresholds, r) => {
                r.resume_with(block_on(verifier.verify_round_certificate(&Context, &certificate, &set, thresholds)))
            }
            other => panic!("an effect that this chain does not know: {other:?}"),
        }
    }
}

/// The threads of a crashed node's database may hold it for a moment.
fn open_store(path: &Path) -> FjallStore {
    for _ in 0..OPEN_ATTEMPTS {
        match FjallStore::open(path) {
            Ok(store) => return store,
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(1)),
        }
    }
    FjallStore::open(path).unwrap()
}

/// Where a signed message stands: height, round, and which of the three kinds it is.
pub fn place_of(message: &SignedConsensusMsg<Context>) -> (u64, Round, u8, String) {
    match message {
        SignedConsensusMsg::Vote(vote) => {
            let vote = &vote.message;
            (vote.height.0, vote.round, vote.kind as u8, format!("{:?}", vote.value))
        }
        SignedConsensusMsg::Proposal(proposal) => {
            let proposal = &proposal.message;
            (proposal.height.0, proposal.round, 9, format!("{:?}/{:?}", proposal.value, proposal.pol_round))
        }
    }
}
