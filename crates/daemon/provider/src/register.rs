//! Putting a provider on chain: its record and its certificate, in one transaction, and only what differs.

use akash_client::gateway::Identity;
use akash_client::{Client, ClientError, Key, SendOptions, Sender, TxResult};
use akash_proto::akash::provider::v1beta4::{Info, MsgCreateProvider, MsgUpdateProvider, Provider as Record};
use akash_types::tx::encode_any;
use prost_types::Any;

use crate::config::ProviderConfig;

/// Creates or updates the record and publishes the certificate, as far as needed. `None`: nothing was.
///
/// # Errors
/// When the chain refuses, or gives no answer.
pub async fn register(
    client: &Client,
    config: &ProviderConfig,
    identity: &Identity,
) -> Result<Option<TxResult>, ClientError> {
    let wanted = record(config);
    let address = config.key.public().address();
    let present = client.provider(&address).await?;
    let mut messages: Vec<Any> = difference(&wanted, present.as_ref()).into_iter().collect();
    if !client.has_certificate(identity).await? {
        messages.push(identity.create_message());
    }
    if messages.is_empty() {
        return Ok(None);
    }
    let key = Key { name: "provider".into(), address, secret: config.key.clone() };
    let sender = Sender::new(client.clone(), &key, config.settings.gas_price.clone());
    sender.send(messages, &SendOptions::default()).await.map(Some)
}

/// What the chain should say of us.
fn record(config: &ProviderConfig) -> Record {
    let mut attributes = config.settings.attributes.clone();
    attributes.sort_by(|left, right| left.key.cmp(&right.key));
    Record {
        owner: config.key.public().address().to_string(),
        host_uri: config.host_uri.clone(),
        attributes,
        info: Some(Info { email: config.settings.email.clone(), website: config.settings.website.clone() }),
    }
}

fn difference(wanted: &Record, present: Option<&Record>) -> Option<Any> {
    let Record { owner, host_uri, attributes, info } = wanted.clone();
    match present {
        None => Some(encode_any(&MsgCreateProvider { owner, host_uri, attributes, info })),
        Some(present) if present != wanted => {
            Some(encode_any(&MsgUpdateProvider { owner, host_uri, attributes, info }))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_difference_is_sent() {
        let wanted = Record { host_uri: "https://localhost:8443".into(), ..Record::default() };
        let kind = |present: Option<&Record>| difference(&wanted, present).map(|any| any.type_url);
        assert_eq!(kind(None).as_deref(), Some("/akash.provider.v1beta4.MsgCreateProvider"));
        assert_eq!(kind(Some(&wanted)), None);
        let moved = Record { host_uri: "https://other:8443".into(), ..Record::default() };
        assert_eq!(kind(Some(&moved)).as_deref(), Some("/akash.provider.v1beta4.MsgUpdateProvider"));
    }
}
