//! The engine's network actor, listened in on.
//!
//! Messages of ours share the engine's sync channel, which is a broadcast to direct peers without relaying. Ours come
//! in as events that the engine would not understand and are taken out here; to send, an event of our own is put in
//! that only this actor understands. All else passes through unchanged.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use malachite::app::engine::network::{Args, Network, NetworkMsg as Message, NetworkRef, State};
use malachite::app::metrics::SharedRegistry;
use malachite::app::types::PeerId;
use malachite::app::types::sync::{Request, Response, Status};
use malachite_codec::Codec as _;
use malachite_network::{Channel, Config, Event, NetworkIdentity, PeerIdExt as _};
use malachite_sync::{InboundRequestId, RawMessage};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::mpsc;

use super::frame::{STATUS, TXS};
use super::limits::{Limits, Verdict};
use super::peers::Peers;
use crate::engine::codec::NodeCodec;
use crate::engine::context::Context;
use crate::engine::signer::BlockSigner;

/// Messages of peers that wait to be looked at.
const INCOMING_MAX: usize = 64;

/// An answer to a request for blocks.
pub struct SyncAnswer {
    pub peer: PeerId,
    /// None when it could not be read.
    pub response: Option<Response<Context>>,
}

/// What the actor hands over.
pub struct Incoming {
    /// Transactions of a peer, not decoded yet.
    pub txs: mpsc::Receiver<(PeerId, Bytes)>,
    /// Answers, as long as blocks are asked for before the engine runs.
    pub answers: mpsc::Receiver<SyncAnswer>,
    /// What peers ask for, as long as the engine does not hear it.
    pub requests: mpsc::Receiver<SyncRequest>,
}

pub type SyncRequest = (InboundRequestId, Request<Context>);

/// The way out. Clones lead to the same actor.
#[derive(Clone)]
pub struct Outgoing {
    actor: NetworkRef<Context>,
    me: PeerId,
    limits: Arc<Mutex<Limits<PeerId>>>,
    started: Instant,
}

impl Outgoing {
    /// To all direct peers. Nobody is told when there are none.
    pub fn broadcast(&self, frame: Bytes) {
        let _ = self.actor.cast(Message::NewEvent(Event::ConsensusMessage(Channel::Sync, self.me, None, frame)));
    }

    pub fn actor(&self) -> &NetworkRef<Context> {
        &self.actor
    }

    /// How this node is named on the network.
    pub fn me(&self) -> PeerId {
        self.me
    }

    /// The peer sent what no honest node passes on.
    pub fn blame(&self, peer: &PeerId, faults: u64) {
        let now_ms = elapsed_ms(self.started);
        let verdict = self.limits.lock().unwrap_or_else(PoisonError::into_inner).fault(peer, faults, now_ms);
        report(peer, verdict, "invalid transactions");
    }
}

struct Listening {
    engine: Network<Context, NodeCodec>,
    me: PeerId,
    peers: Arc<Peers>,
    limits: Arc<Mutex<Limits<PeerId>>>,
    started: Instant,
    txs: mpsc::Sender<(PeerId, Bytes)>,
    answers: mpsc::Sender<SyncAnswer>,
    requests: mpsc::Sender<SyncRequest>,
    signer: BlockSigner,
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn report(peer: &PeerId, verdict: Verdict, why: &str) {
    if let Verdict::Silence { for_ms } = verdict {
        tracing::warn!(%peer, seconds = for_ms / 1_000, why, "not listening to a peer's transactions for a while");
    }
}

/// Starts the network. Dropping what comes back does not end it: stop the actor.
pub async fn spawn(
    identity: NetworkIdentity,
    config: Config,
    peers: Arc<Peers>,
    signer: BlockSigner,
) -> Result<(Outgoing, Incoming), ractor::SpawnErr> {
    let me = PeerId::from_libp2p(&identity.keypair.public().to_peer_id());
    let metrics = SharedRegistry::global().with_moniker(&identity.moniker);
    let limits = Arc::new(Mutex::new(Limits::new()));
    let started = Instant::now();
    let (tx_sender, txs) = mpsc::channel(INCOMING_MAX);
    let (answer_sender, answers) = mpsc::channel(INCOMING_MAX);
    let (request_sender, requests) = mpsc::channel(INCOMING_MAX);
    let listening = Listening {
        engine: Network::new(NodeCodec, tracing::Span::current()),
        me,
        peers,
        limits: limits.clone(),
        started,
        txs: tx_sender,
        answers: answer_sender,
        requests: request_sender,
        signer,
    };
    let (actor, _) = Actor::spawn(None, listening, Args { identity, config, metrics }).await?;
    Ok((Outgoing { actor, me, limits, started }, Incoming { txs, answers, requests }))
}

impl Listening {
    /// None: it was for us alone.
    async fn pass(
        &self,
        message: Message<Context>,
        state: &State<Context>,
    ) -> Result<Option<Message<Context>>, ActorProcessingErr> {
        match &message {
            // A vote leaves: from now on nothing else may be signed at its place.
            Message::PublishConsensusMsg(vote) if !self.signer.leaves(vote).unwrap_or(false) => return Ok(None),
            Message::PublishLivenessMsg(message) if !self.signer.leaves_within(message).unwrap_or(false) => {
                return Ok(None);
            }
            Message::NewEvent(Event::ConsensusMessage(Channel::Sync, from, _, frame)) if *from == self.me => {
                if let State::Running { ctrl_handle, .. } = state {
                    ctrl_handle.broadcast(Channel::Sync, frame.clone()).await?;
                }
                return Ok(None);
            }
            Message::NewEvent(Event::ConsensusMessage(Channel::Sync, from, _, frame)) => match frame.first() {
                Some(&TXS) => {
                    self.received_txs(*from, frame.clone());
                    return Ok(None);
                }
                Some(&STATUS) => {
                    if let Ok(status) = NodeCodec.decode(frame.clone())
                        && let Status::<Context> { peer_id, tip_height, .. } = status
                        && peer_id == *from
                    {
                        self.peers.has_tip(from, tip_height.0);
                    }
                }
                _ => {}
            },
            Message::NewEvent(Event::PeerConnected(peer)) => self.peers.connected(*peer),
            Message::NewEvent(Event::PeerDisconnected(peer)) => self.peers.disconnected(peer),
            Message::NewEvent(Event::Sync(RawMessage::Response { peer, body, .. })) if !self.answers.is_closed() => {
                let response = NodeCodec.decode(body.clone()).ok();
                let _ = self.answers.try_send(SyncAnswer { peer: *peer, response });
                return Ok(None);
            }
            Message::NewEvent(Event::SyncRequestFailed { peer, .. }) if !self.answers.is_closed() => {
                let _ = self.answers.try_send(SyncAnswer { peer: *peer, response: None });
            }
            Message::NewEvent(Event::Sync(RawMessage::Request { request_id, body, .. })) => {
                if !self.requests.is_closed()
                    && let Ok(request) = NodeCodec.decode(body.clone())
                {
                    // The engine's actor notes the request, too: the answer goes through it.
                    let _ = self.requests.try_send((InboundRequestId::new(*request_id), request));
                }
            }
            _ => {}
        }
        Ok(Some(message))
    }

    fn received_txs(&self, from: PeerId, frame: Bytes) {
        let now_ms = elapsed_ms(self.started);
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = limits.message(&from, frame.len(), now_ms);
        drop(limits);
        report(&from, verdict, "too many transactions");
        if verdict == Verdict::Take {
            // When too much is waiting already, this one is dropped: others repeat what is good.
            let _ = self.txs.try_send((from, frame));
        }
    }
}

#[async_trait]
impl Actor for Listening {
    type Msg = Message<Context>;
    type State = State<Context>;
    type Arguments = Args;

    async fn pre_start(&self, myself: ActorRef<Self::Msg>, args: Args) -> Result<State<Context>, ActorProcessingErr> {
        self.engine.pre_start(myself, args).await
    }

    async fn handle(
        &self,
        myself: ActorRef<Self::Msg>,
        message: Self::Msg,
        state: &mut State<Context>,
    ) -> Result<(), ActorProcessingErr> {
        match self.pass(message, state).await? {
            Some(message) => self.engine.handle(myself, message, state).await,
            None => Ok(()),
        }
    }

    async fn post_stop(
        &self,
        myself: ActorRef<Self::Msg>,
        state: &mut State<Context>,
    ) -> Result<(), ActorProcessingErr> {
        self.engine.post_stop(myself, state).await
    }
}
