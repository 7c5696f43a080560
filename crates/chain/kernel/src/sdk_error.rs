//! The errors of the codespace `sdk`, which all modules share. Numbers and texts are those of the Cosmos SDK.
//!
//! Each function takes what was found and gives `found: registered text`; with nothing found, the registered text.

use crate::error::{Reject, TxError};

macro_rules! sdk_errors {
    ($($name:ident = $code:literal $text:literal,)+) => {
        $(
            #[doc = concat!("sdk/", $code, ": ", $text)]
            #[must_use]
            pub fn $name(found: impl AsRef<str>) -> TxError {
                rejected($code, $text, found.as_ref())
            }
        )+

        /// The registered text of a code.
        #[must_use]
        pub fn registered_text(code: u32) -> Option<&'static str> {
            match code {
                $($code => Some($text),)+
                _ => None,
            }
        }
    };
}

sdk_errors! {
    tx_decode = 2 "tx parse error",
    invalid_sequence = 3 "invalid sequence",
    unauthorized = 4 "unauthorized",
    insufficient_funds = 5 "insufficient funds",
    unknown_request = 6 "unknown request",
    invalid_address = 7 "invalid address",
    invalid_pub_key = 8 "invalid pubkey",
    unknown_address = 9 "unknown address",
    invalid_coins = 10 "invalid coins",
    out_of_gas = 11 "out of gas",
    memo_too_large = 12 "memo too large",
    insufficient_fee = 13 "insufficient fee",
    too_many_signatures = 14 "maximum number of signatures exceeded",
    no_signatures = 15 "no signatures supplied",
    json_marshal = 16 "failed to marshal JSON bytes",
    json_unmarshal = 17 "failed to unmarshal JSON bytes",
    invalid_request = 18 "invalid request",
    tx_in_mempool_cache = 19 "tx already in mempool",
    mempool_is_full = 20 "mempool is full",
    tx_too_large = 21 "tx too large",
    key_not_found = 22 "key not found",
    wrong_password = 23 "invalid account password",
    invalid_signer = 24 "tx intended signer does not match the given signer",
    invalid_gas_adjustment = 25 "invalid gas adjustment",
    invalid_height = 26 "invalid height",
    invalid_version = 27 "invalid version",
    invalid_chain_id = 28 "invalid chain-id",
    invalid_type = 29 "invalid type",
    tx_timeout_height = 30 "tx timeout height",
    unknown_extension_options = 31 "unknown extension options",
    wrong_sequence = 32 "incorrect account sequence",
    pack_any = 33 "failed packing protobuf message to Any",
    unpack_any = 34 "failed unpacking protobuf message from Any",
    logic = 35 "internal logic error",
    conflict = 36 "conflict",
    not_supported = 37 "feature not supported",
    not_found = 38 "not found",
    io = 39 "internal IO error",
    app_config = 40 "error in app.toml",
    invalid_gas_limit = 41 "invalid gas limit",
    tx_timeout = 42 "tx timeout",
}

fn rejected(code: u32, registered: &str, found: &str) -> TxError {
    let text = if found.is_empty() { registered.to_owned() } else { format!("{found}: {registered}") };
    Reject { codespace: "sdk", code, text }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_text_stands_before_the_registered_one() {
        assert_eq!(unauthorized("signature").to_string(), "signature: unauthorized");
        assert_eq!(no_signatures("").to_string(), "no signatures supplied");
        let twice = insufficient_funds("1uakt < 2uakt").context("fee");
        assert_eq!(twice.reject().map(|reject| (reject.codespace, reject.code)), Some(("sdk", 5)));
        assert_eq!(twice.to_string(), "fee: 1uakt < 2uakt: insufficient funds");
        assert_eq!(registered_text(32), Some("incorrect account sequence"));
    }
}
