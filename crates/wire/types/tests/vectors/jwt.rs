use std::path::Path;

use akash_testkit::vectors::{self, Verdict};
use akash_types::address::Address;
use akash_types::id::{DeploymentId, LeaseId};
use akash_types::jwt::{Claims, Request, Resource, Scope, Token, mint};
use akash_types::key::{HdPath, SecretKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::fields::{equal, flag, number, text};
use crate::transactions::key;

/// The moment for which the reference's template of claims is filled in, and a day.
const NOW: i64 = 1_750_000_000;
const DAY: i64 = 86_400;

/// A token: verified, read, and made again.
pub fn token(case: &Value) -> Result<(), String> {
    let key = key(case)?;
    let text_of_token = text(case, "token")?;
    let token = Token::read(text_of_token).map_err(|e| e.to_string())?;
    equal("algorithm", token.algorithm().as_str(), text(case, "alg")?)?;
    equal("issuer", token.issuer(), Ok(key.address()))?;
    let claims = token.verify(&key.public(), NOW).map_err(|e| e.to_string())?;
    let again = mint(&claims, token.algorithm(), &key);
    equal("made again", again.as_str(), text_of_token)
}

/// Claims, whether the reference accepts them, and what they allow there.
pub fn payload(case: &Value) -> Result<(), String> {
    let now = number(case, "now")?.try_into().map_err(|_| "now is too large")?;
    let payload = case.get("payload").ok_or("case has no payload")?.to_string();
    let verdict = Claims::read(payload.as_bytes(), now);

    // A scope that is not known is ignored here; the reference refuses the token.
    let unknown_scope = text(case, "go_error").is_ok_and(|error| error.contains("invalid scope "));
    let expected = flag(case, "go_accepts")? || unknown_scope;
    if verdict.is_ok() != expected {
        return Err(format!("got {verdict:?}, the reference: {:?}", case.get("go_error")));
    }
    let mut questions = case.get("authorization").and_then(Value::as_array).into_iter().flatten();
    match verdict {
        Ok(claims) => questions.try_for_each(|question| answers(&claims, question)),
        Err(_) => Ok(()),
    }
}

fn answers(claims: &Claims, question: &Value) -> Result<(), String> {
    let provider = address(question, "provider")?;
    let deployment = question.get("deployment_id").ok_or("question has no deployment")?;
    let deployment = DeploymentId::new(address(deployment, "owner")?, number(deployment, "dseq")?);
    let lease = lease(question.get("lease_id").ok_or("question has no lease")?)?;
    let scope = Scope::ALL.into_iter().find(|scope| Ok(scope.as_str()) == text(question, "scope"));
    let answers = question.get("answers").ok_or("question has no answers")?;

    let asked = [
        ("provider", Resource::Provider, None),
        ("deployment", Resource::Deployment(&deployment), None),
        ("deployment_scope", Resource::Deployment(&deployment), scope),
        ("lease", Resource::Lease(&lease), None),
        ("lease_scope", Resource::Lease(&lease), scope),
    ];
    for (name, resource, scope) in asked {
        let allowed = claims.allows(&Request { provider: &provider, resource, scope });
        equal(&format!("{name} of {question}"), allowed, flag(answers, name)?)?;
    }
    Ok(())
}

fn lease(value: &Value) -> Result<LeaseId, String> {
    let sequence = |name| u32::try_from(number(value, name)?).map_err(|e| e.to_string());
    let deployment = DeploymentId::new(address(value, "owner")?, number(value, "dseq")?);
    let order = deployment.group(sequence("gseq")?).order(sequence("oseq")?);
    Ok(LeaseId::new(order, address(value, "provider")?, 0))
}

fn address(value: &Value, name: &str) -> Result<Address, String> {
    text(value, name)?.parse().map_err(|e| format!("{name}: {e}"))
}

/// The reference's own files, each a list of cases.
pub fn upstream(kind: &str, file: &Path) -> Vec<(String, Verdict)> {
    let check: fn(&SecretKey, &Value) -> Verdict = match kind {
        "cases_es256k" => |key, case| signature(key, case).into(),
        "cases_jwt.json" => |key, case| filled_in(key, case).into(),
        "jwt-schema" => return vec![("scopes".to_owned(), schema(file).into())],
        _ => return vec![("whole file".to_owned(), Verdict::LeftOut("unknown kind of file".to_owned()))],
    };
    let words = vectors::read(&file.with_file_name("mnemonic"));
    let key = SecretKey::from_mnemonic(words.trim(), &HdPath::default()).expect("the file next to it has a mnemonic");
    let address = key.address().to_string();
    let moments =
        [("Iat24h", NOW + DAY), ("Nbf24h", NOW + DAY), ("Exp48h", NOW + 2 * DAY), ("IatCurr", NOW), ("NbfCurr", NOW)];
    let mut cases = vectors::read(file).replace("{{.Issuer}}", &address).replace("{{.Provider}}", &address);
    for (name, moment) in moments {
        cases = cases.replace(&format!("{{{{.{name}}}}}"), &moment.to_string());
    }
    let cases: Vec<Value> = serde_json::from_str(&cases).expect("the file is a list of cases");
    cases.iter().map(|case| (text(case, "description").unwrap_or_default().to_owned(), check(&key, case))).collect()
}

/// The signature alone; the claims are not whole.
fn signature(key: &SecretKey, case: &Value) -> Result<(), String> {
    let verdict = Token::read(text(case, "tokenString")?).and_then(|token| token.verify_signature(&key.public()));
    equal("accepted", verdict.is_ok(), !flag(case, "mustFail")?)
}

/// The schema is published for those who mint; what a verifier has to know of it is the names of the scopes. (Which
/// payloads it finds valid stands in `jwt_payload`.)
fn schema(file: &Path) -> Result<(), String> {
    let schema: Value = serde_json::from_str(&vectors::read(file)).map_err(|e| e.to_string())?;
    let names = schema.pointer("/definitions/action-scope/items/enum").and_then(Value::as_array);
    let names: Vec<_> = names.into_iter().flatten().filter_map(Value::as_str).collect();
    equal("scopes", Scope::ALL.map(Scope::as_str).to_vec(), names)
}

/// Claims that are signed here, and a token where the case has one.
fn filled_in(key: &SecretKey, case: &Value) -> Result<(), String> {
    let claims = case.get("claims").ok_or("case has no claims")?;
    let expected = case.get("expected").ok_or("case expects nothing")?;
    let sign = |claims: &Value| {
        let signed = format!("{}.{}", encode(r#"{"alg":"ES256K","typ":"JWT"}"#), encode(&claims.to_string()));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes())))
    };
    let verdict = |token: &str| Token::read(token).and_then(|token| token.verify(&key.public(), NOW)).is_ok();
    // The reference refuses a token for a scope that it does not know. Here it counts as any other scope, and grants
    // nothing.
    let known = with_known_scopes(claims);
    let accepted = if known == *claims { !flag(expected, "verifyFail")? } else { verdict(&sign(&known)) };
    equal("claims accepted", verdict(&sign(claims)), accepted)?;
    match text(case, "tokenString") {
        Ok(token) => equal("token accepted", verdict(token), accepted),
        Err(_) => Ok(()),
    }
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// The same with a scope that exists in place of each that does not.
fn with_known_scopes(value: &Value) -> Value {
    let known = |name: &Value| Scope::ALL.iter().any(|scope| name == scope.as_str());
    let scope = |name: &Value| if known(name) { name.clone() } else { Value::from(Scope::Status.as_str()) };
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match value {
                Value::Array(names) if name == "scope" => (name.clone(), names.iter().map(scope).collect()),
                other => (name.clone(), with_known_scopes(other)),
            })
            .collect(),
        Value::Array(items) => items.iter().map(with_known_scopes).collect(),
        other => other.clone(),
    }
}
