use std::fmt;
use std::str::FromStr;

use bnum::cast::As;

use super::{NumError, Wide, Widest, parse_digits};
use crate::text::serde_as_text;

/// A signed integer whose magnitude has at most 256 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Int(Wide);

impl Int {
    pub const ZERO: Self = Self(Wide::ZERO);
    pub const ONE: Self = Self(Wide::ONE);
    /// 2^256 - 1.
    pub const MAX: Self = Self(Wide::ONE.shl(256).sub(Wide::ONE));
    /// -(2^256 - 1).
    pub const MIN: Self = Self(Wide::ONE.sub(Wide::ONE.shl(256)));

    pub(super) fn from_wide(value: Wide) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&value).then_some(Self(value))
    }

    pub(super) fn wide(self) -> Wide {
        self.0
    }

    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::from_wide)
    }

    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(Self::from_wide)
    }

    #[must_use]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let product = self.0.as_::<Widest>() * other.0.as_::<Widest>(); // 512 bits at most
        let bound = Self::MAX.0.as_::<Widest>();
        (product <= bound && product >= -bound).then(|| Self(product.as_::<Wide>()))
    }

    /// The quotient, rounded toward zero. `None` for division by zero.
    #[must_use]
    pub fn checked_div(self, other: Self) -> Option<Self> {
        self.0.checked_div(other.0).and_then(Self::from_wide)
    }

    /// The remainder of [`Self::checked_div`]; it has the sign of `self`.
    #[must_use]
    pub fn checked_rem(self, other: Self) -> Option<Self> {
        self.0.checked_rem(other.0).and_then(Self::from_wide)
    }

    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs()) // the range is symmetric
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

    /// The value, if it fits.
    #[must_use]
    pub fn to_u64(self) -> Option<u64> {
        u64::try_from(self.0).ok()
    }

    /// The value, if it fits.
    #[must_use]
    pub fn to_u128(self) -> Option<u128> {
        u128::try_from(self.0).ok()
    }

    /// The value, if it fits.
    #[must_use]
    pub fn to_i64(self) -> Option<i64> {
        i64::try_from(self.0).ok()
    }
}

impl std::ops::Neg for Int {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0) // the range is symmetric
    }
}

macro_rules! from_primitive {
    ($($name:ty),+) => {$(
        impl From<$name> for Int {
            fn from(value: $name) -> Self {
                Self(Wide::from(value))
            }
        }
    )+};
}
from_primitive!(u32, u64, u128, i32, i64, i128);

/// PARITY(num/int-text): digits with an optional minus. Go also takes `0x`, octal and `_` forms; we refuse them,
/// as no client writes them. Page: docs/parity/wire.md.
impl FromStr for Int {
    type Err = NumError;

    fn from_str(text: &str) -> Result<Self, NumError> {
        Self::from_wide(parse_digits(text)?).ok_or(NumError::Range)
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Int({self})")
    }
}

serde_as_text!(Int);
