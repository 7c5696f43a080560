//! What bank announces. Names, attributes and their order are those that clients parse.

use std::fmt::Display;

use akash_kernel::{Ctx, Event};

/// Addresses and amounts as events show them; each is made once for all events of a transfer.
pub struct Shown(pub String);

impl<T: Display> From<&T> for Shown {
    fn from(value: &T) -> Self {
        Self(value.to_string())
    }
}

pub fn coin_spent(ctx: &mut Ctx, spender: &Shown, amount: &Shown) {
    emit(ctx, "coin_spent", &[("spender", spender), ("amount", amount)]);
}

pub fn coin_received(ctx: &mut Ctx, receiver: &Shown, amount: &Shown) {
    emit(ctx, "coin_received", &[("receiver", receiver), ("amount", amount)]);
}

pub fn transfer(ctx: &mut Ctx, recipient: &Shown, sender: &Shown, amount: &Shown) {
    emit(ctx, "transfer", &[("recipient", recipient), ("sender", sender), ("amount", amount)]);
}

pub fn sender(ctx: &mut Ctx, sender: &Shown) {
    emit(ctx, "message", &[("sender", sender)]);
}

pub fn minted(ctx: &mut Ctx, minter: &Shown, amount: &Shown) {
    emit(ctx, "coinbase", &[("minter", minter), ("amount", amount)]);
}

pub fn burned(ctx: &mut Ctx, burner: &Shown, amount: &Shown) {
    emit(ctx, "burn", &[("burner", burner), ("amount", amount)]);
}

fn emit(ctx: &mut Ctx, kind: &str, attributes: &[(&str, &Shown)]) {
    let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), value.0.clone())).collect();
    ctx.emit_event(Event { kind: kind.to_owned(), attributes });
}
