//! Flags of `akash keys` and `akash cert`, and where keys are kept.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// How keys are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// In the home, as they are: for play networks and tests
    Test,
    /// In the home, encrypted with a passphrase
    File,
    /// Nowhere: gone when the command ends
    Memory,
    /// In the home, encrypted with a passphrase that the desktop's secret service keeps
    Os,
}

#[derive(Debug, Clone, Copy, Args)]
pub struct KeyringFlags {
    /// Where and how keys are kept
    #[arg(
        long, env = "AKASH_KEYRING_BACKEND", value_enum,
        default_value_t = Backend::Test, value_name = "BACKEND", global = true
    )]
    pub keyring_backend: Backend,
}

impl Default for KeyringFlags {
    fn default() -> Self {
        Self { keyring_backend: Backend::Test }
    }
}

const SECRETS: &str = "\
Secrets are never arguments: words, keys and passphrases are asked for on a terminal, else read from standard input,
one a line, in the order in which they are needed.";

#[derive(Debug, Args)]
#[command(after_help = SECRETS)]
pub struct Keys {
    #[command(flatten)]
    pub keyring: KeyringFlags,
    #[command(subcommand)]
    pub command: KeysCommand,
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a key, or take one from its words
    #[command(after_help = "Examples:\n  \
            akash keys add alice\n  \
            akash keys add alice --recover < words.txt\n  \
            akash keys add alice --keyring-backend file\n  \
            akash keys add bob --pubkey '{\"@type\":\"/cosmos.crypto.secp256k1.PubKey\",\"key\":\"A4Ot...\"}'\n  \
            akash keys add team --multisig alice,bob,carol --multisig-threshold 2")]
    Add(KeyAdd),
    /// List the keys
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  akash keys list\n  akash keys list --list-names\n  akash keys list -o json"
    )]
    List {
        /// The names alone
        #[arg(short = 'n', long)]
        list_names: bool,
    },
    /// Show keys by their name or address; several of them as one multisig key
    #[command(after_help = "Examples:\n  \
            akash keys show alice\n  \
            ADDRESS=$(akash keys show alice -a)\n  \
            akash keys show alice --bech val\n  \
            akash keys show alice bob --multisig-threshold 2")]
    Show(KeyShow),
    /// Remove a key for ever
    #[command(
        visible_alias = "rm",
        after_help = "Examples:\n  akash keys delete alice\n  akash keys delete alice --yes"
    )]
    Delete {
        /// Name of the key
        name: String,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
    /// Print a key under a passphrase, in the form that other programs of this network read
    #[command(after_help = "Examples:\n  \
            akash keys export alice > alice.asc\n  \
            akash keys export alice --unarmored-hex --unsafe")]
    Export(KeyExport),
    /// Take a key that was exported, here or by another program of this network
    #[command(after_help = "Examples:\n  akash keys import alice alice.asc\n  akash keys import alice --hex < key.txt")]
    Import(KeyImport),
    /// Give a key another name
    #[command(visible_alias = "mv", after_help = "Examples:\n  akash keys rename alice bob")]
    Rename {
        /// The present name
        from: String,
        /// The new name
        to: String,
    },
    /// Translate an address between bech32 and hex
    #[command(after_help = "Examples:\n  akash keys parse akash1...\n  akash keys parse 28FE...")]
    Parse {
        /// Bech32 with any prefix, or hex
        address: String,
    },
    /// Print 24 new words; they are not kept
    #[command(after_help = "Examples:\n  akash keys mnemonic > words.txt")]
    Mnemonic,
}

#[derive(Debug, Args)]
pub struct KeyAdd {
    /// Name of the key: letters, digits, - and _
    pub name: String,
    /// Take the key from words that are asked for or read from standard input
    #[arg(long)]
    pub recover: bool,
    #[command(flatten)]
    pub path: HdFlags,
    /// Do not show the words of a new key
    #[arg(long)]
    pub no_backup: bool,
    /// Show what would be made and keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Keep a public key alone: hex, base64, JSON, or akashpub1...
    #[arg(long, visible_alias = "pubkey-base64", value_name = "KEY", conflicts_with_all = ["recover", "multisig"])]
    pub pubkey: Option<String>,
    /// Make a multisig key of these keys, separated by commas: names, addresses of the key ring, or public keys
    #[arg(long, value_delimiter = ',', value_name = "KEYS", conflicts_with = "recover")]
    pub multisig: Vec<String>,
    /// How many of them must sign
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub multisig_threshold: u32,
    /// Keep the order in which they are given, which decides the address; else they are sorted by address
    #[arg(long, requires = "multisig")]
    pub nosort: bool,
}

#[derive(Debug, Args)]
pub struct HdFlags {
    /// Number of the account in the path m/44'/118'/ACCOUNT'/0/INDEX
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub account: u32,
    /// Number of the address in the path
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub index: u32,
    /// The whole path
    #[arg(long, value_name = "PATH", conflicts_with_all = ["account", "index"])]
    pub hd_path: Option<String>,
}

#[derive(Debug, Args)]
pub struct KeyShow {
    /// Name or address of the key; several make a multisig key
    #[arg(required = true, value_name = "KEY")]
    pub key: Vec<String>,
    /// The address alone
    #[arg(short, long)]
    pub address: bool,
    /// The public key alone, as JSON
    #[arg(short, long, conflicts_with = "address")]
    pub pubkey: bool,
    /// As which kind of address it is shown
    #[arg(long, value_enum, value_name = "KIND", default_value_t = Bech::Acc)]
    pub bech: Bech,
    /// How many of several keys must sign
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub multisig_threshold: u32,
    /// Keep the order in which several keys are given
    #[arg(long)]
    pub nosort: bool,
}

/// Kinds of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bech {
    /// Of an account
    Acc,
    /// Of a validator's operator
    Val,
    /// Of a validator's consensus key
    Cons,
}

#[derive(Debug, Args)]
pub struct KeyExport {
    /// Name of the key
    pub name: String,
    /// The bare key in hex, which whoever reads it can use
    #[arg(long, requires = "unsafely")]
    pub unarmored_hex: bool,
    /// Yes, unprotected
    #[arg(long = "unsafe", requires = "unarmored_hex")]
    pub unsafely: bool,
}

#[derive(Debug, Args)]
pub struct KeyImport {
    /// Name that the key gets
    pub name: String,
    /// The exported file, `-` is standard input
    #[arg(required_unless_present = "hex")]
    pub file: Option<PathBuf>,
    /// Read the bare key in hex from the terminal or standard input
    #[arg(long, conflicts_with = "file")]
    pub hex: bool,
}

#[derive(Debug, Subcommand)]
pub enum Cert {
    /// Make the certificate of a key and keep it in the home; an existing one stays
    #[command(
        after_help = "Examples:\n  akash cert generate --from alice\n  akash cert generate --from alice --overwrite"
    )]
    Generate {
        #[command(flatten)]
        keyring: KeyringFlags,
        /// Name or address of the key
        #[arg(long, value_name = "KEY", default_value = "tenant")]
        from: String,
        /// Make a new one; the present one stays beside it, ending in `.old`
        #[arg(long)]
        overwrite: bool,
        /// Host name of a server, for a provider's certificate
        #[arg(long, value_name = "HOST")]
        host: Vec<String>,
    },
}
