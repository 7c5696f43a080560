//! The two numbers of the chain: [`Int`], a signed integer of 256 bits, and [`Dec`], a decimal with exactly 18
//! places. Both follow the Cosmos SDK's `math.Int` and `math.LegacyDec`, rounding included.
//!
//! Invariants: a value is always inside its bounds; an operation that would leave them answers `None`. There is
//! no floating point anywhere.

mod dec;
mod int;
#[cfg(test)]
mod tests;

pub use dec::Dec;
pub use int::Int;

/// Room for every value: 320 bits, since a [`Dec`] needs 316 and a sign.
pub(crate) type Wide = bnum::BInt<5>;

/// Room for every product of two values.
pub(crate) type Widest = bnum::BInt<10>;

/// Why a text is no number. The texts are those of the Cosmos SDK where it has one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumError {
    #[error("decimal string cannot be empty")]
    EmptyDecimal,
    #[error("invalid decimal length")]
    DecimalLength,
    #[error("invalid decimal string")]
    DecimalText,
    #[error("value '{text}' exceeds max precision by {excess} decimal places: max precision 18")]
    Precision { text: String, excess: usize },
    #[error("integer string is empty")]
    EmptyInteger,
    #[error("invalid integer string")]
    IntegerText,
    #[error("number is out of range")]
    Range,
}

/// Longest text that is parsed at all; the largest value has 97 digits.
const LONGEST_TEXT: usize = 128;

/// Digits with an optional minus sign, without superfluous zeros in front: the one text of each value.
fn parse_digits(text: &str) -> Result<Wide, NumError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() {
        return Err(NumError::EmptyInteger);
    }
    let superfluous = text == "-0" || (digits.len() > 1 && digits.starts_with('0'));
    if superfluous || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NumError::IntegerText);
    }
    if text.len() > LONGEST_TEXT {
        return Err(NumError::Range);
    }
    Wide::from_str_radix(text, 10).map_err(|_| NumError::Range)
}
