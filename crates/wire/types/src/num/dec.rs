use std::fmt;
use std::str::FromStr;

use bnum::cast::As;

use super::{Int, NumError, Wide, Widest, parse_digits};
use crate::text::serde_as_text;

/// Digits after the point, always.
const PLACES: usize = 18;

const SCALE: u64 = 1_000_000_000_000_000_000;

/// A decimal number with 18 places, kept as the integer value x 10^18.
///
/// The scaled magnitude is at most 2^256 x 10^18 - 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dec(Wide);

impl Dec {
    pub const ZERO: Self = Self(Wide::ZERO);
    pub const ONE: Self = Self(scale());
    /// The smallest positive value, 10^-18.
    pub const SMALLEST: Self = Self(Wide::ONE);

    const MAX_SCALED: Wide = Wide::ONE.shl(256).mul(scale()).sub(Wide::ONE);

    fn from_wide(scaled: Wide) -> Option<Self> {
        (-Self::MAX_SCALED..=Self::MAX_SCALED).contains(&scaled).then_some(Self(scaled))
    }

    fn from_widest(scaled: Widest) -> Option<Self> {
        let bound = Self::MAX_SCALED.as_::<Widest>();
        (scaled <= bound && scaled >= -bound).then(|| Self(scaled.as_::<Wide>()))
    }

    fn widest(self) -> Widest {
        self.0.as_::<Widest>()
    }

    /// The integer as a decimal. Every [`Int`] fits.
    #[must_use]
    pub fn from_int(value: Int) -> Option<Self> {
        Self::from_wide(value.wide().checked_mul(scale())?)
    }

    /// Reads the wire form: the digits of value x 10^18, without a point.
    pub fn from_wire(text: &str) -> Result<Self, NumError> {
        Self::from_wide(parse_digits(text)?).ok_or(NumError::Range)
    }

    /// The wire form, as in `DecCoin.amount` and every field of type `LegacyDec`.
    #[must_use]
    pub fn to_wire(self) -> String {
        self.0.to_string()
    }

    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::from_wide)
    }

    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(Self::from_wide)
    }

    /// The product, rounded half to even.
    #[must_use]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        Self::from_widest(round_half_even(self.widest() * other.widest()))
    }

    /// The product, rounded toward zero.
    #[must_use]
    pub fn checked_mul_truncate(self, other: Self) -> Option<Self> {
        Self::from_widest((self.widest() * other.widest()) / widest_scale())
    }

    /// The exact product with an integer.
    #[must_use]
    pub fn checked_mul_int(self, factor: Int) -> Option<Self> {
        Self::from_widest(self.widest() * factor.wide().as_::<Widest>())
    }

    /// The quotient, rounded half to even at the last place, from one that is cut after 36 places (as the SDK does).
    /// `None` for division by zero.
    #[must_use]
    pub fn checked_quo(self, divisor: Self) -> Option<Self> {
        let scaled_twice = self.widest() * widest_scale() * widest_scale(); // 436 bits at most
        Self::from_widest(round_half_even(scaled_twice.checked_div(divisor.widest())?))
    }

    /// The quotient, rounded toward zero. `None` for division by zero.
    #[must_use]
    pub fn checked_quo_truncate(self, divisor: Self) -> Option<Self> {
        Self::from_widest((self.widest() * widest_scale()).checked_div(divisor.widest())?)
    }

    /// The quotient by an integer, rounded toward zero. `None` for division by zero.
    #[must_use]
    pub fn checked_quo_int(self, divisor: Int) -> Option<Self> {
        self.0.checked_div(divisor.wide()).and_then(Self::from_wide)
    }

    /// The integer part: rounded toward zero.
    #[must_use]
    pub fn truncate(self) -> Int {
        Int::from_wide(self.0 / scale()).expect("a decimal's integer part has at most 256 bits")
    }

    /// The nearest integer, halves to even. `None` when that is 2^256.
    #[must_use]
    pub fn round(self) -> Option<Int> {
        Int::from_wide(round_half_even(self.widest()).as_::<Wide>())
    }

    /// The next integer upward. `None` when that is 2^256.
    #[must_use]
    pub fn checked_ceil(self) -> Option<Int> {
        let whole = self.truncate();
        if self.fract().is_positive() { whole.checked_add(Int::ONE) } else { Some(whole) }
    }

    /// The next integer upward; the largest integer where that is out of range.
    #[must_use]
    pub fn ceil(self) -> Int {
        self.checked_ceil().unwrap_or(Int::MAX)
    }

    /// What [`Self::truncate`] cuts off; it has the sign of `self`.
    #[must_use]
    pub fn fract(self) -> Self {
        Self(self.0 % scale())
    }

    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs()) // the range is symmetric
    }

    #[must_use]
    pub fn is_integer(self) -> bool {
        self.fract().is_zero()
    }

    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.is_negative()
    }

    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0.is_positive()
    }
}

const fn scale() -> Wide {
    Wide::from_bits(bnum::BUint::from_digit(SCALE))
}

fn widest_scale() -> Widest {
    Widest::from(SCALE)
}

/// Divides by 10^18, halves to the even neighbour.
fn round_half_even(scaled: Widest) -> Widest {
    if scaled.is_negative() {
        return -round_half_even(-scaled);
    }
    let (quotient, rest) = (scaled / widest_scale(), scaled % widest_scale());
    let half = Widest::from(SCALE / 2);
    let odd = quotient.bit(0);
    if rest > half || (rest == half && odd) { quotient + Widest::ONE } else { quotient }
}

impl std::ops::Neg for Dec {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0) // the range is symmetric
    }
}

impl From<u64> for Dec {
    fn from(value: u64) -> Self {
        Self(Wide::from(value) * scale())
    }
}

/// Reads `-1.5`: an optional minus, digits on both sides of a point, at most 18 after it.
impl FromStr for Dec {
    type Err = NumError;

    fn from_str(text: &str) -> Result<Self, NumError> {
        let magnitude = text.strip_prefix('-').unwrap_or(text);
        if magnitude.is_empty() {
            return Err(NumError::EmptyDecimal);
        }
        let (whole, places) = match magnitude.split_once('.') {
            Some((whole, places)) if whole.is_empty() || places.is_empty() => {
                return Err(if places.contains('.') { NumError::DecimalText } else { NumError::DecimalLength });
            }
            Some(parts) => parts,
            None => (magnitude, ""),
        };
        if !whole.bytes().chain(places.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(NumError::DecimalText);
        }
        if let Some(excess) = places.len().checked_sub(PLACES).filter(|n| *n > 0) {
            return Err(NumError::Precision { text: shortened(text), excess });
        }
        let digits = format!("{whole}{places:0<PLACES$}");
        let digits = digits.trim_start_matches('0');
        let magnitude = if digits.is_empty() { Wide::ZERO } else { parse_digits(digits)? };
        let scaled = if text.starts_with('-') { -magnitude } else { magnitude };
        Self::from_wide(scaled).ok_or(NumError::Range)
    }
}

/// At most 64 characters of a text that goes into a message.
fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

/// Always with 18 places.
impl fmt::Display for Dec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.abs();
        let digits = format!("{}.{:0>PLACES$}", magnitude / scale(), (magnitude % scale()).to_string());
        f.pad_integral(!self.0.is_negative(), "", &digits)
    }
}

impl fmt::Debug for Dec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dec({self})")
    }
}

serde_as_text!(Dec);
