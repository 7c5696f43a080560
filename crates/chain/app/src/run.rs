//! One transaction from bytes to outcome, the same way on admission, in simulation and in a block.

use std::any::Any as Payload;
use std::panic::{AssertUnwindSafe, catch_unwind};

use akash_kernel::{BlockInfo, Ctx, Event, GasMeter, Mode, Registry, Reject, TxError, sdk_error};
use akash_proto::cosmos::base::abci::v1beta1::TxMsgData;
use akash_store::Overlay;
use akash_types::address::Address;
use prost::Message;
use prost_types::Any;

use crate::ante::{self, Environment};
use crate::outcome::{Fault, TxOutcome, or_fault, panicked};
use crate::transaction::{SignedMessage, Transaction, Unreadable};

/// Gas of the block so far.
#[derive(Clone, Copy, Debug)]
pub struct BlockGas {
    limit: Option<u64>,
    used: u64,
}

impl BlockGas {
    pub fn new(limit: Option<u64>) -> Self {
        Self { limit, used: 0 }
    }

    fn is_used_up(self) -> bool {
        self.limit.is_some_and(|limit| self.used >= limit)
    }

    /// Counts a transaction. False when the block has room for it no more.
    fn add(&mut self, gas: u64) -> bool {
        self.used = self.used.saturating_add(gas);
        self.limit.is_none_or(|limit| self.used <= limit)
    }
}

/// All that running a transaction needs beyond the state.
pub struct Runner<'a> {
    pub registry: &'a Registry,
    pub environment: Environment<'a>,
    pub block: &'a BlockInfo,
    pub mode: Mode,
}

/// Whether the messages of a transaction were found valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    Known,
    Unknown,
}

/// What stays in the overlay of a checkpoint's part that ran.
struct Part<T> {
    result: Result<T, TxError>,
    events: Vec<Event>,
    gas: GasMeter,
}

/// Answers of the messages, and the events that each of them caused.
#[derive(Default)]
struct Executed {
    answers: Vec<Any>,
    events: Vec<Event>,
}

impl Runner<'_> {
    /// Runs a transaction. What stays of it is in the overlay; the outcome also says which answers it gave.
    pub fn run(
        &self,
        overlay: &mut Overlay,
        bytes: &[u8],
        block_gas: &mut BlockGas,
    ) -> Result<(TxOutcome, Vec<Any>), Fault> {
        self.run_one(overlay, Transaction::read(self.registry, bytes), block_gas)
    }

    /// As [`Self::run`], for bytes that were read before.
    pub fn run_one(
        &self,
        overlay: &mut Overlay,
        read: Result<Transaction, Unreadable>,
        block_gas: &mut BlockGas,
    ) -> Result<(TxOutcome, Vec<Any>), Fault> {
        let tx = match read {
            Ok(tx) => tx,
            Err(unreadable) => return Ok((TxOutcome::refused(self.unreadable(unreadable)), Vec::new())),
        };
        // In a block nobody asks.
        let sender = if self.mode == Mode::Deliver { None } else { tx.sender() };
        let (mut outcome, answers) = match self.set_up(&tx, *block_gas) {
            Ok(gas) => self.run_read(overlay, tx, gas, block_gas)?,
            Err(outcome) => (*outcome, Vec::new()),
        };
        outcome.sender = sender;
        Ok((outcome, answers))
    }

    /// Tries a transaction without running its messages. Its fee and sequence stay in the overlay when it is admitted.
    pub fn admit(
        &self,
        overlay: &mut Overlay,
        tx: &Transaction,
        validity: Validity,
        max_gas: Option<u64>,
    ) -> Result<TxOutcome, Fault> {
        let mut outcome = match self.set_up(tx, BlockGas::new(max_gas)) {
            Ok(gas) => {
                let gas_wanted = gas.limit().unwrap_or(u64::MAX);
                let ante = self.ante(overlay, tx, gas, validity)?;
                let outcome = TxOutcome { gas_wanted, gas_used: ante.gas.used(), ..TxOutcome::default() };
                match or_fault(ante.result)? {
                    Ok(()) => outcome,
                    Err(reject) => outcome.fail(reject, Vec::new()),
                }
            }
            Err(outcome) => *outcome,
        };
        outcome.sender = tx.sender();
        Ok(outcome)
    }

    fn unreadable(&self, unreadable: Unreadable) -> Reject {
        if self.mode == Mode::Deliver { unreadable.in_block() } else { unreadable.in_detail() }
    }

    /// The meter of the transaction.
    fn set_up(&self, tx: &Transaction, block_gas: BlockGas) -> Result<GasMeter, Box<TxOutcome>> {
        let refused = |error: TxError, gas_wanted: u64| match error {
            TxError::Reject(reject) => Box::new(TxOutcome { gas_wanted, ..TxOutcome::refused(reject) }),
            TxError::Fault(text) => Box::new(TxOutcome { gas_wanted, ..TxOutcome::refused(panicked(&text)) }),
        };
        if self.mode == Mode::Deliver && block_gas.is_used_up() {
            return Err(refused(sdk_error::out_of_gas("no block gas left to run tx"), 0));
        }
        if self.mode == Mode::Simulate {
            return Ok(GasMeter::limited(block_gas.limit.unwrap_or(self.environment.simulation_gas)));
        }
        if self.block.height == 0 {
            return Ok(GasMeter::unlimited());
        }
        let wanted = tx.fee().gas_limit;
        match block_gas.limit {
            Some(max) if wanted > max => {
                let text = format!("tx gas limit {wanted} exceeds block max gas {max}");
                Err(refused(sdk_error::invalid_gas_limit(text), wanted))
            }
            _ => Ok(GasMeter::limited(wanted)),
        }
    }

    fn run_read(
        &self,
        overlay: &mut Overlay,
        tx: Transaction,
        gas: GasMeter,
        block_gas: &mut BlockGas,
    ) -> Result<(TxOutcome, Vec<Any>), Fault> {
        let gas_wanted = gas.limit().unwrap_or(u64::MAX);
        let ante = self.ante(overlay, &tx, gas, Validity::Unknown)?;
        let mut outcome = TxOutcome { gas_wanted, gas_used: ante.gas.used(), ..TxOutcome::default() };
        if let Err(reject) = or_fault(ante.result)? {
            block_gas.add(ante.gas.used().min(gas_wanted));
            return Ok((outcome.fail(reject, Vec::new()), Vec::new()));
        }

        let messages = tx.into_messages();
        let room = |gas: &GasMeter| self.reserve(block_gas, gas, gas_wanted);
        let part = self.part(overlay, ante.gas, |ctx| execute(ctx, messages), room)?;
        outcome.gas_used = part.gas.used();
        match or_fault(part.result)? {
            Ok(executed) => {
                outcome.data =
                    TxMsgData { msg_responses: executed.answers.clone(), ..TxMsgData::default() }.encode_to_vec();
                outcome.events = ante.events;
                outcome.events.extend(executed.events);
                Ok((outcome, executed.answers))
            }
            Err(reject) => Ok((outcome.fail(reject, ante.events), Vec::new())),
        }
    }

    /// The ante chain, and behind it what the messages can tell without state, which may cost more than they pay for
    /// until somebody is known to have signed.
    fn ante(
        &self,
        overlay: &mut Overlay,
        tx: &Transaction,
        gas: GasMeter,
        validity: Validity,
    ) -> Result<Part<()>, Fault> {
        let run = |ctx: &mut Ctx| {
            ante::run(ctx, tx, &self.environment)?;
            if validity == Validity::Unknown { tx.validate() } else { Ok(()) }
        };
        self.part(overlay, gas, run, |_| Ok(()))
    }

    /// Takes the transaction's gas from the block's.
    fn reserve(&self, block_gas: &mut BlockGas, gas: &GasMeter, gas_wanted: u64) -> Result<(), TxError> {
        if self.mode != Mode::Deliver || block_gas.add(gas.used().min(gas_wanted)) {
            return Ok(());
        }
        let text = format!("out of gas in location: block gas meter; gasWanted: {gas_wanted}, gasUsed: {}", gas.used());
        Err(sdk_error::out_of_gas(text))
    }

    /// Runs something on a checkpoint: kept when it succeeds and `accept` agrees, dropped otherwise, also on a panic.
    fn part<T>(
        &self,
        overlay: &mut Overlay,
        gas: GasMeter,
        run: impl FnOnce(&mut Ctx) -> Result<T, TxError>,
        accept: impl FnOnce(&GasMeter) -> Result<(), TxError>,
    ) -> Result<Part<T>, Fault> {
        let depth = overlay.depth();
        overlay.begin();
        let mut ctx = Ctx::new(overlay, self.block, self.mode, gas).with_registry(self.registry);
        let result = catch_unwind(AssertUnwindSafe(|| run(&mut ctx)))
            .unwrap_or_else(|panic| Err(panicked(describe(panic.as_ref())).into()));
        let (events, gas) = (ctx.take_events(), ctx.gas().clone());
        let accepted = accept(&gas);
        let result = result.and_then(|value| accepted.map(|()| value));

        // A panic leaves the checkpoints open that were open when it happened.
        while overlay.depth() > depth + 1 {
            overlay.discard();
        }
        if overlay.depth() != depth + 1 {
            return Err(Fault("a transaction closed a checkpoint that is not its own".to_owned()));
        }
        match result {
            Ok(_) => overlay.merge(),
            Err(_) => overlay.discard(),
        }
        Ok(Part { result, events, gas })
    }
}

impl TxOutcome {
    fn fail(self, reject: Reject, events: Vec<Event>) -> Self {
        Self { gas_wanted: self.gas_wanted, gas_used: self.gas_used, events, ..Self::refused(reject) }
    }
}

fn execute(ctx: &mut Ctx, messages: Vec<SignedMessage>) -> Result<Executed, TxError> {
    let mut executed = Executed::default();
    for (index, SignedMessage { bound, signer }) in messages.into_iter().enumerate() {
        let type_url = bound.type_url().to_owned();

        let answer = bound.execute(ctx).map_err(|error| locate(index, error))?;

        executed.answers.push(answer);
        let events = ctx.take_events();
        executed.events.push(message_event(&type_url, signer, &events));
        executed.events.extend(events);
        let own = executed.events.iter_mut().rev().take_while(|event| event.attribute("msg_index").is_none());
        for event in own {
            event.attributes.push(("msg_index".to_owned(), index.to_string()));
        }
    }
    Ok(executed)
}

/// Says which message failed. Running out of gas is upstream's panic and keeps its text bare.
fn locate(index: usize, error: TxError) -> TxError {
    match &error {
        TxError::Reject(Reject { codespace: "sdk", code: 11, .. } | Reject { code: 111_222, .. }) => error,
        _ => error.context(format!("failed to execute message; message index: {index}")),
    }
}

/// The event in front of a message's own ones.
fn message_event(type_url: &str, signer: Option<Address>, events: &[Event]) -> Event {
    let mut attributes = vec![("action".to_owned(), type_url.to_owned())];
    attributes.extend(signer.map(|signer| ("sender".to_owned(), signer.to_string())));
    let named = events.iter().any(|event| event.attribute("module").is_some());
    if let Some(module) = type_url.split('.').nth(1).filter(|_| !named) {
        attributes.push(("module".to_owned(), module.to_owned()));
    }
    Event { kind: "message".to_owned(), attributes }
}

fn describe(panic: &(dyn Payload + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic without a text")
}

#[cfg(test)]
mod tests;
