//! The codespace `escrow`.

use crate::errors::module_errors;

module_errors! {
    EscrowError in "escrow" {
        AccountExists = 1 "account exists",
        AccountClosed = 2 "account closed",
        AccountNotFound = 3 "account not found",
        AccountOverdrawn = 4 "account overdrawn",
        InvalidDenomination = 5 "invalid denomination",
        PaymentExists = 6 "payment exists",
        PaymentClosed = 7 "payment closed",
        PaymentNotFound = 8 "payment not found",
        PaymentRateZero = 9 "payment rate zero",
        InvalidPayment = 10 "invalid payment",
        InvalidSettlement = 11 "invalid settlement",
        InvalidId = 12 "invalid ID",
        InvalidAccount = 13 "invalid account",
        InvalidAccountDepositor = 14 "invalid account depositor",
        UnauthorizedDepositScope = 15 "unauthorized deposit scope",
        InvalidDeposit = 16 "Deposit invalid",
        InvalidAuthzScope = 17 "invalid authz scope",
        MalformedKey = 18 "malformed key",
    }
}
