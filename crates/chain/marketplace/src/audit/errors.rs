//! The codespace `audit`.

use crate::errors::module_errors;

module_errors! {
    AuditError in "audit" {
        ProviderNotFound = 1 "invalid provider: address not found",
        InvalidAddress = 2 "invalid address",
        AttributeNotFound = 3 "attribute not found",
    }
}
