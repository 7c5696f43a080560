//! The form of our own messages on the engine's sync channel.
//!
//! The first byte tells them from the engine's status messages, which begin with [`STATUS`].

use bytes::Bytes;

use crate::engine::wire::{Reader, WireError, Writer, wire_error};

/// Where a node's chain ends; read by the engine and by us.
pub const STATUS: u8 = 0;
/// Transactions.
pub const TXS: u8 = 1;

/// Transactions in one message, and their bytes. One transaction may be larger than that.
pub const TXS_MAX: usize = 1_000;
pub const BYTES_MAX: usize = 256 << 10;

pub fn write_txs(txs: &[Bytes]) -> Bytes {
    let mut writer = Writer::default();
    writer.u8(TXS).len(txs.len());
    for tx in txs {
        writer.bytes(tx);
    }
    writer.finish()
}

/// Reads a message that begins with [`TXS`]. Nothing is copied.
pub fn read_txs(frame: &Bytes) -> Result<Vec<Bytes>, WireError> {
    let mut reader = Reader(frame);
    if reader.u8()? != TXS {
        return wire_error("no transactions");
    }
    let len = reader.list_len()?;
    if len > TXS_MAX {
        return wire_error("too many transactions");
    }
    let mut txs = Vec::with_capacity(len);
    for _ in 0..len {
        txs.push(frame.slice_ref(reader.bytes()?));
    }
    reader.end()?;
    Ok(txs)
}

/// Cuts transactions into messages.
pub fn frames(txs: &[Bytes]) -> Vec<Bytes> {
    let (mut frames, mut from, mut bytes) = (Vec::new(), 0, 0);
    for (index, tx) in txs.iter().enumerate() {
        if index > from && (bytes + tx.len() > BYTES_MAX || index - from == TXS_MAX) {
            frames.push(write_txs(&txs[from..index]));
            (from, bytes) = (index, 0);
        }
        bytes += tx.len();
    }
    if from < txs.len() {
        frames.push(write_txs(&txs[from..]));
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    fn txs(count: usize, len: usize) -> Vec<Bytes> {
        (0..count).map(|number| Bytes::from(vec![number as u8; len])).collect()
    }

    #[test]
    fn frames_hold_all_in_order_and_within_bounds() {
        for (count, len) in [(0, 1), (1, 1), (1, 2 * BYTES_MAX), (3, BYTES_MAX - 10), (2_500, 10), (1_000, 300)] {
            let txs = txs(count, len);
            let frames = frames(&txs);
            let mut read = Vec::new();
            for frame in &frames {
                let part = read_txs(frame).unwrap();
                let bytes: usize = part.iter().map(Bytes::len).sum();
                assert!(!part.is_empty() && part.len() <= TXS_MAX && (part.len() == 1 || bytes <= BYTES_MAX));
                read.extend(part);
            }
            assert_eq!(read, txs, "{count} x {len}");
        }
    }

    #[test]
    fn damaged_frames_are_refused() {
        let good = write_txs(&txs(2, 5));
        for end in 0..good.len() {
            assert!(read_txs(&good.slice(..end)).is_err(), "{end}");
        }
        let mut longer = good.to_vec();
        longer.push(0);
        assert!(read_txs(&Bytes::from(longer)).is_err());
        let mut many = vec![TXS];
        many.extend(1_001u32.to_be_bytes());
        assert!(read_txs(&Bytes::from(many)).is_err());
        let mut huge = vec![TXS];
        huge.extend(1u32.to_be_bytes());
        huge.extend(u32::MAX.to_be_bytes());
        assert!(read_txs(&Bytes::from(huge)).is_err());
    }
}
