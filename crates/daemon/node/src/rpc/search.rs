//! Finding transactions and blocks by conditions on their events.
//!
//! One condition narrows the search by the index, those on the height by the chain's order; the others are checked on
//! the results. Unlike for subscriptions, all conditions on events must hold within one event.
//!
//! What a query may look at is bounded; one that would look at more is refused and told how to be narrower, so an
//! answer is always complete.

use tendermint_proto::v0_38::abci::{Event, ResponseFinalizeBlock};

use super::query::{Condition, Operand, Operator, QUERY_BYTES_MAX, Query, TOO_LONG};
use crate::blocks::{BlockStoreError, EventCursor, TxPosition, Wanted};
use crate::server_state::ServerState;

/// Rows of the index that one query may look at.
const ROWS_MAX: usize = 500_000;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("{0}")]
    Query(String),
    #[error("the query looks at more than {ROWS_MAX} entries: narrow it by {0}")]
    TooMany(&'static str),
    #[error(transparent)]
    Store(#[from] BlockStoreError),
}

const TX_HEIGHT: &str = "tx.height";
const BLOCK_HEIGHT: &str = "block.height";

fn parsed(text: &str) -> Result<Query, SearchError> {
    if text.len() > QUERY_BYTES_MAX {
        return Err(SearchError::Query(TOO_LONG.to_string()));
    }
    Query::parse(text).map_err(SearchError::Query)
}

/// Positions of all transactions that a query finds.
pub fn search_txs(state: &ServerState, text: &str, order: Order) -> Result<Vec<TxPosition>, SearchError> {
    let query = parsed(text)?;
    let published = state.snapshot().height;
    if let Some(hash) = query.equal_to("tx.hash") {
        let found = hex::decode(hash).ok().map(|hash| state.blocks.find_tx(&hash)).transpose()?.flatten();
        return Ok(found.into_iter().filter(|position| position.height <= published).collect());
    }
    let plan = Plan::new(&query, TX_HEIGHT, "Tx", published);
    let mut positions = tx_candidates(state, &plan)?;
    if !plan.is_answered_by_index() {
        keep_matching_txs(state, &plan, &mut positions)?;
    }
    if order == Order::Descending {
        positions.reverse();
    }
    Ok(positions)
}

/// Heights of all blocks whose own events a query finds.
pub fn search_blocks(state: &ServerState, text: &str, order: Order) -> Result<Vec<u64>, SearchError> {
    let query = parsed(text)?;
    let plan = Plan::new(&query, BLOCK_HEIGHT, "NewBlock", state.snapshot().height);
    let mut heights = block_candidates(state, &plan)?;
    if !plan.is_answered_by_index() {
        let mut kept = Vec::new();
        for height in heights {
            if state.blocks.results(height)?.is_some_and(|results| plan.one_matches(&results.events)) {
                kept.push(height);
            }
        }
        heights = kept;
    }
    if order == Order::Descending {
        heights.reverse();
    }
    Ok(heights)
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct Heights {
    first: u64,
    last: u64,
}

/// A query taken apart.
struct Plan<'a> {
    heights: Heights,
    /// Those on events.
    conditions: Vec<&'a Condition>,
    /// Where heights are counted, for texts.
    height_tag: &'static str,
}

impl<'a> Plan<'a> {
    fn new(query: &'a Query, height_tag: &'static str, event: &str, latest: u64) -> Self {
        let is_other = |condition: &&Condition| match &condition.operand {
            Operand::Text(text) => condition.tag == "tm.event" && text != event,
            _ => false,
        };
        let mut heights = heights_of(query, height_tag, latest);
        if query.0.iter().any(|condition| is_other(&condition)) {
            heights = Heights { first: 1, last: 0 };
        }
        let on_events = |condition: &&Condition| condition.tag != height_tag && condition.tag != "tm.event";
        Self { heights, conditions: query.0.iter().filter(on_events).collect(), height_tag }
    }

    /// The condition whose index is read: an equality is the narrowest.
    fn leading(&self) -> Option<&'a Condition> {
        let equality = self.conditions.iter().find(|condition| condition.operator == Operator::Equal);
        equality.or(self.conditions.first()).copied()
    }

    /// A single condition needs no look at the results, but one that may name an event's type.
    fn is_answered_by_index(&self) -> bool {
        self.conditions.len() <= 1 && !self.conditions.iter().any(|condition| condition.operator == Operator::Exists)
    }

    fn one_matches(&self, events: &[Event]) -> bool {
        self.conditions.is_empty()
            || events.iter().any(|event| self.conditions.iter().all(|condition| event_matches(event, condition)))
    }

    fn too_many(&self) -> SearchError {
        SearchError::TooMany(self.height_tag)
    }
}

/// What the conditions on the height leave of the chain: a range, or else the first equality.
fn heights_of(query: &Query, tag: &str, latest: u64) -> Heights {
    let mut heights = Heights { first: 1, last: latest };
    let mut equal = None;
    let mut has_range = false;
    for condition in query.0.iter().filter(|condition| condition.tag == tag) {
        let Operand::Number(number) = &condition.operand else { continue };
        let number = number.split('.').next().unwrap_or_default().parse::<u64>().unwrap_or(u64::MAX);
        has_range |= condition.operator != Operator::Equal;
        match condition.operator {
            Operator::Equal => equal = equal.or(Some(number)),
            Operator::Greater => heights.first = heights.first.max(number.saturating_add(1)),
            Operator::GreaterEqual => heights.first = heights.first.max(number),
            Operator::Less => heights.last = heights.last.min(number.saturating_sub(1)),
            Operator::LessEqual => heights.last = heights.last.min(number),
            Operator::Contains | Operator::Exists => {}
        }
    }
    if let Some(height) = equal.filter(|_| !has_range) {
        heights = Heights { first: height.max(1), last: height.min(latest) };
    }
    heights
}

/// In chain order, each once.
fn tx_candidates(state: &ServerState, plan: &Plan) -> Result<Vec<TxPosition>, SearchError> {
    if plan.heights.first > plan.heights.last {
        return Ok(Vec::new());
    }
    let within = EventCursor {
        from: TxPosition { height: plan.heights.first, index: 0 },
        to: TxPosition { height: plan.heights.last, index: u32::MAX },
    };
    let found = match plan.leading() {
        None => state.blocks.tx_positions(within, ROWS_MAX)?,
        Some(condition) => match exact(condition) {
            Some(value) => Some(state.blocks.find_event(&condition.tag, value, within, ROWS_MAX + 1)?),
            None => scan(condition, |wanted| state.blocks.scan_tx_events(wanted, within, ROWS_MAX))?,
        },
    };
    found.filter(|found| found.len() <= ROWS_MAX).ok_or_else(|| plan.too_many())
}

fn block_candidates(state: &ServerState, plan: &Plan) -> Result<Vec<u64>, SearchError> {
    let Heights { first, last } = plan.heights;
    if first > last {
        return Ok(Vec::new());
    }
    let found = match plan.leading() {
        None if (last - first) as usize >= ROWS_MAX => None,
        None => Some((first..=last).collect()),
        Some(condition) => match exact(condition) {
            Some(value) => Some(state.blocks.find_block_event(&condition.tag, value, first, last, ROWS_MAX + 1)?),
            None => scan(condition, |wanted| state.blocks.scan_block_events(wanted, first..=last, ROWS_MAX))?,
        },
    };
    found.filter(|found| found.len() <= ROWS_MAX).ok_or_else(|| plan.too_many())
}

fn scan<T>(condition: &Condition, look: impl FnOnce(&Wanted) -> T) -> T {
    let any_attribute = condition.operator == Operator::Exists;
    look(&Wanted { tag: &condition.tag, holds: &|value| holds(condition, value), any_attribute })
}

fn exact(condition: &Condition) -> Option<&str> {
    match &condition.operand {
        Operand::Text(value) | Operand::Number(value) if condition.operator == Operator::Equal => Some(value),
        _ => None,
    }
}

/// Reads the results of each block once.
fn keep_matching_txs(state: &ServerState, plan: &Plan, positions: &mut Vec<TxPosition>) -> Result<(), SearchError> {
    let mut results: Option<(u64, ResponseFinalizeBlock)> = None;
    let mut kept = Vec::new();
    for position in positions.drain(..) {
        if results.as_ref().is_none_or(|(height, _)| *height != position.height) {
            results = state.blocks.results(position.height)?.map(|results| (position.height, results));
        }
        let result = results.as_ref().and_then(|(_, results)| results.tx_results.get(position.index as usize));
        if result.is_some_and(|result| plan.one_matches(&result.events)) {
            kept.push(position);
        }
    }
    *positions = kept;
    Ok(())
}

fn event_matches(event: &Event, condition: &Condition) -> bool {
    let Some(key) = condition.tag.strip_prefix(event.r#type.as_str()) else { return false };
    let Some(key) = key.strip_prefix('.') else { return key.is_empty() && condition.operator == Operator::Exists };
    let mut values = event.attributes.iter().filter(|attribute| attribute.index && attribute.key == key);
    values.any(|attribute| holds(condition, &attribute.value))
}

/// `=` compares text here; a range needs the whole value to be a number, and times find nothing.
fn holds(condition: &Condition, value: &str) -> bool {
    match (&condition.operand, condition.operator) {
        (_, Operator::Exists) => true,
        (Operand::Text(text) | Operand::Number(text), Operator::Equal) => value == text,
        (Operand::Text(text), Operator::Contains) => value.contains(text.as_str()),
        (Operand::Number(_), _) => is_number(value) && condition.matches_value(value),
        _ => false,
    }
}

fn is_number(value: &str) -> bool {
    let (whole, part) = value.split_once('.').unwrap_or((value, "0"));
    [whole, part].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tendermint_proto::v0_38::abci::EventAttribute;

    fn events(events: &[(&str, &[(&str, &str)])]) -> Vec<Event> {
        let attribute = |(key, value): &(&str, &str)| EventAttribute {
            key: (*key).to_string(),
            value: (*value).to_string(),
            index: true,
        };
        let event = |(kind, attributes): &(&str, &[(&str, &str)])| Event {
            r#type: (*kind).to_string(),
            attributes: attributes.iter().map(attribute).collect(),
        };
        events.iter().map(event).collect()
    }

    fn matches(query: &str, events: &[Event]) -> bool {
        Plan::new(&Query::parse(query).unwrap(), TX_HEIGHT, "Tx", 100).one_matches(events)
    }

    #[test]
    fn all_conditions_hold_within_one_event() {
        let result = events(&[
            ("transfer", &[("sender", "a"), ("amount", "5uakt")]),
            ("transfer", &[("sender", "b"), ("amount", "7")]),
        ]);
        assert!(matches("tm.event='Tx' AND transfer.sender='b' AND transfer.amount > 6", &result));
        assert!(!matches("transfer.sender='a' AND transfer.amount > 6", &result));
        assert!(!matches("transfer.amount = 5", &result));
        assert!(!matches("transfer.amount < 6", &result));
        assert!(matches("transfer EXISTS AND tx.height > 100", &result));
    }

    #[test]
    fn conditions_on_the_height_narrow_the_range() {
        let heights = |text| {
            let Heights { first, last } = heights_of(&Query::parse(text).unwrap(), TX_HEIGHT, 10);
            (first, last)
        };
        assert_eq!(heights("tx.height > 5 AND tx.height <= 20"), (6, 10));
        assert_eq!(heights("tx.height = 5"), (5, 5));
        assert_eq!(heights("tx.height = 5 AND tx.height = 6"), (5, 5));
        assert_eq!(heights("tx.height = 5 AND tx.height < 4"), (1, 3));
        assert_eq!(heights("tx.height < 0"), (1, 0));
        assert_eq!(heights("tx.height > 99999999999999999999999"), (u64::MAX, 10));
    }

    #[test]
    fn other_events_than_those_searched_find_nothing() {
        let query = Query::parse("tm.event='NewBlock'").unwrap();
        let plan = Plan::new(&query, TX_HEIGHT, "Tx", 10);
        assert!(plan.heights.first > plan.heights.last);
    }
}
