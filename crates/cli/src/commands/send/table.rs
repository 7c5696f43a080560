//! How messages are called: one line each, in the words of the Go client.
//!
//! Every message of the services below can be sent. Those that the table does not name are called after the message, in
//! small letters: `MsgSetOrderExpiry` of the market is `market set-order-expiry`.

/// Module name, and the service that takes its messages.
pub const MODULES: [(&str, &str); 19] = [
    ("audit", "akash.audit.v1.Msg"),
    ("bme", "akash.bme.v1.Msg"),
    ("cert", "akash.cert.v1.Msg"),
    ("deployment", "akash.deployment.v1beta4.Msg"),
    ("deployment limits", "akash.ext.deployment.v1.Msg"),
    ("escrow", "akash.escrow.v1.Msg"),
    ("escrow limits", "akash.ext.escrow.v1.Msg"),
    ("market", "akash.market.v1beta5.Msg"),
    ("market", "akash.ext.market.v1.Msg"),
    ("oracle", "akash.oracle.v2.Msg"),
    ("provider", "akash.provider.v1beta4.Msg"),
    ("take", "akash.take.v1.Msg"),
    ("auth", "cosmos.auth.v1beta1.Msg"),
    ("authz", "cosmos.authz.v1beta1.Msg"),
    ("bank", "cosmos.bank.v1beta1.Msg"),
    ("consensus", "cosmos.consensus.v1.Msg"),
    ("feegrant", "cosmos.feegrant.v1beta1.Msg"),
    ("upgrade", "cosmos.upgrade.v1beta1.Msg"),
    ("vesting", "cosmos.vesting.v1beta1.Msg"),
];

/// A message with a name of its own.
pub struct Named {
    /// Words after `akash tx`.
    pub path: &'static str,
    /// Its full name.
    pub message: &'static str,
    /// Flags that are arguments instead, in this order; those with `?` may be left out.
    pub arguments: &'static str,
    pub about: &'static str,
}

const fn named(path: &'static str, message: &'static str, arguments: &'static str, about: &'static str) -> Named {
    Named { path, message, arguments, about }
}

pub const NAMED: [Named; 19] = [
    named("bank send", "cosmos.bank.v1beta1.MsgSend", "from-address to-address amount", "Send coins"),
    named("authz revoke", "cosmos.authz.v1beta1.MsgRevoke", "grantee msg-type-url", "Take back what an account may do"),
    named(
        "feegrant revoke",
        "cosmos.feegrant.v1beta1.MsgRevokeAllowance",
        "granter grantee",
        "Pay an account's fees no longer",
    ),
    named("feegrant prune", "cosmos.feegrant.v1beta1.MsgPruneAllowances", "", "Remove allowances that have expired"),
    named(
        "vesting create-vesting-account",
        "cosmos.vesting.v1beta1.MsgCreateVestingAccount",
        "to-address amount end-time",
        "Send coins that vest until a time",
    ),
    named(
        "vesting create-permanent-locked-account",
        "cosmos.vesting.v1beta1.MsgCreatePermanentLockedAccount",
        "to-address amount",
        "Send coins that never vest",
    ),
    named("deployment close", "akash.deployment.v1beta4.MsgCloseDeployment", "", "End a deployment"),
    named("deployment group close", "akash.deployment.v1beta4.MsgCloseGroup", "", "End a group of a deployment"),
    named("deployment group pause", "akash.deployment.v1beta4.MsgPauseGroup", "", "Pause a group of a deployment"),
    named("deployment group start", "akash.deployment.v1beta4.MsgStartGroup", "", "Go on with a paused group"),
    named("market bid close", "akash.market.v1beta5.MsgCloseBid", "", "Take a bid back, or end its lease"),
    named("market lease create", "akash.market.v1beta5.MsgCreateLease", "", "Take a bid"),
    named("market lease close", "akash.market.v1beta5.MsgCloseLease", "", "End a lease"),
    named("market lease withdraw", "akash.market.v1beta5.MsgWithdrawLease", "", "Take what a lease has earned"),
    named("market lease start-reclaim", "akash.market.v1beta5.MsgLeaseStartReclaim", "", "Begin to take a lease back"),
    named("provider delete", "akash.provider.v1beta4.MsgDeleteProvider", "", "Remove a provider without leases"),
    named("provider open-maintenance", "akash.provider.v1beta4.MsgOpenProviderMaintenance", "", "Announce maintenance"),
    named(
        "provider close-maintenance",
        "akash.provider.v1beta4.MsgCloseProviderMaintenance",
        "maintenance-id",
        "End maintenance",
    ),
    named("upgrade cancel-software-upgrade", "cosmos.upgrade.v1beta1.MsgCancelUpgrade", "", "Call an upgrade off"),
];
