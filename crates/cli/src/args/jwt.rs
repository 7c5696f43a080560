//! Flags of `akash jwt`.

use std::path::PathBuf;
use std::time::Duration;

use akash_types::address::Address;
use akash_types::jwt::Scope;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

use super::KeyringFlags;

#[derive(Debug, Subcommand)]
pub enum Jwt {
    /// Sign a token: for everything, for some things, or for the leases with some providers
    #[command(after_help = "Examples:\n  \
            akash jwt mint --from alice\n  \
            akash jwt mint --from alice --ttl 1h --scope logs,status\n  \
            akash jwt mint --from alice --provider akash1... --scope shell\n  \
            akash jwt mint --from alice --provider akash1... --dseq 1234 --service web --scope logs\n  \
            akash jwt mint --from alice --permissions permissions.json")]
    Mint(JwtMint),
    /// Check a token, and what it allows
    #[command(after_help = "A token gives access to leases, so it is read from a file or standard input.\n\n\
            Examples:\n  \
            akash jwt mint --from alice | akash jwt verify\n  \
            akash jwt verify token.txt --pubkey A4OtknVC...\n  \
            akash jwt verify token.txt --from alice --provider akash1... --dseq 1234 --scope logs")]
    Verify(JwtVerify),
}

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Algorithm {
    /// The token itself
    #[value(name = "ES256K", alias = "es256k")]
    Es256k,
    /// What a browser wallet signs for it (ADR-36)
    #[value(name = "ES256KADR36", alias = "es256kadr36")]
    Es256kAdr36,
}

/// The kinds of access of AEP-64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AccessKind {
    /// All leases, everything
    Full,
    /// All leases, the things of --scope
    Scoped,
    /// What --provider, --dseq or --permissions name
    Granular,
}

#[derive(Debug, Args)]
pub struct JwtMint {
    #[command(flatten)]
    pub keyring: KeyringFlags,
    /// Name or address of the tenant's key
    #[arg(long, value_name = "KEY")]
    pub from: String,
    /// How it is signed
    #[arg(long, value_enum, value_name = "ALG", default_value_t = Algorithm::Es256k)]
    pub algorithm: Algorithm,
    /// How long it is valid: 90s, 15m, 24h, 7d
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = duration)]
    pub ttl: Duration,
    /// The moment at which it ends, instead of --ttl: RFC 3339, or seconds of the epoch
    #[arg(long, value_name = "WHEN", value_parser = moment, conflicts_with = "ttl")]
    pub expires_at: Option<i64>,
    /// The moment from which it is valid; now, if not given
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    pub not_before: Option<i64>,
    /// The moment at which it was made; now, if not given
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    pub issued_at: Option<i64>,
    /// An id of the token (claim jti)
    #[arg(long, value_name = "ID")]
    pub jti: Option<String>,
    /// Which kind it must be; found by the other flags, if not given
    #[arg(long, value_enum, value_name = "KIND")]
    pub access: Option<AccessKind>,
    /// What may be done, separated by commas; everything, if not given
    #[arg(long, value_delimiter = ',', value_parser = scope_parser(), value_name = "SCOPE")]
    pub scope: Vec<Scope>,
    /// The leases with this provider alone; may be repeated
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub provider: Vec<Address>,
    /// This deployment alone; may be repeated
    #[arg(long, value_name = "N", requires_all = ["provider", "scope", "service"])]
    pub dseq: Vec<u64>,
    /// This group alone
    #[arg(long, value_name = "N", requires = "dseq")]
    pub gseq: Option<u32>,
    /// This order alone
    #[arg(long, value_name = "N", requires = "gseq")]
    pub oseq: Option<u32>,
    /// Services of the deployment, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "NAME", requires = "dseq")]
    pub service: Vec<String>,
    /// A JSON list of permissions as it stands in the token, for what the flags cannot say; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scope", "provider"])]
    pub permissions: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct JwtVerify {
    /// The file of the token, `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub token: PathBuf,
    #[command(flatten)]
    pub keyring: KeyringFlags,
    /// Name or address of the issuer's key; the key of the issuer's address, if not given
    #[arg(long, value_name = "KEY", conflicts_with = "pubkey")]
    pub from: Option<String>,
    /// The issuer's public key: hex, base64, JSON, or akashpub1...
    #[arg(long, value_name = "KEY")]
    pub pubkey: Option<String>,
    /// Who must have issued it
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub address: Option<Address>,
    /// The moment at which it must be valid; now, if not given
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    pub at: Option<i64>,
    /// Ask whether this provider must allow something
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub provider: Option<Address>,
    /// ... with this deployment
    #[arg(long, value_name = "N", requires = "provider")]
    pub dseq: Option<u64>,
    /// ... in this group
    #[arg(long, value_name = "N", requires_all = ["dseq", "oseq"])]
    pub gseq: Option<u32>,
    /// ... and of this order
    #[arg(long, value_name = "N", requires = "gseq")]
    pub oseq: Option<u32>,
    /// ... namely this
    #[arg(long, value_parser = scope_parser(), value_name = "SCOPE", requires = "provider")]
    pub scope: Option<Scope>,
}

fn scope_parser() -> impl TypedValueParser<Value = Scope> {
    let find = |name: String| Scope::ALL.into_iter().find(|scope| scope.as_str() == name).ok_or("is no scope");
    PossibleValuesParser::new(Scope::ALL.map(Scope::as_str)).try_map(find)
}

/// An account's address.
fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|error| error.to_string())
}

/// A time as a number with a unit; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err("a time is a number and s, m, h or d, as in 15m".to_owned()),
    };
    let count: u64 = digits.parse().map_err(|_| "a time begins with a number, as in 15m".to_owned())?;
    match count.checked_mul(seconds) {
        Some(seconds @ 1..=3_155_760_000) => Ok(Duration::from_secs(seconds)),
        _ => Err("a time is between one second and a hundred years".to_owned()),
    }
}

/// Seconds of the epoch.
fn moment(text: &str) -> Result<i64, String> {
    let seconds = text.parse().ok().or_else(|| Some(akash_app::parse_rfc3339(text)?.seconds));
    seconds.ok_or_else(|| "a moment is RFC 3339, as in 2026-01-31T12:00:00Z, or seconds of the epoch".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_bounds() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "m", "0", "1w", "-1s", "1.5h", "99999999999999999999", "40000d"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(moment("1970-01-01T00:01:00Z"), Ok(60));
        assert_eq!(moment("60"), Ok(60));
        assert!(moment("tomorrow").is_err());
    }
}
