//! `akash jwt mint`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use akash_types::address::Address;
use akash_types::jwt::{self, Access, Claims, DeploymentGrant, Permission, ProviderAccess, Scope};
use anyhow::Result;
use serde_json::{Value, json};

use super::super::keyring::signing_key;
use super::{MAX_BYTES, date, now, payload, summary};
use crate::args::{AccessKind, Algorithm, JwtMint};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

pub fn run(home: &Home, flags: &JwtMint, output: &Output) -> Result<()> {
    let (not_before, issued_at, expires_at) = times(flags)?;
    let access = access(flags)?;
    let key = signing_key(home, flags.keyring.keyring_backend, &flags.from)?;
    let claims = Claims { issuer: key.address, issued_at, not_before, expires_at, id: flags.jti.clone(), access };
    let algorithm = match flags.algorithm {
        Algorithm::Es256k => jwt::Algorithm::Es256k,
        Algorithm::Es256kAdr36 => jwt::Algorithm::Es256kAdr36,
    };
    let token = jwt::mint(&claims, algorithm, &key.secret);
    // Whatever is handed out is what a provider will take, or is not handed out at all.
    let read = jwt::Token::read(&token).and_then(|token| token.verify(&key.secret.public(), not_before));
    read.map_err(|error| Failure::new(Exit::Usage, format!("no provider would take this token: {error}")))?;

    output.note(format!(
        "issuer:  {}\nvalid:   until {}\nallows:  {}",
        claims.issuer,
        date(expires_at),
        summary(&claims)
    ));
    let value = json!({ "token": token, "algorithm": algorithm.as_str(), "claims": payload(&token) });
    output.result(&token, &value)
}

fn times(flags: &JwtMint) -> Result<(i64, i64, i64)> {
    let now = now()?;
    let (not_before, issued_at) = (flags.not_before.unwrap_or(now), flags.issued_at.unwrap_or(now));
    let ttl = flags.ttl.as_secs().cast_signed();
    let expires_at = flags.expires_at.unwrap_or_else(|| not_before.saturating_add(ttl));
    if expires_at <= not_before {
        let text = format!("the token would end at {}, before it begins at {}", date(expires_at), date(not_before));
        return Err(Failure::new(Exit::Usage, text).next("give a later --expires-at, or --ttl").into());
    }
    Ok((not_before, issued_at, expires_at))
}

fn access(flags: &JwtMint) -> Result<Access> {
    check_unique("scope", &flags.scope)?;
    check_unique("service", &flags.service)?;
    check_unique("provider", &flags.provider)?;
    check_unique("dseq", &flags.dseq)?;
    let (kind, access) = match (&flags.permissions, flags.provider.as_slice(), flags.scope.as_slice()) {
        (Some(file), ..) => (AccessKind::Granular, from_file(file)?),
        (None, [], []) => (AccessKind::Full, Access::Full),
        (None, [], scopes) => (AccessKind::Scoped, Access::Scoped(scopes.to_vec())),
        (None, providers, _) => {
            let permission = |provider: &Address| Permission { provider: provider.clone(), access: at_provider(flags) };
            (AccessKind::Granular, Access::Granular(providers.iter().map(permission).collect()))
        }
    };
    let next = match flags.access {
        Some(AccessKind::Full) => "leave out --scope, --provider and --permissions",
        Some(AccessKind::Scoped) => "give --scope, without --provider and --permissions",
        Some(AccessKind::Granular) => "name a provider with --provider, or give --permissions",
        None => return Ok(access),
    };
    if flags.access == Some(kind) {
        return Ok(access);
    }
    Err(Failure::new(Exit::Usage, "--access is not the kind that the other flags describe").next(next).into())
}

fn at_provider(flags: &JwtMint) -> ProviderAccess {
    let scopes = flags.scope.clone();
    if flags.dseq.is_empty() {
        return if scopes.is_empty() { ProviderAccess::Full } else { ProviderAccess::Scoped(scopes) };
    }
    let grant = |dseq: &u64| DeploymentGrant {
        dseq: *dseq,
        gseq: flags.gseq.unwrap_or(0),
        oseq: flags.oseq.unwrap_or(0),
        scopes: scopes.clone(),
        services: flags.service.clone(),
    };
    ProviderAccess::Granular(flags.dseq.iter().map(grant).collect())
}

fn check_unique<T: Ord>(what: &str, items: &[T]) -> Result<()> {
    let unique: BTreeSet<&T> = items.iter().collect();
    if unique.len() == items.len() {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, format!("a {what} is given twice"))
        .next("providers refuse that; give each once")
        .into())
}

/// The permissions of a file, checked by the rules of a token.
fn from_file(file: &Path) -> Result<Access> {
    let name = file.display();
    let cannot = |error: std::io::Error| Failure::new(Exit::Usage, format!("cannot read {name}: {error}"));
    let mut text = String::new();
    let source: Box<dyn Read> = match file.as_os_str() == "-" {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(File::open(file).map_err(cannot)?),
    };
    source.take(MAX_BYTES).read_to_string(&mut text).map_err(cannot)?;
    let refuse = |reason: String| {
        let next = "a list as in [{\"provider\": \"akash1...\", \"access\": \"scoped\", \"scope\": [\"logs\"]}]";
        Failure::new(Exit::Usage, format!("{name} holds no permissions: {reason}")).next(next)
    };
    let permissions: Value = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    if let Some(unknown) = unknown_scope(&permissions) {
        return Err(refuse(format!("there is no scope {unknown:?}")).into());
    }
    let whole = json!({
        "iss": Address::module("jwt").to_string(), "iat": 0, "nbf": 0, "exp": 1, "version": "v1",
        "leases": { "access": "granular", "permissions": permissions },
    });
    let claims = Claims::read(whole.to_string().as_bytes(), 0).map_err(|error| refuse(error.to_string()))?;
    Ok(claims.access)
}

/// A reader skips scopes that it does not know; who writes them wants to know.
fn unknown_scope(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(unknown_scope),
        Value::Object(members) => members.iter().find_map(|(name, value)| match value {
            Value::Array(names) if name == "scope" => {
                let known = |name: &&Value| Scope::ALL.iter().any(|scope| name.as_str() == Some(scope.as_str()));
                names.iter().find(|name| !known(name)).map(ToString::to_string)
            }
            other => unknown_scope(other),
        }),
        _ => None,
    }
}
