//! What bank announces. Names, attributes and their order are those that clients parse.

use akash_kernel::{Ctx, Event};
use akash_types::address::Address;
use akash_types::coin::Coins;

pub fn coin_spent(ctx: &mut Ctx, spender: &Address, amount: &Coins) {
    emit(ctx, "coin_spent", &[("spender", spender.to_string()), ("amount", amount.to_string())]);
}

pub fn coin_received(ctx: &mut Ctx, receiver: &Address, amount: &Coins) {
    emit(ctx, "coin_received", &[("receiver", receiver.to_string()), ("amount", amount.to_string())]);
}

pub fn transfer(ctx: &mut Ctx, recipient: &Address, sender: &Address, amount: &Coins) {
    let attributes =
        [("recipient", recipient.to_string()), ("sender", sender.to_string()), ("amount", amount.to_string())];
    emit(ctx, "transfer", &attributes);
}

pub fn sender(ctx: &mut Ctx, sender: &Address) {
    emit(ctx, "message", &[("sender", sender.to_string())]);
}

pub fn minted(ctx: &mut Ctx, minter: &Address, amount: &Coins) {
    emit(ctx, "coinbase", &[("minter", minter.to_string()), ("amount", amount.to_string())]);
}

pub fn burned(ctx: &mut Ctx, burner: &Address, amount: &Coins) {
    emit(ctx, "burn", &[("burner", burner.to_string()), ("amount", amount.to_string())]);
}

fn emit(ctx: &mut Ctx, kind: &str, attributes: &[(&str, String)]) {
    let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    ctx.emit_event(Event { kind: kind.to_owned(), attributes });
}
