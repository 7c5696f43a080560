use proptest::prelude::*;

use super::{BidId, DeploymentId, GroupId, IdError, LeaseId, OrderId};
use crate::address::Address;
use akash_proto::akash::market::v1 as market;

fn bid() -> BidId {
    let owner = Address::from_bytes(&[1; 20]).unwrap();
    let provider = Address::from_bytes(&[2; 20]).unwrap();
    DeploymentId::new(owner, 7).group(1).order(2).bid(provider)
}

#[test]
fn texts_name_the_parts() {
    let (owner, provider) = (bid().owner().clone(), bid().provider().clone());
    assert_eq!(bid().deployment_id().to_string(), format!("{owner}/7"));
    assert_eq!(bid().group_id().to_string(), format!("{owner}/7/1"));
    assert_eq!(bid().order_id().to_string(), format!("{owner}/7/1/2"));
    assert_eq!(bid().to_string(), format!("{owner}/7/1/2/{provider}"));
    let mut second = bid();
    second.bseq = 3;
    assert_eq!(second.to_string(), format!("{owner}/7/1/2/{provider}/3"));
}

#[test]
fn texts_that_are_no_identifier_are_refused() {
    let owner = bid().owner().clone();
    let reason = |text: &str| text.parse::<OrderId>().unwrap_err();
    assert_eq!(reason(&format!("{owner}/0/1/1")), IdError::Zero("dseq"));
    assert_eq!(reason(&format!("{owner}/1/0/1")), IdError::Zero("gseq"));
    assert!(matches!(reason(&format!("{owner}/1/1/-1")), IdError::Number { part: "oseq", .. }));
    assert!(matches!(reason(&format!("{owner}/1/1/4294967296")), IdError::Number { .. }));
    assert!(matches!(reason(&format!("{owner}/1/1")), IdError::Parts { got: 3, .. }));
    assert!(matches!(reason(&format!("{owner}/1/1/1/1/1/1")), IdError::Parts { .. }));
    assert!(matches!(reason("akash1/1/1/1"), IdError::Owner(_)));
}

#[test]
fn messages_with_missing_parts_are_refused() {
    let proto = market::BidId::from(&bid());
    assert_eq!(BidId::try_from(&proto), Ok(bid()));
    assert_eq!(BidId::try_from(market::BidId { dseq: 0, ..proto.clone() }), Err(IdError::Zero("dseq")));
    assert_eq!(BidId::try_from(market::BidId { oseq: 0, ..proto.clone() }), Err(IdError::Zero("oseq")));
    assert!(matches!(BidId::try_from(market::BidId { provider: String::new(), ..proto }), Err(IdError::Provider(_))));
    assert_eq!(BidId::try_from(None::<&market::BidId>), Err(IdError::Missing));
}

fn any_bid() -> impl Strategy<Value = BidId> {
    let address = || proptest::array::uniform20(any::<u8>()).prop_map(|b| Address::from_bytes(&b).unwrap());
    (address(), 1_u64.., 1_u32.., 1_u32.., address(), any::<u32>()).prop_map(
        |(owner, dseq, gseq, oseq, provider, bseq)| {
            BidId::new(DeploymentId::new(owner, dseq).group(gseq).order(oseq), provider, bseq)
        },
    )
}

proptest! {
    #[test]
    fn texts_and_messages_round_trip(id in any_bid()) {
        prop_assert_eq!(&id.to_string().parse::<BidId>().unwrap(), &id);
        prop_assert_eq!(&BidId::try_from(market::BidId::from(&id)).unwrap(), &id);
        let lease = LeaseId::from(id.clone());
        prop_assert_eq!(&lease.to_string().parse::<LeaseId>().unwrap(), &lease);
        prop_assert_eq!(BidId::from(lease), id.clone());
        let group = id.group_id();
        prop_assert_eq!(&group.to_string().parse::<GroupId>().unwrap(), group);
        prop_assert_eq!(&id.order_id().to_string().parse::<OrderId>().unwrap(), id.order_id());
        prop_assert_eq!(&id.deployment_id().to_string().parse::<DeploymentId>().unwrap(), id.deployment_id());
    }

    #[test]
    fn no_text_panics(text in ".{0,80}") {
        let _ = text.parse::<LeaseId>();
        let _ = text.parse::<DeploymentId>();
    }
}
