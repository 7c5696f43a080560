//! The codespace `provider`.

use crate::errors::module_errors;

module_errors! {
    ProviderError in "provider" {
        InvalidProviderUri = 1 "invalid provider: invalid host uri",
        NotAbsProviderUri = 2 "invalid provider: not absolute host uri",
        ProviderNotFound = 3 "invalid provider: address not found",
        ProviderExists = 4 "invalid provider: already exists",
        InvalidAddress = 5 "invalid address",
        Attributes = 6 "attribute specification error",
        IncompatibleAttributes = 7 "attributes cannot be changed",
        InvalidInfoWebsite = 8 "invalid provider: invalid info website",
        Internal = 9 "internal error",
        CannotDelete = 10 "internal error",
    }
}
