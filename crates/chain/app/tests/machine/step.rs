//! What can happen. A step names things by position among what there is, so that it keeps a meaning when earlier steps
//! are left out.

use serde::{Deserialize, Serialize};

pub const TENANTS: u8 = 5;
pub const PROVIDERS: u8 = 4;
/// Accounts: tenants, then providers, then an auditor, then the authority.
pub const AUDITOR: u8 = TENANTS + PROVIDERS;
pub const AUTHORITY: u8 = AUDITOR + 1;
pub const ACCOUNTS: u8 = AUTHORITY + 1;

/// Position among the things of a kind that are known, modulo their number.
pub type Pick = u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denom {
    Uact,
    Uakt,
    /// A stable coin from elsewhere, which parameters let in and keep out.
    Stable,
}

pub const STABLE: &str = "ibc/170C677610AC31DF0904FFE09CD3B5C657492170E7E52372E48756B71E56F2F1";

impl Denom {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uact => "uact",
            Self::Uakt => "uakt",
            Self::Stable => STABLE,
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::Uact, Self::Uakt, Self::Stable].into_iter().find(|denom| denom.name() == name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    Balance,
    Grant,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupChange {
    Close,
    Pause,
    Start,
}

/// `DepositFor`: the grantee makes the granter deposit, by `MsgExec`. `Forged`: the message of a step, signed by
/// somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    EndBlock { seconds: u32 },
    CreateDeployment { tenant: u8, dseq: u64, shape: Shape, deposit: u64, from: From },
    UpdateDeployment { deployment: Pick, hash: u8 },
    CloseDeployment { deployment: Pick },
    ChangeGroup { group: Pick, change: GroupChange },
    Deposit { deployment: Pick, signer: u8, denom: Denom, amount: u64, from: From },
    SetOrderExpiry { order: Pick, blocks: u8 },
    CreateBid { order: Pick, provider: u8, bseq: u32, percent: u32, window: u32 },
    CloseBid { bid: Pick },
    CreateLease { bid: Pick },
    CloseLease { lease: Pick },
    EndLease { lease: Pick },
    StartReclaim { lease: Pick },
    Withdraw { lease: Pick },
    CreateProvider { provider: u8 },
    UpdateProvider { provider: u8, attribute: u8 },
    DeleteProvider { provider: u8 },
    SignAttributes { provider: u8, attribute: u8 },
    DeleteAttributes { provider: u8, all: bool },
    PublishCertificate { of: Certified },
    RevokeCertificate { of: Certified },
    Grant { granter: u8, grantee: u8, denom: Denom, limit: u64, bids: bool },
    Revoke { granter: u8, grantee: u8 },
    GrantClose { granter: u8, grantee: u8 },
    CloseFor { deployment: Pick, grantee: u8 },
    Send { from: u8, to: u8, amount: u64 },
    DepositFor { deployment: Pick, granter: u8, grantee: u8, denom: Denom, amount: u64 },
    SetParams { by: u8, change: Change },
    Forged { signer: u8, step: Box<Step> },
}

/// A value of the parameters. `Deposits` and `Bids` say whether the stable coin may be used for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    Take { percent: u32 },
    Grace { blocks: u64 },
    Depositors { most: u32 },
    BidsPerProvider { most: u32 },
    Replicas { most: u32 },
    Deposits { stable: bool },
    Bids { stable: bool, most: u32 },
}

/// Accounts for which there is a certificate in `fixtures/market`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certified {
    Tenant,
    Provider,
}

/// What a deployment asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    pub groups: u8,
    pub denom: Denom,
    pub price_milli: u64,
    pub replicas: u32,
    /// Wants a provider that the auditor signed for.
    pub audited: bool,
    /// Seconds of notice; 0 for none.
    pub window: u32,
}
