//! Flags of `akash tx`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
    /// Sign a transaction, or make the part of one member of a multisig account
    #[command(after_help = "Examples:\n  \
            akash tx sign tx.json --from alice --chain-id akashnet-2 --account-number 7 --sequence 3 > signed.json\n  \
            akash tx sign tx.json --from alice --multisig team --chain-id akashnet-2 -a 9 -s 0 > alice.json")]
    Sign(TxSign),
    /// Join the parts of a multisig account's members
    #[command(
        visible_aliases = ["multi-sign", "multisig"],
        after_help = "Examples:\n  \
            akash tx multisign tx.json team alice.json bob.json --chain-id akashnet-2 -a 9 -s 0 > signed.json"
    )]
    Multisign(TxMultisign),
    /// Check the signatures of a transaction, or of data that a wallet signed (ADR-36)
    #[command(after_help = "Examples:\n  \
            akash tx validate-signatures signed.json --chain-id akashnet-2 --account-number 7 --sequence 3\n  \
            akash tx validate-signatures wallet.json   # {\"signed\": ..., \"signature\": ...}")]
    ValidateSignatures(TxValidate),
}

/// How a transaction is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SignMode {
    /// Its bytes; it has one signer
    Direct,
    /// Its text as Ledger devices and browser wallets show it
    AminoJson,
}

/// What a signature depends on beside the transaction.
#[derive(Debug, Args)]
pub struct SignerFlags {
    /// Of the network that it is for
    #[arg(long, env = "AKASH_CHAIN_ID", value_name = "ID")]
    pub chain_id: String,
    /// Number of the signer's account on chain; with --multisig of the multisig account
    #[arg(short, long, value_name = "N")]
    pub account_number: u64,
    /// How many transactions that account has sent
    #[arg(short, long, value_name = "N")]
    pub sequence: u64,
    /// Write the result to a file instead of standard output
    #[arg(long, visible_alias = "output-document", value_name = "FILE")]
    pub out: Option<PathBuf>,
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
    #[command(flatten)]
    pub signer: SignerFlags,
    /// How it is signed: direct, or amino-json with several signers and for a multisig account
    #[arg(long, value_enum, value_name = "MODE")]
    pub sign_mode: Option<SignMode>,
    /// Sign as a member of this multisig account (name or address), and print the signature alone
    #[arg(long, value_name = "KEY")]
    pub multisig: Option<String>,
    /// Print the signature alone
    #[arg(long)]
    pub signature_only: bool,
}

#[derive(Debug, Args)]
pub struct TxMultisign {
    #[command(flatten)]
    pub input: Input,
    /// Name or address of the multisig key in the key ring
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Files with the members' signatures, as `akash tx sign --multisig` prints them
    #[arg(required = true, value_name = "SIGNATURE")]
    pub signatures: Vec<PathBuf>,
    #[command(flatten)]
    pub keyring: KeyringFlags,
    #[command(flatten)]
    pub signer: SignerFlags,
}

#[derive(Debug, Args)]
pub struct TxValidate {
    #[command(flatten)]
    pub input: Input,
    /// Of the network that it is for
    #[arg(long, env = "AKASH_CHAIN_ID", value_name = "ID")]
    pub chain_id: Option<String>,
    /// Numbers of the signers' accounts, in the order of the signers
    #[arg(short, long, value_name = "N")]
    pub account_number: Vec<u64>,
    /// Their sequences, to be compared with those in the transaction
    #[arg(short, long, value_name = "N")]
    pub sequence: Vec<u64>,
}
