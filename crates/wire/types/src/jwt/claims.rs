use std::fmt;

use crate::address::Address;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The tenant.
    pub issuer: Address,
    /// All times are seconds of the epoch.
    pub issued_at: i64,
    pub not_before: i64,
    /// The first second at which it is no longer valid.
    pub expires_at: i64,
    pub id: Option<String>,
    pub access: Access,
}

/// To which of the tenant's leases, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// All leases, everything.
    Full,
    /// All leases, some things.
    Scoped(Vec<Scope>),
    /// The leases with some providers.
    Granular(Vec<Permission>),
}

/// Access to the leases with one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    pub provider: Address,
    pub access: ProviderAccess,
}

/// To which leases with a provider, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderAccess {
    Full,
    Scoped(Vec<Scope>),
    Granular(Vec<DeploymentGrant>),
}

/// Access to one deployment or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentGrant {
    pub dseq: u64,
    /// 0 for all groups.
    pub gseq: u32,
    /// 0 for all orders.
    pub oseq: u32,
    pub scopes: Vec<Scope>,
    /// Names of services; the reference reads them and does not look at them.
    pub services: Vec<String>,
}

/// What may be done with a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    SendManifest,
    GetManifest,
    Logs,
    Shell,
    Events,
    Status,
    Restart,
    HostnameMigrate,
    IpMigrate,
    Attestation,
}

impl Scope {
    /// All scopes. Providers of the reference older than 0.16 refuse tokens with [`Scope::Attestation`].
    pub const ALL: [Self; 10] = [
        Self::SendManifest,
        Self::GetManifest,
        Self::Logs,
        Self::Shell,
        Self::Events,
        Self::Status,
        Self::Restart,
        Self::HostnameMigrate,
        Self::IpMigrate,
        Self::Attestation,
    ];

    /// The name in a token.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SendManifest => "send-manifest",
            Self::GetManifest => "get-manifest",
            Self::Logs => "logs",
            Self::Shell => "shell",
            Self::Events => "events",
            Self::Status => "status",
            Self::Restart => "restart",
            Self::HostnameMigrate => "hostname-migrate",
            Self::IpMigrate => "ip-migrate",
            Self::Attestation => "attestation",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
