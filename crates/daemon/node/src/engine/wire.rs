//! Fixed binary forms of the engine's values: what `codec` writes to the network and the write-ahead log.
//!
//! Integers are big-endian, lists and byte strings have a four-byte length in front. A reader checks every length
//! before it takes memory.

use bytes::Bytes;
use malachite::app::types::core::{
    CommitCertificate, CommitSignature, NilOrVal, PolkaCertificate, PolkaSignature, Round, SignedProposal, SignedVote,
    VoteType,
};

use super::context::{Address, BlockRef, Context, Height, Proposal, TimedSignature, Vote};

/// More signatures than any validator set can have.
const LIST_MAX: usize = 10_000;

#[derive(Debug, thiserror::Error)]
#[error("engine message: {0}")]
pub struct WireError(pub String);

pub fn wire_error<T>(text: &str) -> Result<T, WireError> {
    Err(WireError(text.to_string()))
}

#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    pub fn finish(self) -> Bytes {
        Bytes::from(self.0)
    }

    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }

    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// Lengths on this wire are bounded far below four bytes by the block size.
    pub fn len(&mut self, len: usize) -> &mut Self {
        self.u32(u32::try_from(len).expect("a block is smaller than 4 GiB"))
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.len(bytes.len());
        self.0.extend(bytes);
        self
    }

    /// Bytes whose number is known to the reader.
    pub fn fixed(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend(bytes);
        self
    }

    pub fn height(&mut self, height: Height) -> &mut Self {
        self.u64(height.0)
    }

    pub fn round(&mut self, round: Round) -> &mut Self {
        self.0.extend(round.as_i64().to_be_bytes());
        self
    }

    pub fn address(&mut self, address: &Address) -> &mut Self {
        self.0.extend(address.0);
        self
    }

    pub fn signature(&mut self, signature: &TimedSignature) -> &mut Self {
        self.0.extend(signature.to_bytes());
        self
    }

    pub fn block(&mut self, block: &BlockRef) -> &mut Self {
        self.0.extend(block.hash);
        self.u32(block.total);
        self.0.extend(block.parts);
        self
    }

    pub fn value(&mut self, value: &NilOrVal<BlockRef>) -> &mut Self {
        match value {
            NilOrVal::Nil => self.u8(0),
            NilOrVal::Val(block) => self.u8(1).block(block),
        }
    }

    pub fn vote_type(&mut self, kind: VoteType) -> &mut Self {
        self.u8(match kind {
            VoteType::Prevote => 1,
            VoteType::Precommit => 2,
        })
    }

    pub fn vote(&mut self, vote: &SignedVote<Context>) -> &mut Self {
        let message = &vote.message;
        self.vote_type(message.kind)
            .height(message.height)
            .round(message.round)
            .value(&message.value)
            .address(&message.address)
            .signature(&vote.signature)
    }

    pub fn proposal(&mut self, proposal: &SignedProposal<Context>) -> &mut Self {
        let message = &proposal.message;
        self.height(message.height)
            .round(message.round)
            .block(&message.value)
            .round(message.pol_round)
            .address(&message.address)
            .signature(&proposal.signature)
    }

    pub fn certificate(&mut self, certificate: &CommitCertificate<Context>) -> &mut Self {
        self.height(certificate.height).round(certificate.round).block(&certificate.value_id);
        self.len(certificate.commit_signatures.len());
        for entry in &certificate.commit_signatures {
            self.address(&entry.address).signature(&entry.signature);
        }
        self
    }

    pub fn polka(&mut self, certificate: &PolkaCertificate<Context>) -> &mut Self {
        self.height(certificate.height).round(certificate.round).block(&certificate.value_id);
        self.len(certificate.polka_signatures.len());
        for entry in &certificate.polka_signatures {
            self.address(&entry.address).signature(&entry.signature);
        }
        self
    }
}

pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], WireError> {
        let Some((head, tail)) = self.0.split_at_checked(len) else { return wire_error("unexpected end") };
        self.0 = tail;
        Ok(head)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        Ok(self.take(N)?.try_into().expect("take gives exactly N bytes"))
    }

    /// Nothing may follow a complete message.
    pub fn end(&self) -> Result<(), WireError> {
        if self.0.is_empty() { Ok(()) } else { wire_error("bytes after the end") }
    }

    pub fn u8(&mut self) -> Result<u8, WireError> {
        Ok(self.take(1)?[0])
    }

    pub fn u32(&mut self) -> Result<u32, WireError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64, WireError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    pub fn list_len(&mut self) -> Result<usize, WireError> {
        let len = self.u32()? as usize;
        if len > LIST_MAX { wire_error("list is too long") } else { Ok(len) }
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], WireError> {
        let len = self.u32()? as usize;
        self.take(len)
    }

    pub fn height(&mut self) -> Result<Height, WireError> {
        Ok(Height(self.u64()?))
    }

    pub fn round(&mut self) -> Result<Round, WireError> {
        match i64::from_be_bytes(self.array()?) {
            -1 => Ok(Round::Nil),
            round => match u32::try_from(round) {
                Ok(round) if i32::try_from(round).is_ok() => Ok(Round::new(round)),
                _ => wire_error("round is out of range"),
            },
        }
    }

    pub fn address(&mut self) -> Result<Address, WireError> {
        Ok(Address(self.array()?))
    }

    pub fn signature(&mut self) -> Result<TimedSignature, WireError> {
        let bytes = self.take(TimedSignature::LEN)?;
        TimedSignature::from_bytes(bytes).ok_or_else(|| WireError("signature".to_string()))
    }

    pub fn block(&mut self) -> Result<BlockRef, WireError> {
        Ok(BlockRef { hash: self.array()?, total: self.u32()?, parts: self.array()? })
    }

    pub fn value(&mut self) -> Result<NilOrVal<BlockRef>, WireError> {
        match self.u8()? {
            0 => Ok(NilOrVal::Nil),
            1 => Ok(NilOrVal::Val(self.block()?)),
            _ => wire_error("unknown tag of a vote's value"),
        }
    }

    pub fn vote_type(&mut self) -> Result<VoteType, WireError> {
        match self.u8()? {
            1 => Ok(VoteType::Prevote),
            2 => Ok(VoteType::Precommit),
            _ => wire_error("unknown vote type"),
        }
    }

    pub fn vote(&mut self) -> Result<SignedVote<Context>, WireError> {
        let vote = Vote {
            kind: self.vote_type()?,
            height: self.height()?,
            round: self.round()?,
            value: self.value()?,
            address: self.address()?,
        };
        Ok(SignedVote::new(vote, self.signature()?))
    }

    pub fn proposal(&mut self) -> Result<SignedProposal<Context>, WireError> {
        let proposal = Proposal {
            height: self.height()?,
            round: self.round()?,
            value: self.block()?,
            pol_round: self.round()?,
            address: self.address()?,
        };
        Ok(SignedProposal::new(proposal, self.signature()?))
    }

    pub fn certificate(&mut self) -> Result<CommitCertificate<Context>, WireError> {
        let (height, round, value_id, len) = (self.height()?, self.round()?, self.block()?, self.list_len()?);
        let mut commit_signatures = Vec::new();
        for _ in 0..len {
            commit_signatures.push(CommitSignature::new(self.address()?, self.signature()?));
        }
        Ok(CommitCertificate { height, round, value_id, commit_signatures })
    }

    pub fn polka(&mut self) -> Result<PolkaCertificate<Context>, WireError> {
        let (height, round, value_id, len) = (self.height()?, self.round()?, self.block()?, self.list_len()?);
        let mut polka_signatures = Vec::new();
        for _ in 0..len {
            polka_signatures.push(PolkaSignature::new(self.address()?, self.signature()?));
        }
        Ok(PolkaCertificate { height, round, value_id, polka_signatures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_survives_the_wire() {
        let signature = TimedSignature { seconds: 7, nanos: 9, bytes: [3; 64] };
        let certificate = CommitCertificate::<Context> {
            height: Height(5),
            round: Round::new(2),
            value_id: BlockRef { hash: [1; 32], total: 4, parts: [2; 32] },
            commit_signatures: vec![CommitSignature::new(Address([8; 20]), signature)],
        };
        let mut writer = Writer::default();
        writer.certificate(&certificate);
        let bytes = writer.finish();
        assert_eq!(Reader(&bytes).certificate().unwrap(), certificate);
        assert!(Reader(&bytes[..bytes.len() - 1]).certificate().is_err());
    }

    #[test]
    fn absurd_list_length_is_refused_before_memory_is_taken() {
        let mut writer = Writer::default();
        writer.height(Height(1)).round(Round::Nil).block(&BlockRef { hash: [0; 32], total: 0, parts: [0; 32] });
        writer.u32(u32::MAX);
        assert!(Reader(&writer.finish()).certificate().is_err());
    }
}
