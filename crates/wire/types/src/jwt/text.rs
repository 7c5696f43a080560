//! Claims as JSON. Members are written sorted by name, as the JavaScript SDK does.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::JwtError;
use super::claims::{Access, Claims, DeploymentGrant, Permission, ProviderAccess, Scope};
use crate::address::Address;

const VERSION: &str = "v1";

#[derive(Default, Deserialize, Serialize)]
struct ClaimsText {
    exp: Option<Value>,
    iat: Option<Value>,
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    leases: Option<LeasesText>,
    nbf: Option<Value>,
    version: Option<String>,
}

#[derive(Default, Deserialize, Serialize)]
struct LeasesText {
    access: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Vec<Option<PermissionText>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Vec<String>>,
}

#[derive(Default, Deserialize, Serialize)]
struct PermissionText {
    access: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployments: Option<Vec<Option<DeploymentText>>>,
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Vec<String>>,
}

#[derive(Default, Deserialize, Serialize)]
struct DeploymentText {
    dseq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gseq: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oseq: Option<u32>,
    scope: Option<Vec<String>>,
    services: Option<Vec<String>>,
}

/// Reads claims and checks that they are whole. Members that we do not know are skipped.
pub(super) fn read(payload: &[u8]) -> Result<Claims, JwtError> {
    let text: ClaimsText = serde_json::from_slice(payload).map_err(|e| JwtError::Claims(e.to_string()))?;
    let issuer = text.iss.unwrap_or_default();
    let issuer = Address::parse(&issuer).map_err(|e| JwtError::Claims(format!("invalid issuer: {e}")))?;
    let claims = Claims {
        issuer,
        issued_at: time(text.iat, "issued at")?,
        not_before: time(text.nbf, "not before")?,
        expires_at: time(text.exp, "expiration time")?,
        id: text.jti,
        access: {
            if text.version.as_deref() != Some(VERSION) {
                return Err(claim("invalid version"));
            }
            access(text.leases.unwrap_or_default())?
        },
    };
    Ok(claims)
}

/// The issuer alone, of claims that may be wrong otherwise.
pub(super) fn issuer(payload: &[u8]) -> Result<Address, JwtError> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: Option<String>,
    }
    let text: Issuer = serde_json::from_slice(payload).map_err(|e| JwtError::Claims(e.to_string()))?;
    Address::parse(&text.iss.unwrap_or_default()).map_err(|e| JwtError::Claims(format!("invalid issuer: {e}")))
}

fn claim(text: impl ToString) -> JwtError {
    JwtError::Claims(text.to_string())
}

/// PARITY(jwt/dates): a date may be a number with places, or a text with a number. Page: docs/parity/wire.md.
fn time(value: Option<Value>, name: &str) -> Result<i64, JwtError> {
    let digits = match value {
        None | Some(Value::Null) => return Err(claim(format!("missing {name}"))),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text,
        Some(_) => return Err(claim(format!("{name} is no number"))),
    };
    digits.parse().ok().or_else(|| rounded_down(&digits)).ok_or_else(|| claim(format!("{name} is no number")))
}

/// Whole seconds of a number with places or an exponent.
fn rounded_down(digits: &str) -> Option<i64> {
    const LARGEST: f64 = 1e15;
    let seconds = digits.parse::<f64>().ok()?.floor();
    (seconds.abs() < LARGEST).then_some(seconds as i64)
}

fn access(leases: LeasesText) -> Result<Access, JwtError> {
    match leases.access.as_deref().unwrap_or_default() {
        "" => Err(claim("missing access type")),
        "full" if !is_empty(&leases.scope) => Err(claim("full access cannot have scope set")),
        "full" if !is_empty(&leases.permissions) => Err(claim("full access cannot have permissions set")),
        "full" => Ok(Access::Full),
        "scoped" if leases.permissions.is_some() => Err(claim("scoped access cannot have permissions set")),
        "scoped" if is_empty(&leases.scope) => Err(claim("scope access must have scope set")),
        "scoped" => scopes(leases.scope).map(Access::Scoped),
        "granular" if is_empty(&leases.permissions) => Err(claim("granular access must have permissions set")),
        "granular" => permissions(leases.permissions.unwrap_or_default()).map(Access::Granular),
        other => Err(claim(format!("invalid access type '{}'", other.chars().take(64).collect::<String>()))),
    }
}

fn permissions(texts: Vec<Option<PermissionText>>) -> Result<Vec<Permission>, JwtError> {
    let mut seen = BTreeSet::new();
    let mut permissions = Vec::new();
    for text in texts {
        let text = text.unwrap_or_default();
        let provider = text.provider.as_deref().filter(|p| !p.is_empty()).ok_or_else(|| claim("empty provider"))?;
        let provider = Address::parse(provider).map_err(claim)?;
        if !seen.insert(provider.clone()) {
            return Err(claim(format!("duplicate provider {provider}")));
        }
        permissions.push(Permission { provider, access: provider_access(text)? });
    }
    Ok(permissions)
}

fn provider_access(text: PermissionText) -> Result<ProviderAccess, JwtError> {
    match text.access.as_deref().unwrap_or_default() {
        "" => Err(claim("missing access type")),
        "full" if !is_empty(&text.scope) => Err(claim("permission with full access cannot have scope set")),
        "full" if !is_empty(&text.deployments) => Err(claim("permission with full access cannot have deployments set")),
        "full" => Ok(ProviderAccess::Full),
        "scoped" if text.deployments.is_some() => {
            Err(claim("permission with scoped access cannot have deployments set"))
        }
        "scoped" if is_empty(&text.scope) => Err(claim("permission with scoped access must have scope set")),
        "scoped" => scopes(text.scope).map(ProviderAccess::Scoped),
        "granular" if text.scope.is_some() => Err(claim("permission with granular access cannot have scope set")),
        "granular" if is_empty(&text.deployments) => Err(claim("granular access must have deployments set")),
        "granular" => {
            let grants = text.deployments.unwrap_or_default().into_iter();
            grants
                .map(|grant| deployment(grant.unwrap_or_default()))
                .collect::<Result<_, _>>()
                .map(ProviderAccess::Granular)
        }
        _ => Err(claim("permission with invalid access type")),
    }
}

fn deployment(text: DeploymentText) -> Result<DeploymentGrant, JwtError> {
    let dseq = text.dseq.filter(|dseq| *dseq > 0).ok_or_else(|| claim("dseq must be set"))?;
    if is_empty(&text.scope) {
        return Err(claim("deployment permission scope must be set"));
    }
    let (gseq, oseq) = (text.gseq.unwrap_or_default(), text.oseq.unwrap_or_default());
    if gseq == 0 && oseq != 0 {
        return Err(claim("gseq must be set if oseq is set"));
    }
    let services = text.services.filter(|services| !services.is_empty()).ok_or_else(|| claim("empty services"))?;
    let unique: BTreeSet<_> = services.iter().collect();
    if unique.len() != services.len() {
        return Err(claim("duplicate service"));
    }
    Ok(DeploymentGrant { dseq, gseq, oseq, scopes: scopes(text.scope)?, services })
}

/// The scopes that we know. Each may be named once.
fn scopes(names: Option<Vec<String>>) -> Result<Vec<Scope>, JwtError> {
    let names = names.unwrap_or_default();
    let unique: BTreeSet<_> = names.iter().collect();
    if unique.len() != names.len() {
        return Err(claim("duplicate scope"));
    }
    Ok(names.iter().filter_map(|name| Scope::parse(name)).collect())
}

fn is_empty<T>(items: &Option<Vec<T>>) -> bool {
    items.as_ref().is_none_or(Vec::is_empty)
}

/// The text of claims.
pub(super) fn write(claims: &Claims) -> String {
    let (access, scope, permissions) = match &claims.access {
        Access::Full => ("full", None, None),
        Access::Scoped(scopes) => ("scoped", Some(names(scopes)), None),
        Access::Granular(permissions) => {
            ("granular", None, Some(permissions.iter().map(|p| Some(permission_text(p))).collect()))
        }
    };
    let text = ClaimsText {
        exp: Some(claims.expires_at.into()),
        iat: Some(claims.issued_at.into()),
        iss: Some(claims.issuer.to_string()),
        jti: claims.id.clone(),
        leases: Some(LeasesText { access: Some(access.to_owned()), permissions, scope }),
        nbf: Some(claims.not_before.into()),
        version: Some(VERSION.to_owned()),
    };
    serde_json::to_string(&text).expect("texts and numbers can be written")
}

fn permission_text(permission: &Permission) -> PermissionText {
    let (access, scope, deployments) = match &permission.access {
        ProviderAccess::Full => ("full", None, None),
        ProviderAccess::Scoped(scopes) => ("scoped", Some(names(scopes)), None),
        ProviderAccess::Granular(grants) => {
            ("granular", None, Some(grants.iter().map(|grant| Some(deployment_text(grant))).collect()))
        }
    };
    let provider = Some(permission.provider.to_string());
    PermissionText { access: Some(access.to_owned()), deployments, provider, scope }
}

fn deployment_text(grant: &DeploymentGrant) -> DeploymentText {
    DeploymentText {
        dseq: Some(grant.dseq),
        gseq: Some(grant.gseq).filter(|gseq| *gseq != 0),
        oseq: Some(grant.oseq).filter(|oseq| *oseq != 0),
        scope: Some(names(&grant.scopes)),
        services: Some(grant.services.clone()),
    }
}

fn names(scopes: &[Scope]) -> Vec<String> {
    scopes.iter().map(ToString::to_string).collect()
}
