use super::claims::{Access, Claims, DeploymentGrant, ProviderAccess, Scope};
use crate::address::Address;
use crate::id::{DeploymentId, LeaseId};

/// What a tenant wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Who is asked.
    pub provider: &'a Address,
    pub resource: Resource<'a>,
    /// `None` asks for access of any kind.
    pub scope: Option<Scope>,
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource<'a> {
    /// Nothing in particular.
    Provider,
    /// A deployment, whatever its groups.
    Deployment(&'a DeploymentId),
    Lease(&'a LeaseId),
}

impl Resource<'_> {
    fn belongs_to(&self, owner: &Address) -> bool {
        match self {
            Self::Provider => true,
            Self::Deployment(id) => id.owner() == owner,
            Self::Lease(id) => id.owner() == owner,
        }
    }

    fn is_with(&self, provider: &Address) -> bool {
        match self {
            Self::Provider | Self::Deployment(_) => true,
            Self::Lease(id) => id.provider() == provider,
        }
    }
}

impl Claims {
    /// Whether the token allows a request. That the claims were verified is the caller's part.
    #[must_use]
    pub fn allows(&self, request: &Request<'_>) -> bool {
        if !request.resource.belongs_to(&self.issuer) || !request.resource.is_with(request.provider) {
            return false;
        }
        match &self.access {
            Access::Full => true,
            Access::Scoped(scopes) => within(scopes, request.scope),
            Access::Granular(permissions) => {
                let permission = permissions.iter().find(|permission| permission.provider == *request.provider);
                permission.is_some_and(|permission| permission.access.allows(request))
            }
        }
    }
}

impl ProviderAccess {
    fn allows(&self, request: &Request<'_>) -> bool {
        match self {
            Self::Full => true,
            Self::Scoped(scopes) => within(scopes, request.scope),
            Self::Granular(grants) => {
                grants.iter().any(|grant| grant.covers(&request.resource) && within(&grant.scopes, request.scope))
            }
        }
    }
}

impl DeploymentGrant {
    fn covers(&self, resource: &Resource<'_>) -> bool {
        let any_or = |granted: u32, asked: u32| granted == 0 || granted == asked;
        match resource {
            Resource::Provider => true,
            Resource::Deployment(id) => id.dseq() == self.dseq,
            Resource::Lease(id) => {
                id.dseq() == self.dseq && any_or(self.gseq, id.gseq()) && any_or(self.oseq, id.oseq())
            }
        }
    }
}

fn within(scopes: &[Scope], scope: Option<Scope>) -> bool {
    scope.is_none_or(|scope| scopes.contains(&scope))
}
