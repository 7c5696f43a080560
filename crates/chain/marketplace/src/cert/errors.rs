//! The codespace `cert`.

use crate::errors::module_errors;

module_errors! {
    CertError in "cert" {
        CertificateNotFound = 1 "certificate not found",
        InvalidAddress = 2 "invalid address",
        CertificateExists = 3 "certificate exists",
        CertificateAlreadyRevoked = 4 "certificate already revoked",
        InvalidSerialNumber = 5 "invalid serial number",
        InvalidCertificateValue = 6 "invalid certificate value",
        InvalidPubkeyValue = 7 "invalid pubkey value",
        InvalidState = 8 "invalid state",
        InvalidKeySize = 9 "invalid key size",
    }
}
