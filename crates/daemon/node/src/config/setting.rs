//! What types a setting may have, and how each is written.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::time::Duration;

use akash_types::coin::DecCoins;

/// A value that a file, a variable or a flag can set.
pub trait Setting {
    /// Takes one text; the error says what would be right.
    fn set(&mut self, text: &str) -> Result<(), String>;

    /// Takes the items of a list.
    fn set_list(&mut self, _items: &[String]) -> Result<(), String> {
        Err("one value is expected, not a list".to_owned())
    }

    /// As TOML writes it.
    fn to_toml(&self) -> String;
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

impl Setting for String {
    fn set(&mut self, text: &str) -> Result<(), String> {
        text.clone_into(self);
        Ok(())
    }

    fn to_toml(&self) -> String {
        quoted(self)
    }
}

impl Setting for bool {
    fn set(&mut self, text: &str) -> Result<(), String> {
        *self = text.parse().map_err(|_| format!("{text:?} is neither true nor false"))?;
        Ok(())
    }

    fn to_toml(&self) -> String {
        self.to_string()
    }
}

macro_rules! whole_numbers {
    ($($kind:ty)*) => {$(
        impl Setting for $kind {
            fn set(&mut self, text: &str) -> Result<(), String> {
                let digits = text.replace('_', "");
                *self = digits.parse().map_err(|_| format!("{text:?} is no whole number from 0 to {}", <$kind>::MAX))?;
                Ok(())
            }

            fn to_toml(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
whole_numbers!(u16 u32 u64 usize);

/// Heights of blocks. A single text is a list with commas.
impl Setting for BTreeSet<i64> {
    fn set(&mut self, text: &str) -> Result<(), String> {
        let items: Vec<String> = text.split(',').filter(|item| !item.trim().is_empty()).map(str::to_owned).collect();
        self.set_list(&items)
    }

    fn set_list(&mut self, items: &[String]) -> Result<(), String> {
        let height = |item: &String| {
            let parsed = item.trim().parse::<i64>().ok().filter(|height| *height > 0);
            parsed.ok_or_else(|| format!("{item:?} is no height of a block"))
        };
        *self = items.iter().map(height).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn to_toml(&self) -> String {
        let items: Vec<String> = self.iter().map(i64::to_string).collect();
        format!("[{}]", items.join(", "))
    }
}

impl Setting for Duration {
    fn set(&mut self, text: &str) -> Result<(), String> {
        *self = parse_duration(text).ok_or_else(|| format!("{text:?} is no time such as 5s, 200ms or 1m30s"))?;
        Ok(())
    }

    fn to_toml(&self) -> String {
        quoted(&format!("{self:?}"))
    }
}

/// A sequence of numbers with units, as Go writes durations.
fn parse_duration(text: &str) -> Option<Duration> {
    const UNITS: [(&str, f64); 7] =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (mut rest, mut total) = (text.trim(), Duration::ZERO);
    if rest == "0" {
        return Some(total);
    }
    while !rest.is_empty() || text.trim().is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let (unit, behind) = behind.split_at(behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len()));
        let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        total = total.checked_add(part)?;
        rest = behind;
    }
    Some(total)
}

impl Setting for SocketAddr {
    fn set(&mut self, text: &str) -> Result<(), String> {
        *self = parse_address(text)?;
        Ok(())
    }

    fn to_toml(&self) -> String {
        quoted(&self.to_string())
    }
}

/// `""` and `off` mean none.
impl Setting for Option<SocketAddr> {
    fn set(&mut self, text: &str) -> Result<(), String> {
        *self = if matches!(text, "" | "off") { None } else { Some(parse_address(text)?) };
        Ok(())
    }

    fn to_toml(&self) -> String {
        self.map_or_else(|| quoted("off"), |address| quoted(&address.to_string()))
    }
}

/// Also with the scheme in front that CometBFT writes.
fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let bare = text.strip_prefix("tcp://").unwrap_or(text).replacen("localhost:", "127.0.0.1:", 1);
    bare.parse().map_err(|_| format!("{text:?} is no address such as 127.0.0.1:26657 or [::]:26657"))
}

impl Setting for Option<PathBuf> {
    fn set(&mut self, text: &str) -> Result<(), String> {
        *self = (!text.is_empty()).then(|| PathBuf::from(text));
        Ok(())
    }

    fn to_toml(&self) -> String {
        self.as_ref().map_or_else(|| quoted(""), |path| quoted(&path.display().to_string()))
    }
}

/// A single text is a list with commas.
impl Setting for Vec<String> {
    fn set(&mut self, text: &str) -> Result<(), String> {
        *self = text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect();
        Ok(())
    }

    fn set_list(&mut self, items: &[String]) -> Result<(), String> {
        *self = items.to_vec();
        Ok(())
    }

    fn to_toml(&self) -> String {
        let items: Vec<String> = self.iter().map(|item| quoted(item)).collect();
        format!("[{}]", items.join(", "))
    }
}

/// Prices of gas, kept as they were written because clients are told so; known to be right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GasPrices(String);

impl GasPrices {
    /// # Errors
    /// When the text is no list of prices such as `0.025uakt`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parsed = text.parse::<DecCoins>();
        parsed.map_err(|error| format!("{text:?} is no list of prices such as 0.025uakt: {error}"))?;
        Ok(Self(text.to_owned()))
    }
}

impl Deref for GasPrices {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Setting for GasPrices {
    fn set(&mut self, text: &str) -> Result<(), String> {
        *self = Self::parse(text)?;
        Ok(())
    }

    fn to_toml(&self) -> String {
        quoted(self)
    }
}
