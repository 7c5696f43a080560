//! Access tokens: taken apart, claims read, and whatever is accepted minted and verified again.

#![no_main]

use akash_fuzz::choice;
use akash_types::id::{DeploymentId, LeaseId};
use akash_types::jwt::{Access, Algorithm, Claims, ProviderAccess, Request, Resource, Scope, Token, mint};
use akash_types::key::SecretKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;

const NOW: i64 = 1_750_000_000;

fuzz_target!(|data: &[u8]| {
    match choice(data, 3) {
        Some((0, rest)) => token(rest),
        Some((1, rest)) => claims(rest),
        Some((_, rest)) => signed(rest),
        None => {}
    }
});

fn key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32]).expect("a valid key")
}

fn token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(token) = Token::read(text) else { return };
    let issuer = token.issuer();
    if let Ok(claims) = token.verify(&key().public(), NOW) {
        assert_eq!(issuer.as_ref(), Ok(&claims.issuer));
        assert_eq!(claims.issuer, key().address());
    }
}

/// A payload by itself.
fn claims(payload: &[u8]) {
    let Ok(claims) = Claims::read(payload, NOW) else { return };
    assert!(claims.not_before <= NOW && NOW < claims.expires_at);
    ask(&claims);
    // Scopes that are not known are dropped; nobody takes a grant with none, so such claims are not minted.
    if grants_nothing(&claims.access) {
        return;
    }
    for algorithm in [Algorithm::Es256k, Algorithm::Es256kAdr36] {
        let text = mint(&claims, algorithm, &key());
        let token = Token::read(&text).expect("own tokens are read");
        assert_eq!(token.algorithm(), algorithm);
        assert_eq!(token.verify_signature(&key().public()), Ok(()));
        let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).expect("three parts")).expect("base64");
        assert_eq!(Claims::read(&payload, NOW).as_ref(), Ok(&claims));
    }
}

fn grants_nothing(access: &Access) -> bool {
    match access {
        Access::Full => false,
        Access::Scoped(scopes) => scopes.is_empty(),
        Access::Granular(permissions) => permissions.iter().any(|permission| match &permission.access {
            ProviderAccess::Full => false,
            ProviderAccess::Scoped(scopes) => scopes.is_empty(),
            ProviderAccess::Granular(grants) => grants.iter().any(|grant| grant.scopes.is_empty()),
        }),
    }
}

fn ask(claims: &Claims) {
    let deployment: DeploymentId = format!("{}/1", claims.issuer).parse().expect("an identifier");
    let lease: LeaseId = format!("{}/1/1/1/{}", claims.issuer, key().address()).parse().expect("an identifier");
    for resource in [Resource::Provider, Resource::Deployment(&deployment), Resource::Lease(&lease)] {
        let request = |scope| Request { provider: lease.provider(), resource, scope };
        let any = claims.allows(&request(None));
        // Who may do something may do something of any kind.
        assert!(any || !Scope::ALL.iter().any(|scope| claims.allows(&request(Some(*scope)))));
    }
}

/// A payload under a signature that is right.
fn signed(payload: &[u8]) {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256K"}"#), URL_SAFE_NO_PAD.encode(payload));
    let text = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key().sign(signed.as_bytes())));
    let Ok(token) = Token::read(&text) else { return };
    assert_eq!(token.verify_signature(&key().public()), Ok(()));
    let read = Claims::read(payload, NOW);
    match token.verify(&key().public(), NOW) {
        Ok(claims) => assert_eq!(read, Ok(claims)),
        Err(_) => assert!(read.is_err() || read.is_ok_and(|claims| claims.issuer != key().address())),
    }
}
