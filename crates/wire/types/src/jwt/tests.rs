use proptest::prelude::*;

use super::{
    Access, Algorithm, Claims, DeploymentGrant, JwtError, Permission, ProviderAccess, Request, Resource, Scope, Token,
    mint,
};
use crate::id::DeploymentId;
use crate::key::SecretKey;

fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32]).unwrap()
}

fn claims(access: Access) -> Claims {
    Claims { issuer: key(7).address(), issued_at: 100, not_before: 100, expires_at: 200, id: None, access }
}

fn scopes() -> impl Strategy<Value = Vec<Scope>> {
    proptest::sample::subsequence(Scope::ALL.to_vec(), 1..=Scope::ALL.len())
}

fn grant() -> impl Strategy<Value = DeploymentGrant> {
    (1_u64.., any::<u32>(), any::<u32>(), scopes(), proptest::collection::btree_set("[a-z]{0,8}", 1..4)).prop_map(
        |(dseq, gseq, oseq, scopes, services)| DeploymentGrant {
            dseq,
            gseq,
            oseq: if gseq == 0 { 0 } else { oseq },
            scopes,
            services: services.into_iter().collect(),
        },
    )
}

fn provider_access() -> impl Strategy<Value = ProviderAccess> {
    prop_oneof![
        Just(ProviderAccess::Full),
        scopes().prop_map(ProviderAccess::Scoped),
        proptest::collection::vec(grant(), 1..4).prop_map(ProviderAccess::Granular),
    ]
}

fn access() -> impl Strategy<Value = Access> {
    let permissions = proptest::collection::btree_map(1_u8..50, provider_access(), 1..4);
    prop_oneof![
        Just(Access::Full),
        scopes().prop_map(Access::Scoped),
        permissions.prop_map(|permissions| {
            let permission = |(number, access)| Permission { provider: key(number).address(), access };
            Access::Granular(permissions.into_iter().map(permission).collect())
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_minted_is_read_back(access in access(), id in proptest::option::of(".{0,20}"), adr36 in any::<bool>()) {
        let algorithm = if adr36 { Algorithm::Es256kAdr36 } else { Algorithm::Es256k };
        let claims = Claims { id, ..claims(access) };
        let text = mint(&claims, algorithm, &key(7));
        let token = Token::read(&text).unwrap();
        prop_assert_eq!(token.algorithm(), algorithm);
        prop_assert_eq!(token.issuer(), Ok(claims.issuer.clone()));
        prop_assert_eq!(token.verify(&key(7).public(), 150), Ok(claims));
        prop_assert_eq!(token.verify(&key(8).public(), 150), Err(JwtError::Signature));
    }

    #[test]
    fn no_text_panics(text in ".{0,100}", payload in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = Token::read(&text).map(|token| token.verify(&key(7).public(), 150));
        let _ = Claims::read(&payload, 150);
    }

    #[test]
    fn a_changed_token_is_refused(at in 0_usize..200, letter in "[A-Za-z0-9_-]") {
        let text = mint(&claims(Access::Full), Algorithm::Es256k, &key(7));
        let at = at % text.len();
        let changed = format!("{}{letter}{}", &text[..at], &text[at + 1..]);
        prop_assume!(changed != text);
        let verdict = Token::read(&changed).and_then(|token| token.verify(&key(7).public(), 150));
        prop_assert!(verdict.is_err());
    }
}

#[test]
fn tokens_have_a_time() {
    let text = mint(&claims(Access::Full), Algorithm::Es256k, &key(7));
    let token = Token::read(&text).unwrap();
    let verdict = |now| token.verify(&key(7).public(), now).map(|_| ());
    assert_eq!(verdict(99), Err(JwtError::NotYetValid));
    assert_eq!(verdict(100), Ok(()));
    assert_eq!(verdict(199), Ok(()));
    assert_eq!(verdict(200), Err(JwtError::Expired));
}

/// Another account's key may have signed it well; it is not the issuer's.
#[test]
fn only_the_issuer_signs() {
    let text = mint(&claims(Access::Full), Algorithm::Es256k, &key(8));
    let verdict = Token::read(&text).unwrap().verify(&key(8).public(), 150);
    assert_eq!(verdict, Err(JwtError::Signature));
}

#[test]
fn algorithms_are_not_negotiable() {
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":"es256k"}"#] {
        use base64::Engine;
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header);
        assert_eq!(Token::read(&format!("{header}.e30.")).err(), Some(JwtError::Algorithm));
    }
    assert_eq!(Token::read(&"a".repeat(1 << 20)).err(), Some(JwtError::TooLong));
    assert_eq!(Token::read("a.b").err(), Some(JwtError::Malformed));
}

/// Older providers refused every token of a console that had learned a new scope.
#[test]
fn unknown_scopes_grant_nothing_and_refuse_nothing() {
    let issuer = key(7).address();
    let payload = format!(
        r#"{{"iss":"{issuer}","iat":1,"nbf":1,"exp":200,"version":"v1",
            "leases":{{"access":"scoped","scope":["logs","time-travel"]}}}}"#
    );
    let claims = Claims::read(payload.as_bytes(), 150).unwrap();
    assert_eq!(claims.access, Access::Scoped(vec![Scope::Logs]));
    let deployment = DeploymentId::new(issuer.clone(), 5);
    let allows = |scope| {
        let resource = Resource::Deployment(&deployment);
        claims.allows(&Request { provider: &key(9).address(), resource, scope: Some(scope) })
    };
    assert!(allows(Scope::Logs));
    assert!(!allows(Scope::Shell));
}
