//! `akash jwt verify`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use akash_types::address::Address;
use akash_types::id::DeploymentId;
use akash_types::jwt::{Claims, JwtError, Request, Resource, Token};
use akash_types::key::{PublicKey, SignerKey};
use anyhow::Result;
use serde_json::json;
use zeroize::Zeroizing;

use super::super::keyring::{self, Need};
use super::super::public_key;
use super::{MAX_BYTES, date, now, payload, summary};
use crate::args::{Backend, JwtVerify};
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::output::Output;

pub fn run(home: &Home, flags: &JwtVerify, output: &Output) -> Result<()> {
    let text = load(&flags.token)?;
    let token = Token::read(&text).map_err(|error| {
        Failure::new(Exit::Usage, error.to_string())
            .next("give the token as it was minted: three parts with dots between")
    })?;
    let key = issuer_key(home, flags, &token)?;
    let at = flags.at.map_or_else(now, Ok)?;
    let verdict = token.verify(&key, at).map_err(|error| refused(&error, at));
    let verdict = verdict.and_then(|claims| {
        check_issuer(flags, &claims)?;
        check_request(flags, &claims)?;
        Ok(claims)
    });
    let algorithm = token.algorithm().as_str();
    let claims = match verdict {
        Ok(claims) => claims,
        Err(failure) => {
            if !output.is_text() {
                let value = json!({
                    "valid": false, "algorithm": algorithm, "claims": payload(&text), "fault": failure.to_string(),
                });
                output.result("", &value)?;
            }
            return Err(failure.into());
        }
    };
    let text_out = format!(
        "valid:   {algorithm}, from {} until {}\nissuer:  {}\nallows:  {}",
        date(claims.not_before),
        date(claims.expires_at),
        claims.issuer,
        summary(&claims)
    );
    output.result(text_out, &json!({ "valid": true, "algorithm": algorithm, "claims": payload(&text) }))
}

/// The token, of a file or standard input.
fn load(file: &Path) -> Result<Zeroizing<String>> {
    let name = file.display().to_string();
    if name.starts_with("eyJ") && !file.exists() {
        let failure = Failure::new(Exit::Usage, "a token is no argument, for others on this machine could read it");
        return Err(failure.next("put it into a file, or pipe it in: akash jwt verify - < token.txt").into());
    }
    let cannot = |error: std::io::Error| Failure::new(Exit::Usage, format!("cannot read {name}: {error}"));
    let source: Box<dyn Read> = match name == "-" {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(File::open(file).map_err(cannot)?),
    };
    let mut text = Zeroizing::new(String::new());
    source.take(MAX_BYTES).read_to_string(&mut text).map_err(cannot)?;
    let token = text.trim().trim_start_matches("Bearer ").trim();
    Ok(Zeroizing::new(token.to_owned()))
}

/// The key that must have signed: given, named, or that of the issuer in the key ring.
fn issuer_key(home: &Home, flags: &JwtVerify, token: &Token<'_>) -> Result<PublicKey> {
    let key = match (&flags.pubkey, &flags.from) {
        (Some(text), _) => public_key::read(text)?,
        (None, from) => {
            let issuer = token.issuer().map_err(|error| Failure::new(Exit::Auth, error.to_string()))?.to_string();
            let wanted = from.as_ref().unwrap_or(&issuer);
            let unknown = || {
                let text = format!("the public key of {wanted} is not in the key ring");
                Failure::new(Exit::Usage, text).next("give it with --pubkey, or name a key with --from")
            };
            if flags.keyring.keyring_backend == Backend::Memory {
                return Err(unknown().into());
            }
            let keys = keyring::open(home, flags.keyring.keyring_backend, Need::Public)?;
            keyring::find(&keys, wanted).map_err(|_| unknown())?.public_key
        }
    };
    match key {
        SignerKey::Secp256k1(key) => Ok(key),
        _ => {
            let failure = Failure::new(Exit::Usage, "only a single secp256k1 key can sign a token");
            Err(failure.next("let one of the members mint it from an account of its own").into())
        }
    }
}

fn refused(error: &JwtError, at: i64) -> Failure {
    let failure = Failure::new(Exit::Auth, format!("{error} (at {})", date(at)));
    match error {
        JwtError::Expired => failure.next("mint a new one with `akash jwt mint`"),
        JwtError::NotYetValid => failure.next("wait, or compare the clocks; --at checks it at another moment"),
        JwtError::Signature => failure.next("it is not of this key, or was changed; `akash jwt mint` makes a new one"),
        _ => failure.next("`akash jwt mint` makes tokens that providers take"),
    }
}

fn check_issuer(flags: &JwtVerify, claims: &Claims) -> Result<(), Failure> {
    match &flags.address {
        Some(address) if *address != claims.issuer => {
            Err(Failure::new(Exit::Auth, format!("the token is of {}, not of {address}", claims.issuer)))
        }
        _ => Ok(()),
    }
}

/// Whether the token allows what the flags ask for, if they ask.
fn check_request(flags: &JwtVerify, claims: &Claims) -> Result<(), Failure> {
    let Some(provider) = &flags.provider else { return Ok(()) };
    let deployment = flags.dseq.map(|dseq| DeploymentId::new(claims.issuer.clone(), dseq));
    let order = |deployment: &DeploymentId| Some(deployment.group(flags.gseq?).order(flags.oseq?));
    let lease = deployment.as_ref().and_then(order).map(|order| order.bid(provider.clone()).into());
    let resource = match (&deployment, &lease) {
        (_, Some(lease)) => Resource::Lease(lease),
        (Some(deployment), None) => Resource::Deployment(deployment),
        (None, None) => Resource::Provider,
    };
    if claims.allows(&Request { provider, resource, scope: flags.scope }) {
        return Ok(());
    }
    let what = flags.scope.map_or("anything", |scope| scope.as_str());
    let of = asked(provider, flags.dseq);
    let failure = Failure::new(Exit::Auth, format!("the token is good, but does not allow {what} {of}"));
    Err(failure.next(format!("it allows {}", summary(claims))))
}

fn asked(provider: &Address, dseq: Option<u64>) -> String {
    dseq.map_or_else(|| format!("at {provider}"), |dseq| format!("with deployment {dseq} at {provider}"))
}
