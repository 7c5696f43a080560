//! `profiles.placement.<name>`.

use std::collections::BTreeMap;

use super::Decoder;
use crate::{
    document::{Placement, Price},
    price::{is_denom, parse_amount},
    resources::Attribute,
    yaml::{At, NodeId},
};

impl Decoder<'_> {
    pub(super) fn placements(&mut self, id: NodeId) -> BTreeMap<String, Placement> {
        let mut placements = BTreeMap::new();
        for field in self.fields(id, "map[string]sdl.v2ProfilePlacement") {
            let placement = self.placement(field.key_at, field.value);
            placements.insert(field.key, placement);
        }
        placements
    }

    fn placement(&mut self, at: At, id: NodeId) -> Placement {
        let mut placement = Placement { at, ..Placement::default() };
        for field in self.fields(id, "sdl.v2ProfilePlacement") {
            match field.key.as_str() {
                "attributes" => placement.attributes = self.placement_attributes(field.value),
                "signedBy" => (placement.all_of, placement.any_of) = self.signed_by(field.value),
                "pricing" => placement.pricing = self.pricing(field.value),
                _ => self.ignored(&field),
            }
        }
        placement
    }

    fn placement_attributes(&mut self, id: NodeId) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        for field in self.fields(id, "map[string]string") {
            let value = self.string(field.value);
            attributes.push(Attribute::new(field.key, value));
        }
        attributes.sort_by(|a, b| a.key.cmp(&b.key));
        attributes
    }

    fn signed_by(&mut self, id: NodeId) -> (Option<Vec<String>>, Option<Vec<String>>) {
        let (mut all_of, mut any_of) = (None, None);
        for field in self.fields(id, "sdl.v2SignedBy") {
            match field.key.as_str() {
                "allOf" => all_of = self.strings(field.value),
                "anyOf" => any_of = self.strings(field.value),
                _ => self.ignored(&field),
            }
        }
        (all_of, any_of)
    }

    fn pricing(&mut self, id: NodeId) -> BTreeMap<String, Price> {
        let mut pricing = BTreeMap::new();
        for field in self.fields(id, "sdl.v2PlacementPricing") {
            let price = self.price(field.key_at, field.value);
            pricing.insert(field.key, price);
        }
        pricing
    }

    fn price(&mut self, at: At, id: NodeId) -> Price {
        let (mut amount, mut denom) = (None, None);
        for field in self.fields(id, "sdl.v2Coin") {
            match field.key.as_str() {
                "amount" => amount = Some(self.text(field.value)),
                "denom" => denom = Some(self.text(field.value)),
                _ => self.ignored(&field),
            }
        }
        let amount_at = amount.as_ref().map_or(at, |text| text.at);
        let atto = parse_amount(&amount.map(|text| text.text).unwrap_or_default()).unwrap_or_else(|message| {
            let help = "write a positive decimal number such as `amount: 1000` or `amount: 0.5`";
            self.fail_with(amount_at, message, help);
            String::new()
        });
        let denom_at = denom.as_ref().map_or(at, |text| text.at);
        let denom = denom.map(|text| text.text).unwrap_or_default();
        if !is_denom(&denom) {
            self.fail_with(denom_at, format!("invalid denom: {denom}"), "write a denomination such as `denom: uakt`");
        }
        Price { at, denom, atto }
    }
}
