//! The price table: what each resource costs per block, per denomination, in exact decimals.
//!
//! ```toml
//! [uakt]
//! cpu_milli = "0.004"          # each milli-CPU
//! memory_mib = "0.0016"        # each MiB of memory (and of `ram` volumes, unless `ram` has its own price)
//! endpoint = "0.05"            # each endpoint, not multiplied by the number of replicas
//! minimum = "1"                # the least that a group costs
//! [uakt.storage_mib]
//! ephemeral = "0.00002"
//! beta3 = "0.00004"
//! ```
//!
//! A decimal is written in quotes: a bare `0.1` would already have lost its exactness on the way here.

use std::collections::BTreeMap;

use akash_types::num::{Dec, Int};
use serde::Deserialize;

use super::demand::{Demand, UnitDemand, VolumeKind};

const BYTES_PER_MIB: u64 = 1 << 20;

/// Prices by denomination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct PriceTable(BTreeMap<String, Rates>);

/// All per block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    pub cpu_milli: Amount,
    pub memory_mib: Amount,
    /// By class; `ephemeral` is the container's own disk.
    pub storage_mib: BTreeMap<String, Amount>,
    pub endpoint: Amount,
    /// Each leased address; none means that addresses are not sold.
    pub ip: Option<Amount>,
    /// Each card; none means that cards are not sold, where the reference would give them away.
    pub gpu: Option<Amount>,
    /// The least that a group costs.
    pub minimum: Amount,
}

/// A decimal as configuration writes it: text, or a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub Dec);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPrice {
    #[error("no prices in {0}")]
    Denomination(String),
    #[error("no price for storage class {0}")]
    StorageClass(String),
    #[error("no price for gpu")]
    Gpu,
    #[error("no price for leased addresses")]
    LeasedIp,
    #[error("the price is zero")]
    Zero,
    #[error("the price {price} is above the order's {max}")]
    AboveMaximum { price: Dec, max: Dec },
    #[error("the price overflows")]
    Overflow,
}

#[derive(Debug, thiserror::Error)]
#[error("price table: {0}")]
pub struct BadPriceTable(String);

impl PriceTable {
    /// Reads TOML; a table without a single denomination is refused, it could never bid.
    pub fn from_toml(text: &str) -> Result<Self, BadPriceTable> {
        let table: Self = toml::from_str(text).map_err(|error| BadPriceTable(error.to_string()))?;
        table.check()?;
        Ok(table)
    }

    fn check(&self) -> Result<(), BadPriceTable> {
        if self.0.is_empty() {
            return Err(BadPriceTable("it names no denomination".into()));
        }
        let negative = self.0.iter().find(|(_, rates)| rates.all().any(Dec::is_negative));
        match negative {
            Some((denom, _)) => Err(BadPriceTable(format!("{denom} has a negative price"))),
            None => Ok(()),
        }
    }

    /// What the group costs per block in its own denomination, if that is within what the tenant pays.
    pub fn price(&self, demand: &Demand) -> Result<Dec, NoPrice> {
        let rates = self.0.get(&demand.denom).ok_or_else(|| NoPrice::Denomination(demand.denom.clone()))?;
        let mut total = Dec::ZERO;
        for unit in &demand.units {
            total = add(total, rates.unit(unit)?)?;
        }
        let leased = demand.units.iter().flat_map(|unit| &unit.leased_ips).collect::<std::collections::BTreeSet<_>>();
        if !leased.is_empty() {
            let each = rates.ip.ok_or(NoPrice::LeasedIp)?;
            total = add(total, times(each.0, leased.len() as u128)?)?;
        }
        let price = total.max(rates.minimum.0);
        if !price.is_positive() {
            return Err(NoPrice::Zero);
        }
        if price > demand.max_price {
            return Err(NoPrice::AboveMaximum { price, max: demand.max_price });
        }
        Ok(price)
    }
}

impl Rates {
    fn all(&self) -> impl Iterator<Item = Dec> {
        let single = [Some(self.cpu_milli), Some(self.memory_mib), Some(self.endpoint), Some(self.minimum)];
        let optional = [self.ip, self.gpu];
        single.into_iter().chain(optional).flatten().chain(self.storage_mib.values().copied()).map(|amount| amount.0)
    }

    fn unit(&self, unit: &UnitDemand) -> Result<Dec, NoPrice> {
        let mut each = times(self.cpu_milli.0, u128::from(unit.cpu_milli))?;
        each = add(each, per_mib(self.memory_mib.0, unit.memory_bytes)?)?;
        for volume in &unit.volumes {
            each = add(each, per_mib(self.storage(&volume.kind)?, volume.bytes)?)?;
        }
        if unit.gpu_units > 0 {
            each = add(each, times(self.gpu.ok_or(NoPrice::Gpu)?.0, u128::from(unit.gpu_units))?)?;
        }
        let replicas = times(each, u128::from(unit.count))?;
        add(replicas, times(self.endpoint.0, u128::from(unit.endpoints))?)
    }

    fn storage(&self, kind: &VolumeKind) -> Result<Dec, NoPrice> {
        match (self.storage_mib.get(kind.class()), kind) {
            (Some(price), _) => Ok(price.0),
            (None, VolumeKind::Ram) => Ok(self.memory_mib.0),
            (None, _) => Err(NoPrice::StorageClass(kind.class().to_owned())),
        }
    }
}

fn add(left: Dec, right: Dec) -> Result<Dec, NoPrice> {
    left.checked_add(right).ok_or(NoPrice::Overflow)
}

fn times(price: Dec, count: u128) -> Result<Dec, NoPrice> {
    price.checked_mul_int(Int::from(count)).ok_or(NoPrice::Overflow)
}

/// Multiplies before it divides, so that the only rounding is the last one.
fn per_mib(price: Dec, bytes: u64) -> Result<Dec, NoPrice> {
    times(price, u128::from(bytes))?.checked_quo_int(Int::from(BYTES_PER_MIB)).ok_or(NoPrice::Overflow)
}

impl Default for Amount {
    fn default() -> Self {
        Self(Dec::ZERO)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl serde::de::Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a decimal in quotes, such as \"0.25\", or a whole number")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
        text.parse().map(Amount).map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Amount, E> {
        Dec::from_int(Int::from(number)).map(Amount).ok_or_else(|| E::custom("number out of range"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::demand::tests::{group, unit, value};
    use super::*;

    const TABLE: &str = r#"
        [uakt]
        cpu_milli = "0.01"
        memory_mib = "0.1"
        endpoint = 1
        [uakt.storage_mib]
        ephemeral = "0.001"
    "#;

    fn price(table: &str, units: Vec<akash_proto::akash::deployment::v1beta4::ResourceUnit>) -> Result<Dec, NoPrice> {
        PriceTable::from_toml(table).unwrap().price(&Demand::read(&group(units)).unwrap())
    }

    fn dec(text: &str) -> Dec {
        text.parse().unwrap()
    }

    #[test]
    fn the_sum_is_exact_and_endpoints_are_not_multiplied() {
        // 2 x (100 x 0.01 + 64 x 0.1 + 512 x 0.001) + 1 = 2 x 7.912 + 1
        assert_eq!(price(TABLE, vec![unit(1, 2, 100, 64, "10")]), Ok(dec("16.824")));
    }

    #[test]
    fn the_tenants_maximum_is_for_the_whole_group() {
        assert_eq!(price(TABLE, vec![unit(1, 2, 100, 64, "8.412")]), Ok(dec("16.824")));
        let above = NoPrice::AboveMaximum { price: dec("16.824"), max: dec("16.822") };
        assert_eq!(price(TABLE, vec![unit(1, 2, 100, 64, "8.411")]), Err(above));
    }

    #[test]
    fn what_has_no_price_is_not_sold() {
        let with = |change: fn(&mut akash_proto::akash::base::resources::v1beta4::Resources)| {
            let mut unit = unit(1, 1, 100, 64, "1000");
            change(unit.resource.as_mut().unwrap());
            vec![unit]
        };
        let attribute = |key: &str, value: &str| akash_proto::akash::base::attributes::v1::Attribute {
            key: key.into(),
            value: value.into(),
        };
        let mut persistent = with(|_| ());
        persistent[0].resource.as_mut().unwrap().storage[0].attributes =
            vec![attribute("class", "beta9"), attribute("persistent", "true")];
        assert_eq!(price(TABLE, persistent), Err(NoPrice::StorageClass("beta9".into())));
        let gpu = with(|resource| {
            resource.gpu =
                Some(akash_proto::akash::base::resources::v1beta4::Gpu { units: value(1), attributes: Vec::new() })
        });
        assert_eq!(price(TABLE, gpu), Err(NoPrice::Gpu));
        let ip = with(|resource| resource.endpoints[0].kind = 2);
        assert_eq!(price(TABLE, ip), Err(NoPrice::LeasedIp));
        assert_eq!(price("[uact]\n", with(|_| ())), Err(NoPrice::Denomination("uakt".into())));
        let free = "[uakt.storage_mib]\nephemeral = 0";
        assert_eq!(price(free, with(|_| ())), Err(NoPrice::Zero));
    }

    #[test]
    fn a_minimum_lifts_small_groups() {
        let table = format!("{TABLE}\n[uact]\nminimum = \"2.5\"\n[uact.storage_mib]\nephemeral = 0");
        let mut cheap = unit(1, 1, 1, 1, "3");
        cheap.price.as_mut().unwrap().denom = "uact".into();
        assert_eq!(price(&table, vec![cheap]), Ok(dec("2.5")));
    }

    #[test]
    fn floats_negatives_and_unknown_names_are_refused() {
        for bad in
            ["", "[uakt]\ncpu_milli = 0.1", "[uakt]\ncpu_milli = \"-1\"", "[uakt]\ncpu = \"1\"", "[uakt]\nip = -1"]
        {
            assert!(PriceTable::from_toml(bad).is_err(), "{bad}");
        }
    }
}
