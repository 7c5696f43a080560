//! The context of a handler.

use akash_store::{Kv, MAX_KEY_BYTES, MAX_VALUE_BYTES, Overlay, Range, Row, Space};
use prost::{Message, Name};
use prost_types::Any;

use crate::block::{BlockInfo, Time};
use crate::error::TxError;
use crate::event::Event;
use crate::gas::{Costs, GasMeter};
use crate::registry::{BoundMessage, Registry};
use crate::sdk_error;

/// Messages that run each other deeper than this are refused; a transaction cannot be nested deeper either.
const MAX_DEPTH: u8 = 10;

/// Why a handler runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A transaction wants into the mempool.
    Check,
    /// A transaction in the mempool is checked again after a block.
    Recheck,
    /// A client asks what a transaction would do.
    Simulate,
    /// A transaction of a decided block.
    Deliver,
    /// The first state.
    Genesis,
    /// A hook at the beginning or end of a block.
    Block,
}

/// Pending state, gas, events and the block: all that a handler can touch.
///
/// It implements [`Kv`], so that the maps of a module read and write through it, and every access costs gas.
pub struct Ctx<'a> {
    overlay: &'a mut Overlay,
    block: &'a BlockInfo,
    mode: Mode,
    gas: GasMeter,
    events: Vec<Event>,
    registry: Option<&'a Registry>,
    depth: u8,
}

impl<'a> Ctx<'a> {
    /// A context over pending state. What is written goes into the overlay's latest checkpoint.
    #[must_use]
    pub fn new(overlay: &'a mut Overlay, block: &'a BlockInfo, mode: Mode, gas: GasMeter) -> Self {
        Self { overlay, block, mode, gas, events: Vec::new(), registry: None, depth: 0 }
    }

    /// Lets handlers run other messages.
    #[must_use]
    pub fn with_registry(mut self, registry: &'a Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Which code answers which message. A fault where nobody gave it: block hooks of tests, for example.
    pub fn registry(&self) -> Result<&'a Registry, TxError> {
        self.registry.ok_or_else(|| TxError::Fault("this context cannot run messages".to_owned()))
    }

    /// Runs a message within this one and gives its answer. What it does stands or falls as a whole; its events follow
    /// those that are there. Nobody asks who signed it: that is the caller's question.
    pub fn dispatch(&mut self, message: &Any) -> Result<Any, TxError> {
        let bound = self.registry()?.bind(message)?;
        bound.validate()?;
        self.execute(bound)
    }

    /// As [`Self::dispatch`], for a message that is decoded and valid.
    pub fn execute(&mut self, message: Box<dyn BoundMessage>) -> Result<Any, TxError> {
        if self.depth == MAX_DEPTH {
            let text = format!("messages are nested deeper than {MAX_DEPTH} levels");
            return Err(sdk_error::invalid_request(text));
        }
        self.depth += 1;
        let answer = self.checkpoint(|ctx| message.execute(ctx));
        self.depth -= 1;
        answer
    }

    /// Why the handler runs.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The block's height. On admission it is the last committed one.
    #[must_use]
    pub fn height(&self) -> i64 {
        self.block.height
    }

    /// The header's time.
    #[must_use]
    pub fn time(&self) -> Time {
        self.block.time
    }

    /// The network's name.
    #[must_use]
    pub fn chain_id(&self) -> &str {
        &self.block.chain_id
    }

    /// The block.
    #[must_use]
    pub fn block(&self) -> &BlockInfo {
        self.block
    }

    /// Announces a typed event: its name is the message's, its attributes are the fields as JSON, sorted by name.
    pub fn emit<M: Message + Name>(&mut self, event: &M) {
        let (kind, attributes) = akash_types::event::encode_event(event);
        self.events.push(Event { kind, attributes });
    }

    /// Announces an event as it is.
    pub fn emit_event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The events since the start or since they were last taken.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Takes the events away, leaving none.
    #[must_use]
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Charges for work that is no access to the state.
    pub fn consume_gas(&mut self, amount: u64, descriptor: &'static str) -> Result<(), TxError> {
        self.gas.consume(amount, descriptor)
    }

    /// What was consumed so far.
    #[must_use]
    pub fn gas_used(&self) -> u64 {
        self.gas.used()
    }

    /// The meter.
    #[must_use]
    pub fn gas(&self) -> &GasMeter {
        &self.gas
    }

    /// Puts another meter in place and gives the old one; ante handlers learn the limit only from the transaction.
    pub fn replace_gas(&mut self, gas: GasMeter) -> GasMeter {
        std::mem::replace(&mut self.gas, gas)
    }

    /// Runs a part whose accesses cost nothing: its price is charged apart.
    pub fn without_gas<T>(&mut self, part: impl FnOnce(&mut Self) -> T) -> T {
        let meter = self.replace_gas(GasMeter::unlimited());
        let result = part(self);
        self.gas = meter;
        result
    }

    /// Runs a part that stands or falls as a whole: its writes and events stay when it succeeds and are dropped when
    /// it fails. Gas is consumed either way.
    pub fn checkpoint<T, E>(&mut self, part: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let events_before = self.events.len();
        self.overlay.begin();
        let result = part(self);
        match result {
            Ok(_) => self.overlay.merge(),
            Err(_) => {
                self.overlay.discard();
                self.events.truncate(events_before);
            }
        }
        result
    }
}

impl Kv for Ctx<'_> {
    type Error = TxError;

    fn get(&mut self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, TxError> {
        let costs = Costs::of(space);
        self.gas.consume(costs.read, "ReadFlat")?;
        let value = self.overlay.get(space, key)?;
        let bytes = key.len() + value.as_ref().map_or(0, Vec::len);
        self.gas.consume(per_byte(costs.read_byte, bytes), "ReadPerByte")?;
        Ok(value)
    }

    fn has(&mut self, space: Space, key: &[u8]) -> Result<bool, TxError> {
        self.gas.consume(Costs::of(space).has, "Has")?;
        Ok(self.overlay.has(space, key)?)
    }

    fn put(&mut self, space: Space, key: &[u8], value: Vec<u8>) -> Result<(), TxError> {
        check_size(space, key, &value)?;
        self.charge_write(space, key, &value)?;
        Ok(self.overlay.put(space, key, value)?)
    }

    fn delete(&mut self, space: Space, key: &[u8]) -> Result<(), TxError> {
        check_size(space, key, &[])?;
        self.gas.consume(Costs::of(space).delete, "Delete")?;
        Ok(self.overlay.delete(space, key)?)
    }

    fn archive(&mut self, space: Space, key: &[u8], value: Vec<u8>) -> Result<(), TxError> {
        check_size(space, key, &value)?;
        self.charge_write(space, key, &value)?;
        Ok(self.overlay.archive(space, key, value)?)
    }

    fn scan(&mut self, space: Space, range: Range, limit: usize) -> Result<Vec<Row>, TxError> {
        let costs = Costs::of(space);
        self.gas.consume(costs.step, "IterNextFlat")?;
        let rows = self.overlay.scan(space, range, self.affordable(costs, limit))?;
        for (key, value) in &rows {
            self.gas.consume(per_byte(costs.read_byte, key.len() + value.len()), "ReadPerByte")?;
            self.gas.consume(costs.step, "IterNextFlat")?;
        }
        Ok(rows)
    }
}

impl Ctx<'_> {
    fn charge_write(&mut self, space: Space, key: &[u8], value: &[u8]) -> Result<(), TxError> {
        let costs = Costs::of(space);
        self.gas.consume(costs.write, "WriteFlat")?;
        self.gas.consume(per_byte(costs.write_byte, key.len() + value.len()), "WritePerByte")
    }

    /// No more rows are read than the gas pays for, and one more, which then fails.
    fn affordable(&self, costs: &Costs, limit: usize) -> usize {
        let paid = self.gas.remaining().map(|gas| gas / costs.step.max(1) + 1);
        paid.and_then(|rows| usize::try_from(rows).ok()).map_or(limit, |rows| rows.min(limit))
    }
}

/// A record may grow with every transaction, so one that becomes too large is a transaction's fault and not ours: below
/// this, the store would stop the chain.
fn check_size(space: Space, key: &[u8], value: &[u8]) -> Result<(), TxError> {
    if key.len() <= MAX_KEY_BYTES && value.len() <= MAX_VALUE_BYTES {
        return Ok(());
    }
    let (store, key, value) = (space.store(), key.len(), value.len());
    Err(sdk_error::invalid_request(format!("a record of {store} is too large: key {key} bytes, value {value} bytes")))
}

fn per_byte(cost: u64, bytes: usize) -> u64 {
    cost.saturating_mul(bytes as u64)
}
