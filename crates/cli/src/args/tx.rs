//! Flags of `akash tx`.

use clap::{Args, Subcommand};

use super::KeyringFlags;

/// A transaction as a person has it.
#[derive(Debug, Args)]
pub struct Input {
    /// JSON, base64 or hex, or a file that holds one of these or the bytes; `-` is standard input
    #[arg(value_name = "TX")]
    pub tx: String,
}

#[derive(Debug, Subcommand)]
pub enum Tx {
    /// Show a transaction as JSON
    #[command(after_help = "Examples:\n  akash tx decode CpIBCo8B...\n  akash tx decode signed.b64 -o yaml")]
    Decode(Input),
    /// Print the bytes of a transaction in base64
    #[command(after_help = "Examples:\n  akash tx encode signed.json\n  akash tx encode - < signed.json")]
    Encode {
        #[command(flatten)]
        input: Input,
        /// Hex instead of base64
        #[arg(long)]
        hex: bool,
    },
    /// Sign a transaction that has one signer, in SIGN_MODE_DIRECT
    #[command(after_help = "Examples:\n  \
            akash tx sign tx.json --from alice --chain-id akashnet-2 --account-number 7 --sequence 3 > signed.json")]
    Sign(TxSign),
    /// Check the signatures of a transaction
    #[command(after_help = "Examples:\n  \
            akash tx validate-signatures signed.json --chain-id akashnet-2 --account-number 7 --sequence 3")]
    ValidateSignatures(TxValidate),
}

#[derive(Debug, Args)]
pub struct TxSign {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub keyring: KeyringFlags,
    /// Name or address of the key that signs
    #[arg(long, value_name = "KEY")]
    pub from: String,
    /// Of the network that it is for
    #[arg(long, env = "AKASH_CHAIN_ID", value_name = "ID")]
    pub chain_id: String,
    /// Number of the signer's account on chain
    #[arg(short, long, value_name = "N")]
    pub account_number: u64,
    /// How many transactions the account has sent
    #[arg(short, long, value_name = "N")]
    pub sequence: u64,
}

#[derive(Debug, Args)]
pub struct TxValidate {
    #[command(flatten)]
    pub input: Input,
    /// Of the network that it is for
    #[arg(long, env = "AKASH_CHAIN_ID", value_name = "ID")]
    pub chain_id: String,
    /// Numbers of the signers' accounts, in the order of the signers
    #[arg(short, long, value_name = "N", required = true)]
    pub account_number: Vec<u64>,
    /// Their sequences, to be compared with those in the transaction
    #[arg(short, long, value_name = "N")]
    pub sequence: Vec<u64>,
}
