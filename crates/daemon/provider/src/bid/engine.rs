//! The shell around the order machines: reads, performs, and feeds what came of it back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use akash_proto::akash::market::v1beta5::ResourceOffer;
use akash_types::coin::{Coin, DecCoin};
use akash_types::id::{BidId, OrderId};
use akash_types::num::Dec;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::abilities::{check_abilities, check_sizes};
use super::demand::Demand;
use super::machine::{Action, End, Input, OnChain, OrderMachine, Stage};
use super::matching::{self, Standing};
use crate::chain::follow::Heard;
use crate::chain::hint::Hint;
use crate::chain::view::{BidState, OrderView};
use crate::chain::{Answer, ChainError};
use crate::core::Core;
use crate::inventory::Reservation;
use crate::tx::{Intent, IntentState};

/// Orders worked on at once; others wait for the next comparison.
const MAX_ORDERS: usize = 10_000;
/// Deadlines are kept to within this.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(1);
/// Whatever the settings say.
const SHORTEST: Duration = Duration::from_millis(10);

pub struct Engine {
    core: Arc<Core>,
    orders: BTreeMap<OrderId, Order>,
    /// Open orders on which our one bid is spent.
    spent: BTreeSet<OrderId>,
    /// What the chain says of us; `None` until read, and again when it has changed.
    us: Option<Us>,
}

/// An order under way.
struct Order {
    machine: OrderMachine,
    view: OrderView,
    demand: Option<Demand>,
    reservation: Option<Reservation>,
    deadline: Option<Instant>,
}

#[derive(Clone)]
struct Us {
    standing: Standing,
    deposits: Vec<Coin>,
}

impl Engine {
    pub fn new(core: Arc<Core>) -> Self {
        Self { core, orders: BTreeMap::new(), spent: BTreeSet::new(), us: None }
    }

    /// Bids until dropped. Open bids stay open: the next process finds them on chain.
    pub async fn run(mut self) {
        let mut hints = self.core.heard.hints();
        let mut sent = self.core.queue.changed();
        let settings = &self.core.config.settings;
        let mut compare = interval(settings.compare_every.max(SHORTEST));
        let mut clock = interval(settings.bid_timeout.clamp(SHORTEST, LOOK_AT_CLOCK));
        compare.set_missed_tick_behavior(MissedTickBehavior::Delay);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let answer = tokio::select! {
                _ = compare.tick() => self.compare().await,
                hint = Heard::next(&mut hints) => self.heard(hint).await,
                Ok(()) = sent.changed() => self.look_at_all().await,
                _ = clock.tick() => self.expire().await,
            };
            if let Err(error) = answer {
                tracing::warn!(%error, "bidding waits");
            }
            self.core.count_bidding(self.orders.len());
        }
    }

    async fn heard(&mut self, hint: Option<Hint>) -> Answer<()> {
        match hint {
            None => self.compare().await,
            Some(Hint::Order(id)) if self.orders.contains_key(&id) => self.look(&id).await,
            Some(Hint::Order(id)) => match self.core.chain.order(&id).await? {
                Some(view) if view.open => self.sight(view, false).await,
                _ => Ok(()),
            },
            Some(Hint::Provider(address)) if address == self.core.address => {
                self.us = None;
                Ok(())
            }
            Some(_) => Ok(()),
        }
    }

    /// Everything, whatever was heard or missed: open orders, our open bids, and what is under way.
    async fn compare(&mut self) -> Answer<()> {
        self.core.trust.head(self.core.chain.as_ref()).await?;
        self.us = None;
        self.core.refresh_inventory().await;
        let open = self.core.chain.open_orders().await?;
        let bids: BTreeSet<BidId> = self.core.chain.open_bids(&self.core.address).await?.into_iter().collect();
        let ids: BTreeSet<OrderId> = open.iter().map(|order| order.id.clone()).collect();
        self.spent.retain(|order| ids.contains(order));
        for view in open {
            let has_bid = bids.contains(&view.id.bid(self.core.address.clone()));
            self.sight(view, has_bid).await?;
        }
        for bid in bids.iter().filter(|bid| !ids.contains(&bid.order)) {
            if let Some(view) = self.core.chain.order(&bid.order).await? {
                self.sight(view, true).await?;
            }
        }
        self.look_at_all().await
    }

    /// An order is there. It gets a machine unless it has one.
    async fn sight(&mut self, view: OrderView, has_bid: bool) -> Answer<()> {
        let id = view.id.clone();
        if self.orders.contains_key(&id) || self.spent.contains(&id) || self.orders.len() >= MAX_ORDERS {
            return Ok(());
        }
        let key = Intent::create_bid_key(&id.bid(self.core.address.clone()));
        let (machine, actions) = if has_bid {
            OrderMachine::resumed(Stage::Open)
        } else if self.core.queue.state_of(&key) == IntentState::Queued {
            OrderMachine::resumed(Stage::Sending)
        } else {
            OrderMachine::new()
        };
        let us = self.us().await?;
        let demand = Demand::read(&view.spec).ok();
        self.orders.insert(id.clone(), Order { machine, view, demand, reservation: None, deadline: None });
        self.drive(&id, actions, &us);
        Ok(())
    }

    async fn look_at_all(&mut self) -> Answer<()> {
        let under_way: Vec<OrderId> = self.orders.keys().cloned().collect();
        for id in under_way {
            self.look(&id).await?;
        }
        Ok(())
    }

    /// Reads where one order and our bid on it stand.
    async fn look(&mut self, id: &OrderId) -> Answer<()> {
        let sending = self.orders.get(id).is_some_and(|order| order.machine.stage() == Stage::Sending);
        let bid = id.bid(self.core.address.clone());
        let state = self.core.queue.state_of(&Intent::create_bid_key(&bid));
        let us = self.us().await?;
        if sending && let IntentState::Refused(verdict) = &state {
            self.input(id, Input::Refused(verdict.to_string()), &us);
            return Ok(());
        }
        let on_chain = self.on_chain(&bid).await?;
        let vanished = matches!(state, IntentState::Absent | IntentState::Moot);
        if sending && vanished && on_chain == OnChain::NoBid {
            self.input(id, Input::Refused("the bid was never sent".into()), &us);
            return Ok(());
        }
        self.input(id, Input::Seen(on_chain), &us);
        Ok(())
    }

    async fn on_chain(&self, bid: &BidId) -> Answer<OnChain> {
        let core = &self.core;
        core.trust.head(core.chain.as_ref()).await?;
        let state = core.chain.bid(bid).await?;
        let open = core.chain.order(&bid.order).await?.is_some_and(|order| order.open);
        Ok(match (open, state) {
            (_, Some(BidState::Active)) => OnChain::BidActive,
            (_, Some(BidState::Lost | BidState::Closed)) => OnChain::BidOver,
            (true, Some(BidState::Open)) => OnChain::BidOpen,
            (false, Some(BidState::Open)) => OnChain::BidLeftBehind,
            (true, None) => OnChain::NoBid,
            (false, None) => OnChain::OrderOver,
        })
    }

    async fn expire(&mut self) -> Answer<()> {
        let now = Instant::now();
        let late = self.orders.iter().filter(|(_, order)| order.deadline.is_some_and(|deadline| deadline <= now));
        let late: Vec<OrderId> = late.map(|(id, _)| id.clone()).collect();
        if late.is_empty() {
            return Ok(());
        }
        let us = self.us().await?;
        for id in late {
            if let Some(order) = self.orders.get_mut(&id) {
                order.deadline = Some(now + self.core.config.settings.bid_timeout); // asked again if unknown
            }
            self.input(&id, Input::TimedOut, &us);
            self.look(&id).await?;
        }
        Ok(())
    }

    fn input(&mut self, id: &OrderId, input: Input, us: &Us) {
        if let Some(order) = self.orders.get_mut(id) {
            let actions = order.machine.step(input);
            self.drive(id, actions, us);
        }
    }

    /// Performs actions, and what follows from them, until the machine waits or is done.
    fn drive(&mut self, id: &OrderId, actions: Vec<Action>, us: &Us) {
        let Some(mut order) = self.orders.remove(id) else { return };
        let mut waiting: VecDeque<Action> = actions.into();
        while let Some(action) = waiting.pop_front() {
            if let Some(input) = self.perform(&mut order, action, us) {
                waiting.extend(order.machine.step(input));
            }
        }
        match order.machine.stage() {
            Stage::Done(End::Over) => {
                self.spent.insert(id.clone());
            }
            Stage::Done(_) => {}
            _ => {
                self.orders.insert(id.clone(), order);
            }
        }
    }

    fn perform(&self, order: &mut Order, action: Action, us: &Us) -> Option<Input> {
        let core = &self.core;
        match action {
            Action::Filter => Some(Input::Filtered(self.filter(&order.view, us))),
            Action::Price => Some(Input::Priced(match &order.demand {
                Some(demand) => core.config.pricing.price(demand).map_err(|why| why.to_string()),
                None => Err("the group cannot be read".into()),
            })),
            Action::Reserve => Some(Input::Reserved(self.reserve(order))),
            Action::PlaceBid { price } => self.place_bid(order, price, us).err().map(Input::Refused),
            Action::ArmTimeout => {
                order.deadline = Some(Instant::now() + core.config.settings.bid_timeout);
                None
            }
            Action::CloseBid => {
                let intent = Intent::close_bid(&order.view.id.bid(core.address.clone()));
                if let Err(error) = core.queue.push(intent) {
                    tracing::error!(%error, order = %order.view.id, "the bid cannot be closed");
                }
                None
            }
            Action::Release => {
                order.reservation = None;
                None
            }
            Action::HandOver => {
                if let Some(reservation) = order.reservation.take() {
                    core.hold(order.view.id.clone(), reservation);
                }
                tracing::info!(order = %order.view.id, "won");
                core.poke.notify_one();
                None
            }
            Action::Remember(why) => {
                tracing::info!(order = %order.view.id, why, "no bid");
                core.remember(&order.view.id, why);
                None
            }
        }
    }

    fn filter(&self, view: &OrderView, us: &Us) -> Result<(), String> {
        let core = &self.core;
        if view.id.owner() == &core.address {
            return Err("the order is our own".into());
        }
        if view.reclamation_min_s.is_some_and(|seconds| seconds > 0) {
            return Err("the order wants notice before a lease is taken back, which is not offered".into());
        }
        matching::check(&view.spec, &us.standing, &core.config.settings.insisted).map_err(|why| why.to_string())?;
        let demand = Demand::read(&view.spec).map_err(|why| why.to_string())?;
        check_sizes(&demand, &view.id, &core.address)?;
        check_abilities(&demand, &view.spec, &core.cluster.capabilities())
    }

    fn reserve(&self, order: &mut Order) -> Result<(), String> {
        let Some(demand) = &order.demand else { return Err("the group cannot be read".into()) };
        let promised = matches!(order.machine.stage(), Stage::Sending | Stage::Open);
        let inventory = &self.core.inventory;
        order.reservation = Some(if promised {
            inventory.reserve_anyway(&order.view.id, demand)
        } else {
            inventory.reserve(&order.view.id, demand).map_err(|why| why.to_string())?
        });
        Ok(())
    }

    fn place_bid(&self, order: &Order, price: Dec, us: &Us) -> Result<(), String> {
        let denom = order.demand.as_ref().map(|demand| demand.denom.clone()).unwrap_or_default();
        let in_denom = us.deposits.iter().find(|deposit| deposit.denom == denom);
        let deposit = in_denom.or(us.deposits.first()).ok_or("the chain accepts no deposit")?;
        let price = DecCoin::new(denom, price).map_err(|error| error.to_string())?;
        let units = order.view.spec.resources.iter();
        let offer =
            units.map(|unit| ResourceOffer { resources: unit.resource.clone(), count: unit.count, prices: None });
        let bid = order.view.id.bid(self.core.address.clone());
        let intent = Intent::create_bid(&bid, &price, deposit, offer.collect());
        self.core.queue.push(intent).map_err(|error| error.to_string())
    }

    async fn us(&mut self) -> Answer<Us> {
        if let Some(us) = &self.us {
            return Ok(us.clone());
        }
        let core = &self.core;
        let record = core.chain.provider(&core.address).await?;
        let record = record.ok_or_else(|| ChainError(format!("provider {} is not registered", core.address)))?;
        let standing = Standing { own: record.attributes, signed: core.chain.audited(&core.address).await? };
        let us = Us { standing, deposits: core.chain.bid_deposits().await? };
        self.us = Some(us.clone());
        Ok(us)
    }
}
