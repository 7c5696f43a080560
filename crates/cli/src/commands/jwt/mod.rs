//! `akash jwt`: tokens of AEP-64, without a network. What a token says and allows is known by `akash_types::jwt`.
//!
//! A token gives access to leases until it ends, so it is never an argument.

mod mint;
mod verify;

use std::time::SystemTime;

use akash_kernel::Time;
use akash_types::jwt::{Access, Claims, ProviderAccess, Scope};
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::args::Jwt;
use crate::home::Home;
use crate::output::Output;

/// Longest file that is read; a longer one is no token.
const MAX_BYTES: u64 = 256 << 10;

pub fn run(home: &Home, command: &Jwt, output: &Output) -> Result<()> {
    match command {
        Jwt::Mint(flags) => mint::run(home, flags, output),
        Jwt::Verify(flags) => verify::run(home, flags, output),
    }
}

fn now() -> Result<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("the clock is before 1970")?;
    Ok(since.as_secs().cast_signed())
}

fn date(seconds: i64) -> String {
    akash_app::rfc3339(Time { seconds, nanos: 0 })
}

/// The claims as they stand in a token; `null` if there are none.
fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    part.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// What a token is for, in one line.
fn summary(claims: &Claims) -> String {
    match &claims.access {
        Access::Full => "everything with all leases".to_owned(),
        Access::Scoped(scopes) => format!("{} with all leases", names(scopes)),
        Access::Granular(permissions) => {
            let each = permissions.iter().map(|permission| {
                let what = match &permission.access {
                    ProviderAccess::Full => "everything".to_owned(),
                    ProviderAccess::Scoped(scopes) => names(scopes),
                    ProviderAccess::Granular(grants) => {
                        let each = grants.iter().map(|grant| format!("{} with {}", names(&grant.scopes), grant.dseq));
                        each.collect::<Vec<_>>().join("; ")
                    }
                };
                format!("at {}: {what}", permission.provider)
            });
            each.collect::<Vec<_>>().join("\n         ")
        }
    }
}

fn names(scopes: &[Scope]) -> String {
    if scopes.is_empty() {
        return "nothing".to_owned();
    }
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ")
}
