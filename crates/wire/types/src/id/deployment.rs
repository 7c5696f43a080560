use std::fmt;
use std::str::FromStr;

use super::{IdError, OrderId, owner, parts, sequence};
use crate::address::Address;
use crate::text::serde_as_text;

/// A deployment: its owner and a number that the owner chose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeploymentId {
    pub owner: Address,
    pub dseq: u64,
}

/// A group of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId {
    pub deployment: DeploymentId,
    pub gseq: u32,
}

impl DeploymentId {
    #[must_use]
    pub const fn new(owner: Address, dseq: u64) -> Self {
        Self { owner, dseq }
    }

    #[must_use]
    pub const fn owner(&self) -> &Address {
        &self.owner
    }

    #[must_use]
    pub const fn dseq(&self) -> u64 {
        self.dseq
    }

    /// A group of this deployment.
    #[must_use]
    pub fn group(&self, gseq: u32) -> GroupId {
        GroupId { deployment: self.clone(), gseq }
    }
}

impl GroupId {
    #[must_use]
    pub const fn new(deployment: DeploymentId, gseq: u32) -> Self {
        Self { deployment, gseq }
    }

    #[must_use]
    pub const fn deployment_id(&self) -> &DeploymentId {
        &self.deployment
    }

    #[must_use]
    pub const fn owner(&self) -> &Address {
        self.deployment.owner()
    }

    #[must_use]
    pub const fn dseq(&self) -> u64 {
        self.deployment.dseq
    }

    #[must_use]
    pub const fn gseq(&self) -> u32 {
        self.gseq
    }

    /// An order of this group.
    #[must_use]
    pub fn order(&self, oseq: u32) -> OrderId {
        OrderId { group: self.clone(), oseq }
    }
}

impl fmt::Display for DeploymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.dseq)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.deployment, self.gseq)
    }
}

impl FromStr for DeploymentId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let parts = parts(text, 2, 2, "owner/dseq")?;
        Ok(Self::new(owner(parts[0])?, sequence("dseq", parts[1])?))
    }
}

impl FromStr for GroupId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let parts = parts(text, 3, 3, "owner/dseq/gseq")?;
        let deployment = DeploymentId::new(owner(parts[0])?, sequence("dseq", parts[1])?);
        Ok(deployment.group(sequence("gseq", parts[2])?))
    }
}

serde_as_text!(DeploymentId, GroupId);
