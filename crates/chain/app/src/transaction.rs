//! A transaction as the chain reads it: decoded, its messages bound to their code, its signers known.

use std::collections::BTreeSet;

use akash_kernel::{BoundMessage, Registry, Reject, TxError, sdk_error};
use akash_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use akash_proto::cosmos::tx::v1beta1::{Fee, SignerInfo, TxBody};
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins};
use akash_types::key::SignerKey;
use akash_types::num::Int;
use akash_types::tx::{self, Decoded};
use prost_types::Any;

use crate::outcome::{Sender, panicked};

/// Everything that the bytes say, and nothing of the state.
pub struct Transaction {
    length: usize,
    decoded: Decoded,
    fee: Fee,
    signers: Vec<Address>,
    messages: Vec<SignedMessage>,
    /// Of each signer, what its signature was verified with; empty when it was not.
    verified: Vec<Verified>,
}

/// A signature that is good under this key and account number. Everything else it depends on is the transaction's own
/// or the chain's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The key as the account has it or the transaction states it; it is the signer's.
    pub stated: Any,
    /// The same, read.
    pub key: SignerKey,
    pub account_number: u64,
}

/// A message with its first signer, whom its event names.
pub struct SignedMessage {
    pub bound: Box<dyn BoundMessage>,
    pub signer: Option<Address>,
}

/// Why bytes are no transaction that could be tried.
pub enum Unreadable {
    /// They do not decode; the detail is shown to whoever sent them, not written into a block.
    Undecodable(String),
    Refused(Reject),
}

impl Unreadable {
    /// What a client is told.
    pub fn in_detail(self) -> Reject {
        match self {
            // The registered text stands twice: upstream wraps the same error again on its way out.
            Self::Undecodable(detail) => undecodable(format!("{detail}: tx parse error: tx parse error")),
            Self::Refused(reject) => reject,
        }
    }

    /// What a block says.
    pub fn in_block(self) -> Reject {
        match self {
            Self::Undecodable(_) => undecodable("tx parse error".to_owned()),
            Self::Refused(reject) => reject,
        }
    }
}

fn undecodable(text: String) -> Reject {
    Reject { codespace: "sdk", code: 2, text }
}

impl Transaction {
    pub fn read(registry: &Registry, bytes: &[u8]) -> Result<Self, Unreadable> {
        let decoded = tx::decode(bytes).map_err(|error| Unreadable::Undecodable(error.to_string()))?;
        if decoded.body.messages.is_empty() {
            return Err(refused(sdk_error::invalid_request("must contain at least one message")));
        }
        let bound = decoded.body.messages.iter().map(|message| registry.bind(message)).collect::<Result<_, _>>();
        let messages: Vec<Box<dyn BoundMessage>> = bound.map_err(refused)?;
        let Some(fee) = decoded.auth_info.fee.clone() else {
            let cause = "runtime error: invalid memory address or nil pointer dereference";
            return Err(Unreadable::Refused(panicked(cause)));
        };
        let (messages, signers) = signers(messages, &fee)?;
        Ok(Self { length: bytes.len(), decoded, fee, signers, messages, verified: Vec::new() })
    }

    /// What each message can tell without the state.
    pub fn validate(&self) -> Result<(), TxError> {
        self.messages.iter().try_for_each(|message| message.bound.validate())
    }

    /// The length of the raw bytes.
    pub fn len(&self) -> usize {
        self.length
    }

    pub fn body(&self) -> &TxBody {
        &self.decoded.body
    }

    pub fn fee(&self) -> &Fee {
        &self.fee
    }

    pub fn signer_infos(&self) -> &[SignerInfo] {
        &self.decoded.auth_info.signer_infos
    }

    pub fn signatures(&self) -> &[Vec<u8>] {
        &self.decoded.signatures
    }

    /// Distinct signers of the messages in order, then the fee payer if it is another one. Never empty.
    pub fn signers(&self) -> &[Address] {
        &self.signers
    }

    pub fn fee_payer(&self) -> Result<Address, TxError> {
        if self.fee.payer.is_empty() {
            return self.signers.first().cloned().ok_or_else(|| sdk_error::no_signatures(""));
        }
        Address::parse(&self.fee.payer)
            .map_err(|error| sdk_error::invalid_address(format!("Invalid fee payer address ({error})")))
    }

    /// The stated fee in one denomination, if it is a number.
    pub fn fee_amount(&self, denom: &str) -> Option<Int> {
        let coin = self.fee.amount.iter().find(|coin| coin.denom == denom)?;
        coin.amount.parse().ok()
    }

    /// The fee as it came, for texts.
    pub fn fee_text(&self) -> String {
        let text = |coin: &ProtoCoin| format!("{}{}", coin.amount, coin.denom);
        self.fee.amount.iter().map(text).collect::<Vec<_>>().join(",")
    }

    /// The type URLs of the messages, in order.
    pub fn message_types(&self) -> Vec<String> {
        self.messages.iter().map(|message| message.bound.type_url().to_owned()).collect()
    }

    pub fn decoded(&self) -> &Decoded {
        &self.decoded
    }

    /// What a mempool orders by.
    pub fn sender(&self) -> Option<Sender> {
        let coins = self.fee.amount.iter().filter_map(|coin| Coin::try_from(coin).ok()).collect();
        Some(Sender {
            address: self.signers.first()?.clone(),
            sequence: self.signer_infos().first().map_or(0, |info| info.sequence),
            fee: Coins::from_vec(coins).unwrap_or_default(),
        })
    }

    /// Keeps what is known of the signatures, one entry for each signer.
    pub fn set_verified(&mut self, verified: Vec<Verified>) {
        self.verified = verified;
    }

    /// What the signature at `index` was verified with, if it was.
    pub fn verified(&self, index: usize) -> Option<&Verified> {
        self.verified.get(index)
    }

    pub fn into_messages(self) -> Vec<SignedMessage> {
        self.messages
    }
}

/// Asks each message once; the order of all signers is that of the messages.
fn signers(messages: Vec<Box<dyn BoundMessage>>, fee: &Fee) -> Result<(Vec<SignedMessage>, Vec<Address>), Unreadable> {
    let (mut signed, mut signers) = (Vec::with_capacity(messages.len()), Vec::new());
    let mut known = BTreeSet::new(); // the number of signers is bounded by the size of a transaction alone, until later
    for bound in messages {
        let own = bound.signers().map_err(|error| Unreadable::Undecodable(error.to_string()))?;
        signed.push(SignedMessage { bound, signer: own.first().cloned() });
        for signer in own {
            if known.insert(signer.clone()) {
                signers.push(signer);
            }
        }
    }
    // A payer that is no address is refused by name in the ante chain.
    if let Ok(payer) = Address::parse(&fee.payer)
        && !known.contains(&payer)
    {
        signers.push(payer);
    }
    Ok((signed, signers))
}

fn refused(error: TxError) -> Unreadable {
    match error {
        TxError::Reject(reject) => Unreadable::Refused(reject),
        // Reading touches no state, so this cannot be about it.
        TxError::Fault(text) => Unreadable::Undecodable(text),
    }
}
