//! One order's way from seen to done, as a pure step machine: filter, price, reserve, bid.
//!
//! ```text
//! Filtering ─ Pricing ─ Reserving ─ Sending ─ Open ─ Won
//!     └──────────┴──────────┴──────────┴───────┴──── Declined | Over
//! ```
//!
//! Invariants: a reservation is held exactly from `Reserving` on until the machine is done, and is released once unless
//! the order was won. A bid is only ever closed after the chain said that it is open, because closing a bid that has
//! become a lease closes the lease. A late or repeated input changes nothing.

use akash_types::num::Dec;

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Filtering,
    Pricing,
    Reserving,
    /// The bid is in the transaction queue.
    Sending,
    /// The bid stands on chain.
    Open,
    Done(End),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// We have the lease; the reservation now belongs to it.
    Won,
    /// We never bid.
    Declined,
    /// We bid, and it came to nothing.
    Over,
}

/// Where the bid stands according to the chain, at a height we trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChain {
    /// The order is open and our bid is not there.
    NoBid,
    BidOpen,
    /// Our bid became a lease.
    BidActive,
    /// Our bid lost or was closed.
    BidOver,
    /// The order is no longer open and we had no bid.
    OrderOver,
    /// The order is no longer open, but our bid still is: its deposit is locked until we close it.
    BidLeftBehind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Filtered(Result<(), String>),
    Priced(Result<Dec, String>),
    Reserved(Result<(), String>),
    /// The chain refused the transaction for good.
    Refused(String),
    /// Read from the chain; unknown is not an input, it changes nothing.
    Seen(OnChain),
    /// The time for the tenant to accept is over.
    TimedOut,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Filter,
    Price,
    Reserve,
    PlaceBid {
        price: Dec,
    },
    ArmTimeout,
    /// Closes the bid, provided that it is still open when the transaction is made.
    CloseBid,
    Release,
    /// Keep the reservation for the lease that follows.
    HandOver,
    /// Why no bid was made, for whoever asks.
    Remember(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderMachine {
    stage: Stage,
    price: Option<Dec>,
    timed_out: bool,
}

impl OrderMachine {
    /// An order that we have no bid on.
    #[must_use]
    pub fn new() -> (Self, Vec<Action>) {
        (Self { stage: Stage::Filtering, price: None, timed_out: false }, vec![Action::Filter])
    }

    /// An order on which a bid of ours is on its way or open since before a restart. Its room is reserved again; it
    /// stays a bid even if that fails, because withdrawing from a promise is the operator's decision.
    #[must_use]
    pub fn resumed(stage: Stage) -> (Self, Vec<Action>) {
        (Self { stage, price: None, timed_out: false }, vec![Action::Reserve, Action::ArmTimeout])
    }

    pub const fn stage(&self) -> Stage {
        self.stage
    }

    #[must_use]
    pub fn step(&mut self, input: Input) -> Vec<Action> {
        match (self.stage, input) {
            (Stage::Filtering, Input::Filtered(Ok(()))) => self.go(Stage::Pricing, vec![Action::Price]),
            (Stage::Filtering, Input::Filtered(Err(why))) => self.decline(why),
            (Stage::Pricing, Input::Priced(Ok(price))) => {
                self.price = Some(price);
                self.go(Stage::Reserving, vec![Action::Reserve])
            }
            (Stage::Pricing, Input::Priced(Err(why))) => self.decline(why),
            (Stage::Reserving, Input::Reserved(Ok(()))) => match self.price {
                Some(price) => self.go(Stage::Sending, vec![Action::PlaceBid { price }, Action::ArmTimeout]),
                None => self.end(End::Declined, vec![Action::Release]),
            },
            (Stage::Reserving, Input::Reserved(Err(why))) => self.decline(why),
            (Stage::Sending, Input::Refused(why)) => {
                self.end(End::Declined, vec![Action::Release, Action::Remember(why)])
            }
            (Stage::Sending | Stage::Open, Input::TimedOut) => {
                self.timed_out = true;
                Vec::new() // the next reading of the chain decides whether there is something to close
            }
            (Stage::Done(_), _) => Vec::new(),
            (_, Input::Seen(on_chain)) => self.seen(on_chain),
            _ => Vec::new(), // a late or repeated input changes nothing
        }
    }

    fn seen(&mut self, on_chain: OnChain) -> Vec<Action> {
        match (self.stage, on_chain) {
            (Stage::Open, OnChain::NoBid) => self.end(End::Over, vec![Action::Release]),
            (Stage::Sending | Stage::Open, OnChain::BidOpen) if self.timed_out => {
                self.end(End::Over, vec![Action::CloseBid, Action::Release])
            }
            (Stage::Sending, OnChain::BidOpen) => self.go(Stage::Open, Vec::new()),
            (Stage::Sending | Stage::Open, OnChain::BidActive) => self.end(End::Won, vec![Action::HandOver]),
            (Stage::Sending | Stage::Open, OnChain::BidLeftBehind) => {
                self.end(End::Over, vec![Action::CloseBid, Action::Release])
            }
            (Stage::Sending | Stage::Open, OnChain::BidOver | OnChain::OrderOver) => {
                self.end(End::Over, vec![Action::Release])
            }
            (Stage::Reserving, OnChain::OrderOver) => self.end(End::Declined, vec![Action::Release]),
            (Stage::Filtering | Stage::Pricing, OnChain::OrderOver) => self.end(End::Declined, Vec::new()),
            _ => Vec::new(),
        }
    }

    fn decline(&mut self, why: String) -> Vec<Action> {
        self.end(End::Declined, vec![Action::Remember(why)])
    }

    fn end(&mut self, end: End, actions: Vec<Action>) -> Vec<Action> {
        self.go(Stage::Done(end), actions)
    }

    fn go(&mut self, stage: Stage, actions: Vec<Action>) -> Vec<Action> {
        self.stage = stage;
        actions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price() -> Dec {
        "16.824".parse().unwrap()
    }

    fn fresh(inputs: &[Input]) -> (Stage, Vec<Action>) {
        let (mut machine, mut last) = OrderMachine::new();
        for input in inputs {
            last = machine.step(input.clone());
        }
        (machine.stage(), last)
    }

    fn until_sending(then: &[Input]) -> (Stage, Vec<Action>) {
        let start = [Input::Filtered(Ok(())), Input::Priced(Ok(price())), Input::Reserved(Ok(()))];
        fresh(&[&start[..], then].concat())
    }

    #[test]
    fn an_order_is_filtered_priced_reserved_and_bid_on_in_this_order() {
        let (mut machine, actions) = OrderMachine::new();
        assert_eq!(actions, [Action::Filter]);
        assert_eq!(machine.step(Input::Filtered(Ok(()))), [Action::Price]);
        assert_eq!(machine.step(Input::Priced(Ok(price()))), [Action::Reserve]);
        let bid = [Action::PlaceBid { price: price() }, Action::ArmTimeout];
        assert_eq!(machine.step(Input::Reserved(Ok(()))), bid);
        assert_eq!(machine.stage(), Stage::Sending);
        assert_eq!(machine.step(Input::Seen(OnChain::BidOpen)), []);
        assert_eq!(machine.step(Input::Seen(OnChain::BidActive)), [Action::HandOver]);
        assert_eq!(machine.stage(), Stage::Done(End::Won));
    }

    #[test]
    fn no_bid_has_a_reason_and_holds_nothing() {
        let why = || "too dear".to_owned();
        let table = [
            vec![Input::Filtered(Err(why()))],
            vec![Input::Filtered(Ok(())), Input::Priced(Err(why()))],
            vec![Input::Filtered(Ok(())), Input::Priced(Ok(price())), Input::Reserved(Err(why()))],
        ];
        for inputs in table {
            let expected = (Stage::Done(End::Declined), vec![Action::Remember(why())]);
            assert_eq!(fresh(&inputs), expected, "{inputs:?}");
        }
    }

    #[test]
    fn a_bid_ends_by_what_the_chain_says() {
        use Input::{Refused, Seen, TimedOut};
        use OnChain::{BidActive, BidLeftBehind, BidOpen, BidOver, NoBid, OrderOver};
        let (won, over) = (Stage::Done(End::Won), Stage::Done(End::Over));
        let declined = Stage::Done(End::Declined);
        let give_up = || vec![Action::CloseBid, Action::Release];
        let table: Vec<(Vec<Input>, Stage, Vec<Action>)> = vec![
            (vec![Refused("broke".into())], declined, vec![Action::Release, Action::Remember("broke".into())]),
            (vec![Seen(NoBid)], Stage::Sending, vec![]),
            (vec![Seen(OrderOver)], over, vec![Action::Release]),
            (vec![Seen(BidActive)], won, vec![Action::HandOver]),
            (vec![Seen(BidOpen), Seen(NoBid)], over, vec![Action::Release]),
            (vec![Seen(BidOpen), Seen(BidOver)], over, vec![Action::Release]),
            (vec![Seen(BidOpen), Seen(BidLeftBehind)], over, give_up()),
            (vec![Seen(BidOpen), TimedOut], Stage::Open, vec![]),
            (vec![Seen(BidOpen), TimedOut, Seen(BidOpen)], over, give_up()),
            (vec![Seen(BidOpen), TimedOut, Seen(BidActive)], won, vec![Action::HandOver]),
            (vec![TimedOut, Seen(BidOpen)], over, give_up()),
            (vec![Seen(BidActive), Seen(BidOver), TimedOut], won, vec![]),
        ];
        for (inputs, stage, actions) in table {
            assert_eq!(until_sending(&inputs), (stage, actions), "{inputs:?}");
        }
    }

    #[test]
    fn a_resumed_bid_stays_even_if_its_room_is_gone() {
        let (mut machine, actions) = OrderMachine::resumed(Stage::Open);
        assert_eq!(actions, [Action::Reserve, Action::ArmTimeout]);
        assert_eq!(machine.step(Input::Reserved(Err("full".into()))), []);
        assert_eq!(machine.step(Input::Seen(OnChain::BidActive)), [Action::HandOver]);
    }
}
