//! Finding transactions by conditions on their events.
//!
//! An equality narrows the search by the index, a range of heights by the blocks; every other condition is checked on
//! the results. Unlike for subscriptions, all conditions on events must hold within one event.

use tendermint_proto::v0_38::abci::{Event, ExecTxResult};

use super::query::{Condition, Operand, Operator, QUERY_BYTES_MAX, Query, TOO_LONG};
use crate::blocks::{BlockStoreError, EventCursor, TxPosition};
use crate::server_state::ServerState;

/// Positions looked at for one query. What lies beyond is not found; a narrower range of heights finds it.
const CANDIDATES_MAX: usize = 100_000;
/// Blocks read for a query without any equality.
const BLOCKS_MAX: u64 = 10_000;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("{0}")]
    Query(String),
    #[error(transparent)]
    Store(#[from] BlockStoreError),
}

pub struct Found {
    pub positions: Vec<TxPosition>,
}

pub fn search_txs(state: &ServerState, query: &str, order: Order) -> Result<Found, SearchError> {
    if query.len() > QUERY_BYTES_MAX {
        return Err(SearchError::Query(TOO_LONG.to_string()));
    }
    let query = Query::parse(query).map_err(SearchError::Query)?;
    if let Some(hash) = query.equal_to("tx.hash") {
        let found = hex::decode(hash).ok().map(|hash| state.blocks.find_tx(&hash)).transpose()?.flatten();
        let published = state.snapshot().height;
        let positions = found.into_iter().filter(|position| position.height <= published).collect();
        return Ok(Found { positions });
    }
    let heights = heights_of(&query, state.snapshot().height);
    let mut positions = Vec::new();
    for position in candidates(state, &query, heights)? {
        if let Some(found) = state.tx_at(position)?
            && one_event_matches(&query, &found.result)
        {
            positions.push(position);
        }
    }
    if order == Order::Descending {
        positions.reverse();
    }
    Ok(Found { positions })
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
struct Heights {
    first: u64,
    last: u64,
}

/// What the conditions on tx.height leave of the chain.
fn heights_of(query: &Query, latest: u64) -> Heights {
    let mut heights = Heights { first: 1, last: latest };
    for condition in query.0.iter().filter(|condition| is_height(condition)) {
        let Operand::Number(number) = &condition.operand else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match condition.operator {
            Operator::Equal => {
                heights.first = heights.first.max(number);
                heights.last = heights.last.min(number);
            }
            Operator::Greater => heights.first = heights.first.max(number.saturating_add(1)),
            Operator::GreaterEqual => heights.first = heights.first.max(number),
            Operator::Less => heights.last = heights.last.min(number.saturating_sub(1)),
            Operator::LessEqual => heights.last = heights.last.min(number),
            Operator::Contains | Operator::Exists => {}
        }
    }
    heights
}

fn is_height(condition: &Condition) -> bool {
    condition.tag == "tx.height"
}

/// Holds for every transaction, so it is no condition on events.
fn is_implied(condition: &Condition) -> bool {
    is_height(condition) || condition.tag == "tm.event"
}

fn candidates(state: &ServerState, query: &Query, heights: Heights) -> Result<Vec<TxPosition>, SearchError> {
    let within = EventCursor {
        from: TxPosition { height: heights.first, index: 0 },
        to: TxPosition { height: heights.last, index: u32::MAX },
    };
    if heights.first > heights.last {
        return Ok(Vec::new());
    }
    let equality = query.0.iter().find_map(|condition| match &condition.operand {
        Operand::Text(value) | Operand::Number(value)
            if condition.operator == Operator::Equal && !is_implied(condition) =>
        {
            Some((condition.tag.as_str(), value.as_str()))
        }
        _ => None,
    });
    if let Some((tag, value)) = equality {
        return Ok(state.blocks.find_event(tag, value, within, CANDIDATES_MAX)?);
    }
    let first = heights.first.max(state.blocks.base()?).max(heights.last.saturating_sub(BLOCKS_MAX));
    let mut positions = Vec::new();
    for height in first..=heights.last {
        let Some(results) = state.blocks.results(height)? else { continue };
        let in_block = (0u32..).take(results.tx_results.len()).map(|index| TxPosition { height, index });
        positions.extend(in_block);
        if positions.len() > CANDIDATES_MAX {
            break;
        }
    }
    Ok(positions)
}

fn one_event_matches(query: &Query, result: &ExecTxResult) -> bool {
    let conditions: Vec<_> = query.0.iter().filter(|condition| !is_implied(condition)).collect();
    conditions.is_empty()
        || result.events.iter().any(|event| conditions.iter().all(|condition| event_matches(event, condition)))
}

/// `=` compares text here; a range needs the whole value to be a number, and times find nothing.
fn event_matches(event: &Event, condition: &Condition) -> bool {
    let Some(key) = condition.tag.strip_prefix(event.r#type.as_str()) else { return false };
    let key = key.strip_prefix('.').unwrap_or(key);
    let values = event.attributes.iter().filter(|attribute| attribute.key == key).map(|attribute| &attribute.value);
    let mut values = values.peekable();
    match (&condition.operand, condition.operator) {
        (_, Operator::Exists) => key.is_empty() || values.peek().is_some(),
        (Operand::Text(text) | Operand::Number(text), Operator::Equal) => values.any(|value| value == text),
        (Operand::Text(text), Operator::Contains) => values.any(|value| value.contains(text.as_str())),
        (Operand::Number(_), _) => values.any(|value| {
            let is_number = value.starts_with(|c: char| c.is_ascii_digit()) && value.parse::<f64>().is_ok();
            is_number && condition.matches_value(value)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tendermint_proto::v0_38::abci::EventAttribute;

    fn result(events: &[(&str, &[(&str, &str)])]) -> ExecTxResult {
        let attribute = |(key, value): &(&str, &str)| EventAttribute {
            key: (*key).to_string(),
            value: (*value).to_string(),
            index: true,
        };
        let event = |(kind, attributes): &(&str, &[(&str, &str)])| Event {
            r#type: (*kind).to_string(),
            attributes: attributes.iter().map(attribute).collect(),
        };
        ExecTxResult { events: events.iter().map(event).collect(), ..Default::default() }
    }

    fn matches(query: &str, result: &ExecTxResult) -> bool {
        one_event_matches(&Query::parse(query).unwrap(), result)
    }

    #[test]
    fn all_conditions_hold_within_one_event() {
        let result = result(&[
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
        let query = Query::parse("tx.height > 5 AND tx.height <= 20").unwrap();
        assert_eq!(heights_of(&query, 10), Heights { first: 6, last: 10 });
        let query = Query::parse("tx.height = 5").unwrap();
        assert_eq!(heights_of(&query, 10), Heights { first: 5, last: 5 });
    }
}
