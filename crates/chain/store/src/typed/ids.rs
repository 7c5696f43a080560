//! Addresses and the market's identifiers as keys.
//!
//! An address is its length and its bytes, so that addresses of different lengths sort by length first. Each
//! identifier begins with the whole of its parent: what lies under an order's key are the bids on it.

use akash_types::address::Address;
use akash_types::id::{BidId, DeploymentId, GroupId, LeaseId, OrderId};

use super::key::{CodecError, Key, take};

impl Key for Address {
    fn encode(&self, out: &mut Vec<u8>) {
        let bytes = self.as_bytes();
        out.push(u8::try_from(bytes.len()).expect("an address has at most 32 bytes"));
        out.extend_from_slice(bytes);
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        let length = u8::read(input)?;
        let bytes = take(input, usize::from(length))?;
        Self::from_bytes(bytes).map_err(|_| CodecError::Malformed("an address has 20 to 32 bytes"))
    }
}

impl Key for DeploymentId {
    fn encode(&self, out: &mut Vec<u8>) {
        self.owner.encode(out);
        self.dseq.encode(out);
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        Ok(Self { owner: Key::read(input)?, dseq: Key::read(input)? })
    }
}

impl Key for GroupId {
    fn encode(&self, out: &mut Vec<u8>) {
        self.deployment.encode(out);
        self.gseq.encode(out);
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        Ok(Self { deployment: Key::read(input)?, gseq: Key::read(input)? })
    }
}

impl Key for OrderId {
    fn encode(&self, out: &mut Vec<u8>) {
        self.group.encode(out);
        self.oseq.encode(out);
    }

    fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
        Ok(Self { group: Key::read(input)?, oseq: Key::read(input)? })
    }
}

macro_rules! bid_like {
    ($($name:ident),*) => {$(
        impl Key for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                self.order.encode(out);
                self.provider.encode(out);
                self.bseq.encode(out);
            }

            fn read(input: &mut &[u8]) -> Result<Self, CodecError> {
                Ok(Self { order: Key::read(input)?, provider: Key::read(input)?, bseq: Key::read(input)? })
            }
        }
    )*};
}
bid_like!(BidId, LeaseId);

#[cfg(test)]
mod tests {
    use super::super::key_bytes;
    use super::*;

    #[test]
    fn bid_lies_under_its_order_and_reads_back() {
        let owner = Address::module("owner");
        let order = DeploymentId::new(owner, 7).group(1).order(2);
        let bid = order.bid(Address::from_bytes(&[9; 32]).unwrap());

        let bytes = key_bytes(&bid);
        assert!(bytes.starts_with(&key_bytes(&order)));
        assert!(bytes.starts_with(&key_bytes(order.deployment_id())));
        assert_eq!(BidId::decode(&bytes), Ok(bid.clone()));
        assert_eq!(LeaseId::decode(&bytes), Ok(LeaseId::from(bid)));
    }

    #[test]
    fn address_of_an_impossible_length_is_refused() {
        assert!(Address::decode(&[3, 1, 2, 3]).is_err());
        assert!(Address::decode(&[200]).is_err());
    }
}
