//! Filters of list queries, and the part of an index in which the matching rows lie.
//!
//! Each list is read from ranges of one index: by provider if one is named, else by state if one is named or nothing
//! else is, else by identifier. What the ranges cannot express is left out key by key.

use akash_kernel::{QueryCtx, QueryError};
use akash_store::Key;
use akash_types::address::Address;
use akash_types::id::{BidId, DeploymentId, OrderId};

use crate::deployment;

/// Parts of an identifier that rows must have; zero and `None` mean any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdFilter {
    pub owner: Option<Address>,
    pub dseq: u64,
    pub gseq: u32,
    pub oseq: u32,
    pub provider: Option<Address>,
    pub bseq: u32,
}

impl IdFilter {
    pub fn deployment(owner: &str, dseq: u64) -> Result<Self, QueryError> {
        Ok(Self { owner: address(owner)?, dseq, ..Self::default() })
    }

    pub fn order(owner: &str, dseq: u64, gseq: u32, oseq: u32) -> Result<Self, QueryError> {
        Ok(Self { gseq, oseq, ..Self::deployment(owner, dseq)? })
    }

    /// The leading bytes of every identifier that matches.
    pub fn prefix(&self) -> Vec<u8> {
        let mut prefix = Vec::new();
        let Some(owner) = &self.owner else { return prefix };
        owner.encode(&mut prefix);
        if self.dseq == 0 {
            return prefix;
        }
        self.dseq.encode(&mut prefix);
        for sequence in [self.gseq, self.oseq] {
            if sequence == 0 {
                return prefix;
            }
            sequence.encode(&mut prefix);
        }
        if let Some(provider) = &self.provider {
            provider.encode(&mut prefix);
        }
        prefix
    }

    /// Nothing but a provider is asked for.
    pub fn is_unrestricted(&self) -> bool {
        *self == Self { provider: self.provider.clone(), ..Self::default() }
    }

    /// Whose identifiers match, where a deployment is named without its owner.
    pub fn owners(&self, ctx: &mut QueryCtx) -> Result<Option<Vec<Address>>, QueryError> {
        match (&self.owner, self.dseq) {
            (None, dseq) if dseq > 0 => deployment::api::owners_of(ctx, dseq),
            _ => Ok(None),
        }
    }

    fn with_owner(&self, owner: Address) -> Self {
        Self { owner: Some(owner), ..self.clone() }
    }

    pub fn matches_deployment(&self, id: &DeploymentId) -> bool {
        self.owner.as_ref().is_none_or(|owner| *owner == id.owner) && is(self.dseq, id.dseq)
    }

    pub fn matches_order(&self, id: &OrderId) -> bool {
        self.matches_deployment(id.deployment_id()) && is(self.gseq, id.gseq()) && is(self.oseq, id.oseq)
    }

    pub fn matches_bid(&self, id: &BidId) -> bool {
        self.matches_order(&id.order)
            && self.provider.as_ref().is_none_or(|provider| *provider == id.provider)
            && is(self.bseq, id.bseq)
    }
}

/// Where a list is read: ranges of keys that begin with these bytes, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Walk {
    /// The records themselves, in the order of their identifiers.
    Records(Vec<Vec<u8>>),
    /// The index by state.
    ByState(Vec<Vec<u8>>),
    /// The index by provider, then state.
    ByProvider(Vec<Vec<u8>>),
}

impl Walk {
    /// `states` are all that there are, in the order of their numbers; `owners` those of a `dseq` without an owner.
    pub fn of(filter: &IdFilter, state: Option<u8>, states: &[u8], owners: Option<Vec<Address>>) -> Self {
        let ids: Vec<Vec<u8>> = match owners {
            Some(owners) => owners.into_iter().map(|owner| filter.with_owner(owner).prefix()).collect(),
            None => vec![filter.prefix()],
        };
        let any_id = ids.iter().any(Vec::is_empty);
        let under = |first: &[u8]| -> Vec<Vec<u8>> { ids.iter().map(|id| [first, id].concat()).collect() };
        match (&filter.provider, state) {
            (None, None) if any_id => Self::ByState(vec![Vec::new()]),
            (None, None) => Self::Records(ids),
            (None, Some(state)) => Self::ByState(under(&[state])),
            (Some(provider), None) if any_id => Self::ByProvider(vec![akash_store::key_bytes(provider)]),
            (Some(provider), state) => {
                let provider = akash_store::key_bytes(provider);
                let wanted = state.as_ref().map_or(states, std::slice::from_ref);
                let of_state = |state: &u8| under(&[provider.as_slice(), &[*state]].concat());
                Self::ByProvider(wanted.iter().flat_map(of_state).collect())
            }
        }
    }
}

/// An address of a filter; empty means any.
pub fn address(text: &str) -> Result<Option<Address>, QueryError> {
    if text.is_empty() {
        return Ok(None);
    }
    Address::parse(text).map(Some).map_err(|error| QueryError::invalid_argument(format!("invalid address: {error}")))
}

/// A state of a filter by its name; empty means any, an unknown one and `invalid` are refused.
pub fn state<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, QueryError> {
    match text {
        "" => Ok(None),
        "invalid" => Err(QueryError::invalid_argument("invalid state value")),
        name => read(name).map(Some).ok_or_else(|| QueryError::invalid_argument("invalid state value")),
    }
}

fn is<T: Default + PartialEq>(wanted: T, found: T) -> bool {
    wanted == T::default() || wanted == found
}
