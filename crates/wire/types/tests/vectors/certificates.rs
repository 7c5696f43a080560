use akash_types::address::Address;
use akash_types::cert::{check_on_chain, inspect_pem};
use akash_types::json::Rfc3339;
use serde_json::Value;

use crate::fields::{equal, flag, text};

/// The verdict of the chain's rule, and what it reads from an accepted certificate.
pub fn check(case: &Value) -> Result<(), String> {
    let owner: Address = text(case, "owner")?.parse().map_err(|e| format!("{e}"))?;
    let (certificate, public_key) = (text(case, "cert")?.as_bytes(), text(case, "pubkey")?.as_bytes());
    let expect = case.get("expect").ok_or("case expects nothing")?;
    let verdict = check_on_chain(&owner, certificate, public_key);

    if !flag(expect, "accepted")? {
        let error = verdict.err().ok_or("accepted, but should be refused")?;
        return equal("error", error.to_string().as_str(), text(expect, "error")?);
    }
    let serial = verdict.map_err(|e| e.to_string())?;
    equal("serial", serial.to_string().as_str(), text(expect, "serial")?)?;

    let info = inspect_pem(certificate).map_err(|e| e.to_string())?;
    let time = |seconds| Rfc3339 { seconds, nanos: 0 }.to_string();
    equal("common name", info.common_name.as_str(), text(expect, "cn")?)?;
    equal("not before", time(info.not_before).as_str(), text(expect, "not_before")?)?;
    equal("not after", time(info.not_after).as_str(), text(expect, "not_after")?)
}
