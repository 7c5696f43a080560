//! Identifiers as protobuf messages.

use akash_proto::akash::deployment::v1 as deployment;
use akash_proto::akash::market::v1 as market;

use super::{BidId, DeploymentId, GroupId, IdError, LeaseId, OrderId, not_zero, owner, provider};

impl TryFrom<&deployment::DeploymentId> for DeploymentId {
    type Error = IdError;

    fn try_from(id: &deployment::DeploymentId) -> Result<Self, IdError> {
        Ok(Self::new(owner(&id.owner)?, not_zero("dseq", id.dseq)?))
    }
}

impl From<&DeploymentId> for deployment::DeploymentId {
    fn from(id: &DeploymentId) -> Self {
        Self { owner: id.owner.to_string(), dseq: id.dseq }
    }
}

impl TryFrom<&deployment::GroupId> for GroupId {
    type Error = IdError;

    fn try_from(id: &deployment::GroupId) -> Result<Self, IdError> {
        let deployment = DeploymentId::new(owner(&id.owner)?, not_zero("dseq", id.dseq)?);
        Ok(deployment.group(not_zero("gseq", id.gseq)?))
    }
}

impl From<&GroupId> for deployment::GroupId {
    fn from(id: &GroupId) -> Self {
        Self { owner: id.owner().to_string(), dseq: id.dseq(), gseq: id.gseq }
    }
}

impl TryFrom<&market::OrderId> for OrderId {
    type Error = IdError;

    fn try_from(id: &market::OrderId) -> Result<Self, IdError> {
        let deployment = DeploymentId::new(owner(&id.owner)?, not_zero("dseq", id.dseq)?);
        Ok(deployment.group(not_zero("gseq", id.gseq)?).order(not_zero("oseq", id.oseq)?))
    }
}

impl From<&OrderId> for market::OrderId {
    fn from(id: &OrderId) -> Self {
        Self { owner: id.owner().to_string(), dseq: id.dseq(), gseq: id.gseq(), oseq: id.oseq }
    }
}

macro_rules! bid_like {
    ($name:ident) => {
        impl TryFrom<&market::$name> for $name {
            type Error = IdError;

            fn try_from(id: &market::$name) -> Result<Self, IdError> {
                let deployment = DeploymentId::new(owner(&id.owner)?, not_zero("dseq", id.dseq)?);
                let order = deployment.group(not_zero("gseq", id.gseq)?).order(not_zero("oseq", id.oseq)?);
                Ok(Self::new(order, provider(&id.provider)?, id.bseq))
            }
        }

        impl From<&$name> for market::$name {
            fn from(id: &$name) -> Self {
                Self {
                    owner: id.owner().to_string(),
                    dseq: id.dseq(),
                    gseq: id.gseq(),
                    oseq: id.oseq(),
                    provider: id.provider.to_string(),
                    bseq: id.bseq,
                }
            }
        }
    };
}
bid_like!(BidId);
bid_like!(LeaseId);

/// The other three forms of each conversion: from a value, and from an optional field, which must be there.
macro_rules! owned_forms {
    ($($name:ident = $proto:ty),+) => {$(
        impl TryFrom<$proto> for $name {
            type Error = IdError;

            fn try_from(id: $proto) -> Result<Self, IdError> {
                Self::try_from(&id)
            }
        }

        impl TryFrom<Option<&$proto>> for $name {
            type Error = IdError;

            fn try_from(id: Option<&$proto>) -> Result<Self, IdError> {
                Self::try_from(id.ok_or(IdError::Missing)?)
            }
        }

        impl From<$name> for $proto {
            fn from(id: $name) -> Self {
                Self::from(&id)
            }
        }
    )+};
}
owned_forms!(
    DeploymentId = deployment::DeploymentId,
    GroupId = deployment::GroupId,
    OrderId = market::OrderId,
    BidId = market::BidId,
    LeaseId = market::LeaseId
);
