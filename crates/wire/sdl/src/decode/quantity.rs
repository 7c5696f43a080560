//! Numbers with units: milli-CPUs and bytes.
//!
//! The arithmetic is that of doubles: multiply, then cut off. Decimal arithmetic would give other results.

use super::Decoder;
use crate::{
    go::number::{parse_float, parse_uint},
    yaml::NodeId,
};

const NEGATIVE: &str = "invalid: negative value not allowed";
const BINARY: [(&str, u64); 6] =
    [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("Pi", 1 << 50), ("Ei", 1 << 60)];
const DECIMAL: [(&str, u64); 6] = [
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000),
];
/// One gibibyte, the unit of a GPU's memory in attributes.
pub const GIBI: u64 = 1 << 30;

/// Thousandths of a CPU.
fn milli_cpu(text: &str) -> Result<u64, String> {
    if let Some(digits) = text.strip_suffix('m') {
        return parse_uint(digits, 32);
    }
    let value = parse_float(text)? * 1000.0;
    if value < 0.0 {
        return Err(NEGATIVE.to_owned());
    }
    // PARITY(sdl/cpu-infinite): infinity and "not a number" become 0, which the range check then refuses.
    Ok(if value.is_finite() { value as u64 } else { 0 })
}

/// Bytes, with suffixes of powers of 1000 or 1024.
fn bytes(text: &str) -> Result<u64, String> {
    scaled(text, &[&BINARY[..], &DECIMAL[..]])
}

/// Bytes, with suffixes of powers of 1024 only.
fn binary_bytes(text: &str) -> Result<u64, String> {
    scaled(text, &[&BINARY[..]])
}

fn scaled(text: &str, tables: &[&[(&str, u64)]]) -> Result<u64, String> {
    let found = tables.iter().copied().flatten().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit)));
    let (number, unit) = found.unwrap_or((text, 1));
    let value = parse_float(number)?;
    if value < 0.0 {
        return Err(NEGATIVE.to_owned());
    }
    Ok((value * unit as f64) as u64) // above 64 bits it is the largest value, which every range check refuses
}

impl Decoder<'_> {
    pub(super) fn cpu_units(&mut self, id: NodeId) -> u64 {
        self.quantity(id, milli_cpu, "write CPUs as a number such as 0.5, or milli-CPUs such as 500m")
    }

    pub(super) fn byte_size(&mut self, id: NodeId) -> u64 {
        let help = size_help(self.raw(id).unwrap_or_default());
        self.quantity(id, bytes, &help)
    }

    pub(super) fn binary_size(&mut self, id: NodeId) -> u64 {
        self.quantity(id, binary_bytes, "write a size with one of the suffixes Ki Mi Gi Ti Pi Ei")
    }

    fn quantity(&mut self, id: NodeId, parse: fn(&str) -> Result<u64, String>, help: &str) -> u64 {
        if self.is_null(id) {
            return 0;
        }
        // The reference takes the text of the node, which a list or a mapping has none of.
        parse(self.raw(id).unwrap_or_default()).unwrap_or_else(|message| {
            self.fail_with(self.at(id), message, help);
            0
        })
    }
}

/// Says what was probably meant by `16GB` or `512mi`.
fn size_help(text: &str) -> String {
    let number_length = text.find(|c: char| c.is_ascii_alphabetic() && c != 'e').unwrap_or(text.len());
    let (number, unit) = text.split_at(number_length);
    let unit = unit.to_ascii_lowercase();
    let unit = unit.trim_end_matches('b');
    let suffixes = BINARY.iter().chain(&DECIMAL);
    let meant = suffixes.map(|(suffix, _)| suffix).find(|suffix| suffix.eq_ignore_ascii_case(unit));
    match meant {
        Some(suffix) if !number.trim().is_empty() => format!("did you mean `{}{suffix}`?", number.trim()),
        _ => "write a number with one of the suffixes k M G T P E (powers of 1000) or Ki Mi Gi Ti Pi Ei".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, milli_cpu, size_help};

    #[test]
    fn cpus_are_cut_off_after_the_multiplication() {
        for (text, milli) in [("1.005", 1004), ("0.29", 290), ("100m", 100), ("0.0109", 10), ("1e-1", 100), ("inf", 0)]
        {
            assert_eq!(milli_cpu(text), Ok(milli), "{text}");
        }
    }

    #[test]
    fn sizes_are_cut_off_to_bytes() {
        for (text, size) in
            [("1.1Gi", 1_181_116_006), ("512M", 512_000_000), (".5Gi", 536_870_912), ("1e3Mi", 1_048_576_000)]
        {
            assert_eq!(bytes(text), Ok(size), "{text}");
        }
        assert_eq!(bytes("16GB"), Err("strconv.ParseFloat: parsing \"16GB\": invalid syntax".to_owned()));
    }

    #[test]
    fn help_names_the_suffix_that_was_meant() {
        assert_eq!(size_help("16GB"), "did you mean `16G`?");
        assert_eq!(size_help("512mi"), "did you mean `512Mi`?");
    }
}
