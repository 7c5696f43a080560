use std::fmt;
use std::str::FromStr;

use super::{DeploymentId, GroupId, IdError, owner, parts, provider, sequence};
use crate::address::Address;
use crate::text::serde_as_text;

/// An order: the n-th call for bids of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId {
    pub group: GroupId,
    pub oseq: u32,
}

/// A provider's bid on an order. `bseq` is 0 today.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BidId {
    pub order: OrderId,
    pub provider: Address,
    pub bseq: u32,
}

/// A lease; it has the parts of the bid that won.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId {
    pub order: OrderId,
    pub provider: Address,
    pub bseq: u32,
}

impl OrderId {
    #[must_use]
    pub const fn new(group: GroupId, oseq: u32) -> Self {
        Self { group, oseq }
    }

    #[must_use]
    pub const fn group_id(&self) -> &GroupId {
        &self.group
    }

    #[must_use]
    pub const fn deployment_id(&self) -> &DeploymentId {
        self.group.deployment_id()
    }

    #[must_use]
    pub const fn owner(&self) -> &Address {
        self.group.owner()
    }

    #[must_use]
    pub const fn dseq(&self) -> u64 {
        self.group.dseq()
    }

    #[must_use]
    pub const fn gseq(&self) -> u32 {
        self.group.gseq
    }

    #[must_use]
    pub const fn oseq(&self) -> u32 {
        self.oseq
    }

    /// The bid of a provider on this order.
    #[must_use]
    pub fn bid(&self, provider: Address) -> BidId {
        BidId { order: self.clone(), provider, bseq: 0 }
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.group, self.oseq)
    }
}

impl FromStr for OrderId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        order(&parts(text, 4, 4, "owner/dseq/gseq/oseq")?)
    }
}

/// An order from the first four parts.
fn order(parts: &[&str]) -> Result<OrderId, IdError> {
    let deployment = DeploymentId::new(owner(parts[0])?, sequence("dseq", parts[1])?);
    Ok(deployment.group(sequence("gseq", parts[2])?).order(sequence("oseq", parts[3])?))
}

/// A bid's and a lease's parts are the same; so is all that is said about them.
macro_rules! bid_like {
    ($name:ident) => {
        impl $name {
            #[must_use]
            pub const fn new(order: OrderId, provider: Address, bseq: u32) -> Self {
                Self { order, provider, bseq }
            }

            #[must_use]
            pub const fn order_id(&self) -> &OrderId {
                &self.order
            }

            #[must_use]
            pub const fn group_id(&self) -> &GroupId {
                self.order.group_id()
            }

            #[must_use]
            pub const fn deployment_id(&self) -> &DeploymentId {
                self.order.deployment_id()
            }

            #[must_use]
            pub const fn owner(&self) -> &Address {
                self.order.owner()
            }

            #[must_use]
            pub const fn provider(&self) -> &Address {
                &self.provider
            }

            #[must_use]
            pub const fn dseq(&self) -> u64 {
                self.order.dseq()
            }

            #[must_use]
            pub const fn gseq(&self) -> u32 {
                self.order.gseq()
            }

            #[must_use]
            pub const fn oseq(&self) -> u32 {
                self.order.oseq
            }

            #[must_use]
            pub const fn bseq(&self) -> u32 {
                self.bseq
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}/{}", self.order, self.provider)?;
                if self.bseq != 0 {
                    write!(f, "/{}", self.bseq)?;
                }
                Ok(())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let parts = parts(text, 5, 6, "owner/dseq/gseq/oseq/provider")?;
                let bseq = parts.get(5).map_or(Ok(0), |text| sequence("bseq", text))?;
                Ok(Self::new(order(&parts)?, provider(parts[4])?, bseq))
            }
        }
    };
}
bid_like!(BidId);
bid_like!(LeaseId);

impl From<BidId> for LeaseId {
    fn from(id: BidId) -> Self {
        Self { order: id.order, provider: id.provider, bseq: id.bseq }
    }
}

impl From<LeaseId> for BidId {
    fn from(id: LeaseId) -> Self {
        Self { order: id.order, provider: id.provider, bseq: id.bseq }
    }
}

serde_as_text!(OrderId, BidId, LeaseId);
