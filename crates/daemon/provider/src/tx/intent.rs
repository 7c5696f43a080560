//! What is to be sent, independent of sequence numbers and fees.

use akash_proto::akash::base::deposit::v1::{Deposit, Source};
use akash_proto::akash::market::v1::LeaseClosedReason;
use akash_proto::akash::market::v1beta5::{MsgCloseBid, MsgCreateBid, MsgWithdrawLease, ResourceOffer};
use akash_types::coin::{Coin, DecCoin};
use akash_types::id::{BidId, LeaseId};
use akash_types::tx::encode_any;
use prost_types::Any;
use serde::{Deserialize, Serialize};

/// A message with a name of its own. Two intents of one key are one intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    pub key: String,
    pub guard: Guard,
    type_url: String,
    #[serde(with = "hex_bytes")]
    value: Vec<u8>,
}

/// What must still hold when the message is signed. It narrows the window in which the world can change to one block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    Always,
    /// The order is open and there is no bid of this id.
    NotBidYet(BidId),
    /// The bid is open: closing it later would close the lease it has become.
    BidOpen(BidId),
    /// The lease is live.
    LeaseLive(LeaseId),
}

impl Intent {
    fn new<M: prost::Message + prost::Name>(key: String, guard: Guard, message: &M) -> Self {
        let any = encode_any(message);
        Self { key, guard, type_url: any.type_url, value: any.value }
    }

    pub fn create_bid(id: &BidId, price: &DecCoin, deposit: &Coin, offer: Vec<ResourceOffer>) -> Self {
        let message = MsgCreateBid {
            id: Some(id.into()),
            price: Some(price.into()),
            deposit: Some(Deposit { amount: Some(deposit.into()), sources: vec![Source::Balance as i32] }),
            resources_offer: offer,
            reclamation_window: None,
        };
        Self::new(Self::create_bid_key(id), Guard::NotBidYet(id.clone()), &message)
    }

    pub fn create_bid_key(id: &BidId) -> String {
        format!("create-bid/{id}")
    }

    /// Takes an open bid back.
    pub fn close_bid(id: &BidId) -> Self {
        let reason = LeaseClosedReason::Unspecified as i32;
        let message = MsgCloseBid { id: Some(id.into()), reason };
        Self::new(format!("close-bid/{id}"), Guard::BidOpen(id.clone()), &message)
    }

    /// Ends a lease: on the wire, its bid is closed.
    pub fn close_lease(id: &LeaseId, reason: LeaseClosedReason) -> Self {
        let bid = BidId::from(id.clone());
        let message = MsgCloseBid { id: Some((&bid).into()), reason: reason as i32 };
        Self::new(format!("close-lease/{id}"), Guard::LeaseLive(id.clone()), &message)
    }

    pub fn withdraw(id: &LeaseId) -> Self {
        let message = MsgWithdrawLease { id: Some(id.into()) };
        Self::new(format!("withdraw/{id}"), Guard::LeaseLive(id.clone()), &message)
    }

    pub fn message(&self) -> Any {
        Any { type_url: self.type_url.clone(), value: self.value.clone() }
    }
}

pub(super) mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
