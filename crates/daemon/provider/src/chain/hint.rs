//! Typed events of a block, read as hints: whom to look at again. A hint decides nothing, so one that cannot be read is
//! passed over; the next full comparison sees what it was about.

use akash_types::address::Address;
use akash_types::id::{DeploymentId, OrderId};
use serde::Deserialize;

/// Something on chain may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// An order, a bid on it or its lease.
    Order(OrderId),
    Deployment(DeploymentId),
    /// Our record or our auditors' signatures.
    Provider(Address),
}

/// The `id` attribute of the marketplace's events, as JSON. Numbers come as text (64 bits) or as numbers.
#[derive(Deserialize)]
struct Id {
    owner: String,
    dseq: Number,
    #[serde(default)]
    gseq: Option<Number>,
    #[serde(default)]
    oseq: Option<Number>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Integer(u64),
    Text(String),
}

impl Number {
    fn value(&self) -> Option<u64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

/// The hint in one event, if it holds one.
pub fn read(kind: &str, attributes: &[(String, String)]) -> Option<Hint> {
    let attribute = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if kind.starts_with("akash.market.v1.Event") {
        return id(attribute("id")?).and_then(|id| order(&id)).map(Hint::Order);
    }
    if kind.starts_with("akash.deployment.v1.Event") {
        return id(attribute("id")?).and_then(|id| deployment(&id)).map(Hint::Deployment);
    }
    if kind.starts_with("akash.provider.v1beta4.Event") || kind.starts_with("akash.audit.v1.Event") {
        let owner: String = serde_json::from_str(attribute("owner")?).ok()?;
        return Address::parse(&owner).ok().map(Hint::Provider);
    }
    None
}

fn id(json: &str) -> Option<Id> {
    serde_json::from_str(json).ok()
}

fn deployment(id: &Id) -> Option<DeploymentId> {
    Some(DeploymentId::new(Address::parse(&id.owner).ok()?, id.dseq.value()?))
}

fn order(id: &Id) -> Option<OrderId> {
    let number = |part: &Option<Number>| u32::try_from(part.as_ref()?.value()?).ok();
    Some(deployment(id)?.group(number(&id.gseq)?).order(number(&id.oseq)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, key: &str, value: &str) -> Option<Hint> {
        read(kind, &[("other".into(), "1".into()), (key.into(), value.into())])
    }

    #[test]
    fn events_name_what_to_look_at() {
        let owner = Address::from_bytes(&[3; 20]).unwrap();
        let json = format!(r#"{{"owner":"{owner}","dseq":"42","gseq":1,"oseq":2}}"#);
        let order: OrderId = format!("{owner}/42/1/2").parse().unwrap();
        assert_eq!(event("akash.market.v1.EventOrderCreated", "id", &json), Some(Hint::Order(order)));
        let deployment: DeploymentId = format!("{owner}/42").parse().unwrap();
        assert_eq!(
            event("akash.deployment.v1.EventDeploymentUpdated", "id", &json),
            Some(Hint::Deployment(deployment))
        );
        let quoted = format!("\"{owner}\"");
        let provider = event("akash.provider.v1beta4.EventProviderUpdated", "owner", &quoted);
        assert_eq!(provider, Some(Hint::Provider(owner)));
    }

    #[test]
    fn what_cannot_be_read_is_no_hint() {
        assert_eq!(event("transfer", "id", "{}"), None);
        assert_eq!(event("akash.market.v1.EventOrderCreated", "id", "{}"), None);
        assert_eq!(event("akash.market.v1.EventOrderCreated", "key", "{}"), None);
    }
}
