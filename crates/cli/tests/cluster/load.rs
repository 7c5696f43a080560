//! Transfers, one after the other from each account, and a record of those that were seen in a block.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use akash_client::Keyring;
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_types::coin::Coins;
use akash_types::key::SecretKey;
use akash_types::tx::{self, Unsigned};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::net::{Net, call};

/// How long a transaction may take to enter a block once the network is whole.
const COMMIT_WITHIN: Duration = Duration::from_secs(20);

/// A transaction that a node showed in a block.
#[derive(Clone, Debug)]
pub struct Committed {
    pub hash: String,
    pub height: u64,
}

pub struct Load {
    stop: Arc<AtomicBool>,
    committed: Arc<AtomicUsize>,
    senders: Vec<JoinHandle<Vec<Committed>>>,
}

struct Sender {
    key: SecretKey,
    account: u64,
    chain_id: String,
    nodes: Vec<SocketAddr>,
    /// The node that is asked next.
    turn: usize,
}

impl Load {
    pub fn start(net: &Net) -> Self {
        let (stop, committed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let nodes: Vec<_> = net.members.iter().take(4).map(|member| member.rpc).collect();
        let senders = (0..4).map(|number| {
            let member = &net.members[number];
            let key = Keyring::open(&member.home.join("keys")).require(&format!("node{number}")).unwrap();
            let sender = Sender {
                key: key.secret.clone(),
                account: number as u64,
                chain_id: net.chain_id.clone(),
                nodes: nodes.clone(),
                turn: number,
            };
            let (stop, committed) = (stop.clone(), committed.clone());
            std::thread::spawn(move || sender.run(&stop, &committed))
        });
        let senders = senders.collect();
        Self { stop, committed, senders }
    }

    /// Transactions that were seen in a block so far.
    pub fn committed(&self) -> usize {
        self.committed.load(Ordering::SeqCst)
    }

    pub fn end(self) -> Vec<Committed> {
        self.stop.store(true, Ordering::SeqCst);
        self.senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    }
}

impl Sender {
    fn run(mut self, stop: &AtomicBool, count: &AtomicUsize) -> Vec<Committed> {
        let mut committed = Vec::new();
        while !stop.load(Ordering::SeqCst) {
            let Some(sequence) = self.sequence() else {
                sleep(Duration::from_millis(50));
                continue;
            };
            let tx = self.transfer(sequence);
            // A node that refuses, or is gone, is followed by the next one.
            if let Some(hash) = self.offer(&tx)
                && let Some(found) = self.watch(&hash, stop)
            {
                committed.push(found);
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
        committed
    }

    fn node(&mut self) -> SocketAddr {
        self.turn += 1;
        self.nodes[self.turn % self.nodes.len()]
    }

    /// Of the state after the last block, as the next node has it.
    fn sequence(&mut self) -> Option<u64> {
        use akash_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
        use prost::Message as _;
        let request = QueryAccountRequest { address: self.key.address().to_string() };
        let data: String = request.encode_to_vec().iter().map(|byte| format!("{byte:02x}")).collect();
        let path = "/cosmos.auth.v1beta1.Query/Account";
        let answer = call(self.node(), "abci_query", json!({"path": path, "data": data}))?;
        let value = BASE64_STANDARD.decode(answer["response"]["value"].as_str()?).ok()?;
        let account = QueryAccountResponse::decode(&*value).ok()?.account?;
        let account = BaseAccount::decode(&*account.value).ok()?;
        self.account = account.account_number;
        Some(account.sequence)
    }

    fn transfer(&self, sequence: u64) -> Vec<u8> {
        let message = MsgSend {
            from_address: self.key.address().to_string(),
            to_address: SecretKey::from_bytes(&[9; 32]).unwrap().address().to_string(),
            amount: vec![Coin { denom: "uakt".to_owned(), amount: "1".to_owned() }],
        };
        let unsigned = Unsigned {
            messages: vec![tx::encode_any(&message)],
            fee: Coins::parse("5000uakt").unwrap(),
            gas_limit: 200_000,
            ..Unsigned::default()
        };
        tx::sign_direct(&unsigned, &self.key, &self.chain_id, self.account, sequence)
    }

    fn offer(&mut self, tx: &[u8]) -> Option<String> {
        let answer = call(self.node(), "broadcast_tx_sync", json!({"tx": BASE64_STANDARD.encode(tx)}))?;
        (answer["code"] == 0).then(|| answer["hash"].as_str().unwrap().to_owned())
    }

    /// Until some node shows it in a block. None when that does not happen: its node may have died with it.
    fn watch(&mut self, hash: &str, stop: &AtomicBool) -> Option<Committed> {
        let deadline = Instant::now() + COMMIT_WITHIN;
        let raw: Vec<u8> =
            (0..hash.len()).step_by(2).map(|at| u8::from_str_radix(&hash[at..at + 2], 16).unwrap()).collect();
        while Instant::now() < deadline {
            if let Some(found) = call(self.node(), "tx", json!({"hash": BASE64_STANDARD.encode(&raw), "prove": false}))
            {
                let height = found["height"].as_str()?.parse().ok()?;
                return Some(Committed { hash: hash.to_owned(), height });
            }
            if stop.load(Ordering::SeqCst) {
                return None;
            }
            sleep(Duration::from_millis(30));
        }
        None
    }
}
