//! Malachite's codec traits over the forms of `wire`: consensus messages, proposal parts, sync and write-ahead log.

use bytes::Bytes;
use malachite::app::consensus::{LivenessMsg, ProposedValue, SignedConsensusMsg};
use malachite::app::streaming::{StreamContent, StreamId, StreamMessage};
use malachite::app::types::PeerId;
use malachite::app::types::core::{
    CommitCertificate, ExtendedCommitCertificate, ExtendedCommitSignature, PolkaCertificate, RoundCertificate,
    RoundCertificateType, RoundSignature, ValidatorProof, Validity,
};
use malachite::app::types::sync::{RawDecidedValue, Request, Response, Status};
use malachite_codec::{Codec, HasEncodedLen};

use super::context::{Context, Init, Part, TimedSignature};
use super::wire::{Reader, WireError, Writer, wire_error};
use crate::p2p::STATUS;

/// Height and count in front of the blocks of an answer.
const RESPONSE_OVERHEAD: usize = 8 + 4;
/// Length of the block; height, round, block id and number of signatures of its commit.
const VALUE_OVERHEAD: usize = 4 + 8 + 8 + 68 + 4;
/// An address and a signature with its time.
const SIGNATURE_LEN: usize = 20 + TimedSignature::LEN;

#[derive(Copy, Clone, Debug)]
pub struct NodeCodec;

/// The form in which the engine's sync wants a commit; this chain has no vote extensions.
pub fn extend_certificate(certificate: &CommitCertificate<Context>) -> ExtendedCommitCertificate<Context> {
    let extend = |entry: &malachite::app::types::core::CommitSignature<Context>| -> ExtendedCommitSignature<Context> {
        ExtendedCommitSignature::new(entry.address, entry.signature, None)
    };
    ExtendedCommitCertificate {
        height: certificate.height,
        round: certificate.round,
        value_id: certificate.value_id,
        commit_signatures: certificate.commit_signatures.iter().map(extend).collect(),
    }
}

/// Writes one `Codec` implementation out of a pair of functions.
macro_rules! codec {
    ($kind:ty, $encode:path, $decode:path) => {
        impl Codec<$kind> for NodeCodec {
            type Error = WireError;

            fn encode(&self, message: &$kind) -> Result<Bytes, WireError> {
                let mut writer = Writer::default();
                $encode(&mut writer, message);
                Ok(writer.finish())
            }

            fn decode(&self, bytes: Bytes) -> Result<$kind, WireError> {
                let mut reader = Reader(&bytes);
                let message = $decode(&mut reader)?;
                reader.end()?;
                Ok(message)
            }
        }
    };
}

codec!(SignedConsensusMsg<Context>, write_consensus, read_consensus);
codec!(ProposedValue<Context>, write_proposed, read_proposed);
codec!(PolkaCertificate<Context>, write_polka, Reader::polka);
codec!(LivenessMsg<Context>, write_liveness, read_liveness);
codec!(Part, write_part, read_part);
codec!(StreamMessage<Part>, write_stream, read_stream);
codec!(ValidatorProof<Context>, write_proof, read_proof);
codec!(Status<Context>, write_status, read_status);
codec!(Request<Context>, write_request, read_request);
codec!(Response<Context>, write_response, read_response);

fn write_consensus(writer: &mut Writer, message: &SignedConsensusMsg<Context>) {
    match message {
        SignedConsensusMsg::Vote(vote) => writer.u8(1).vote(vote),
        SignedConsensusMsg::Proposal(proposal) => writer.u8(2).proposal(proposal),
    };
}

fn read_consensus(reader: &mut Reader) -> Result<SignedConsensusMsg<Context>, WireError> {
    match reader.u8()? {
        1 => Ok(SignedConsensusMsg::Vote(reader.vote()?)),
        2 => Ok(SignedConsensusMsg::Proposal(reader.proposal()?)),
        _ => wire_error("unknown consensus message"),
    }
}

fn write_proposed(writer: &mut Writer, value: &ProposedValue<Context>) {
    writer
        .height(value.height)
        .round(value.round)
        .round(value.valid_round)
        .address(&value.proposer)
        .block(&value.value)
        .u8(u8::from(value.validity.to_bool()));
}

fn read_proposed(reader: &mut Reader) -> Result<ProposedValue<Context>, WireError> {
    Ok(ProposedValue {
        height: reader.height()?,
        round: reader.round()?,
        valid_round: reader.round()?,
        proposer: reader.address()?,
        value: reader.block()?,
        validity: Validity::from_bool(reader.u8()? == 1),
    })
}

fn write_polka(writer: &mut Writer, certificate: &PolkaCertificate<Context>) {
    writer.polka(certificate);
}

fn write_liveness(writer: &mut Writer, message: &LivenessMsg<Context>) {
    match message {
        LivenessMsg::Vote(vote) => {
            writer.u8(1).vote(vote);
        }
        LivenessMsg::PolkaCertificate(certificate) => {
            writer.u8(2).polka(certificate);
        }
        LivenessMsg::SkipRoundCertificate(certificate) => {
            let skip = matches!(certificate.cert_type, RoundCertificateType::Skip);
            writer.u8(3).height(certificate.height).round(certificate.round).u8(u8::from(skip));
            writer.len(certificate.round_signatures.len());
            for entry in &certificate.round_signatures {
                writer
                    .vote_type(entry.vote_type)
                    .value(&entry.value_id)
                    .address(&entry.address)
                    .signature(&entry.signature);
            }
        }
    }
}

fn read_liveness(reader: &mut Reader) -> Result<LivenessMsg<Context>, WireError> {
    match reader.u8()? {
        1 => Ok(LivenessMsg::Vote(reader.vote()?)),
        2 => Ok(LivenessMsg::PolkaCertificate(reader.polka()?)),
        3 => Ok(LivenessMsg::SkipRoundCertificate(read_round_certificate(reader)?)),
        _ => wire_error("unknown liveness message"),
    }
}

fn read_round_certificate(reader: &mut Reader) -> Result<RoundCertificate<Context>, WireError> {
    let (height, round, skip, len) = (reader.height()?, reader.round()?, reader.u8()? == 1, reader.list_len()?);
    let mut round_signatures = Vec::new();
    for _ in 0..len {
        let (kind, value) = (reader.vote_type()?, reader.value()?);
        round_signatures.push(RoundSignature::new(kind, value, reader.address()?, reader.signature()?));
    }
    let cert_type = if skip { RoundCertificateType::Skip } else { RoundCertificateType::Precommit };
    Ok(RoundCertificate { height, round, cert_type, round_signatures })
}

fn write_part(writer: &mut Writer, part: &Part) {
    match part {
        Part::Init(init) => writer
            .u8(0)
            .height(init.height)
            .round(init.round)
            .round(init.pol_round)
            .address(&init.proposer)
            .u32(init.len)
            .fixed(&init.hash)
            .fixed(&init.signature),
        Part::Data(bytes) => writer.u8(1).bytes(bytes),
    };
}

fn read_part(reader: &mut Reader) -> Result<Part, WireError> {
    match reader.u8()? {
        0 => Ok(Part::Init(Init {
            height: reader.height()?,
            round: reader.round()?,
            pol_round: reader.round()?,
            proposer: reader.address()?,
            len: reader.u32()?,
            hash: reader.array()?,
            signature: reader.array()?,
        })),
        1 => Ok(Part::Data(Bytes::copy_from_slice(reader.bytes()?))),
        _ => wire_error("unknown proposal part"),
    }
}

fn write_stream(writer: &mut Writer, message: &StreamMessage<Part>) {
    writer.bytes(&message.stream_id.to_bytes()).u64(message.sequence);
    match &message.content {
        StreamContent::Data(part) => {
            writer.u8(1);
            write_part(writer, part);
        }
        StreamContent::Fin => {
            writer.u8(0);
        }
    }
}

fn read_stream(reader: &mut Reader) -> Result<StreamMessage<Part>, WireError> {
    let (id, sequence) = (StreamId::new(Bytes::copy_from_slice(reader.bytes()?)), reader.u64()?);
    let content = match reader.u8()? {
        0 => StreamContent::Fin,
        1 => StreamContent::Data(read_part(reader)?),
        _ => return wire_error("unknown stream content"),
    };
    Ok(StreamMessage::new(id, sequence, content))
}

fn write_proof(writer: &mut Writer, proof: &ValidatorProof<Context>) {
    writer.bytes(&proof.public_key).bytes(&proof.peer_id).signature(&proof.signature);
}

fn read_proof(reader: &mut Reader) -> Result<ValidatorProof<Context>, WireError> {
    let (public_key, peer_id) = (reader.bytes()?.to_vec(), reader.bytes()?.to_vec());
    Ok(ValidatorProof::new(public_key, peer_id, reader.signature()?))
}

fn write_status(writer: &mut Writer, status: &Status<Context>) {
    writer.u8(STATUS).bytes(&status.peer_id.to_bytes()).height(status.tip_height).height(status.history_min_height);
}

fn read_status(reader: &mut Reader) -> Result<Status<Context>, WireError> {
    if reader.u8()? != STATUS {
        return wire_error("no status");
    }
    let peer_id = PeerId::from_bytes(reader.bytes()?).map_err(|error| WireError(error.to_string()))?;
    Ok(Status { peer_id, tip_height: reader.height()?, history_min_height: reader.height()? })
}

fn write_request(writer: &mut Writer, request: &Request<Context>) {
    let Request::ValueRequest(values) = request;
    writer.height(*values.range.start()).height(*values.range.end());
}

fn read_request(reader: &mut Reader) -> Result<Request<Context>, WireError> {
    let (start, end) = (reader.height()?, reader.height()?);
    Ok(Request::ValueRequest(malachite_sync::ValueRequest::new(start..=end)))
}

fn write_response(writer: &mut Writer, response: &Response<Context>) {
    let Response::ValueResponse(values) = response;
    writer.height(values.start_height).len(values.values.len());
    for value in &values.values {
        writer.bytes(&value.value_bytes).certificate(&value.certificate.trim_vote_extensions());
    }
}

fn read_response(reader: &mut Reader) -> Result<Response<Context>, WireError> {
    let (start, len) = (reader.height()?, reader.list_len()?);
    let mut values = Vec::new();
    for _ in 0..len {
        let block = Bytes::copy_from_slice(reader.bytes()?);
        values.push(RawDecidedValue::new(block, extend_certificate(&reader.certificate()?)));
    }
    Ok(Response::ValueResponse(malachite_sync::ValueResponse::new(start, values)))
}

impl HasEncodedLen<Response<Context>> for NodeCodec {
    fn encoded_len(&self, response: &Response<Context>) -> Result<usize, WireError> {
        let Response::ValueResponse(values) = response;
        let len = |value: &RawDecidedValue<Context>| {
            let signatures = value.certificate.commit_signatures.len();
            value.value_bytes.len() + VALUE_OVERHEAD + signatures * SIGNATURE_LEN
        };
        Ok(RESPONSE_OVERHEAD + values.values.iter().map(len).sum::<usize>())
    }
}
