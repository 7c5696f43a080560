//! CometBFT's query language: conditions on events, joined by AND.

use std::collections::BTreeMap;

use tendermint_proto::v0_38::abci::Event;

pub const QUERY_BYTES_MAX: usize = 512;
pub const TOO_LONG: &str = "maximum query length exceeded";

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Contains,
    Exists,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    None,
    Text(String),
    /// Digits with at most one point, any length.
    Number(String),
    /// TIME and DATE: seconds since 1970.
    Time(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub tag: String,
    pub operator: Operator,
    pub operand: Operand,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(pub Vec<Condition>);

/// What a block or a transaction offers to match on: `type.key` with all its values.
pub type EventMap = BTreeMap<String, Vec<String>>;

pub fn add_events(map: &mut EventMap, events: &[Event]) {
    for event in events.iter().filter(|event| !event.r#type.is_empty()) {
        for attribute in event.attributes.iter().filter(|attribute| !attribute.key.is_empty()) {
            map.entry(format!("{}.{}", event.r#type, attribute.key)).or_default().push(attribute.value.clone());
        }
    }
}

impl Query {
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader(text);
        let mut conditions = Vec::new();
        loop {
            conditions.push(reader.condition()?);
            reader.skip_spaces();
            if reader.0.is_empty() {
                return Ok(Self(conditions));
            }
            if !reader.word("AND") {
                return Err(format!("expected AND at {:?}", reader.0));
            }
        }
    }

    /// Each condition must hold for some value, not necessarily of one event.
    pub fn matches(&self, events: &EventMap) -> bool {
        self.0.iter().all(|condition| condition.matches_map(events))
    }

    /// The same query written the one way by which repetitions are recognised.
    pub fn normalised(&self) -> String {
        let parts: Vec<_> = self.0.iter().map(Condition::to_string).collect();
        parts.join(" AND ")
    }

    /// The value of the first equality on a tag.
    pub fn equal_to(&self, tag: &str) -> Option<&str> {
        self.0.iter().find_map(|condition| match &condition.operand {
            Operand::Text(value) | Operand::Number(value)
                if condition.operator == Operator::Equal && condition.tag == tag =>
            {
                Some(value.as_str())
            }
            _ => None,
        })
    }
}

impl Condition {
    fn matches_map(&self, events: &EventMap) -> bool {
        if self.operator == Operator::Exists {
            let prefix = format!("{}.", self.tag);
            return events.keys().any(|tag| *tag == self.tag || tag.starts_with(&prefix));
        }
        events.get(&self.tag).is_some_and(|values| values.iter().any(|value| self.matches_value(value)))
    }

    /// As subscriptions compare: numbers by the leading digits of the value.
    pub fn matches_value(&self, value: &str) -> bool {
        match (&self.operand, self.operator) {
            (Operand::None, Operator::Exists) => true,
            (Operand::Text(text), Operator::Equal) => value == text,
            (Operand::Text(text), Operator::Contains) => value.contains(text.as_str()),
            (Operand::Number(number), operator) => {
                leading_number(value).is_some_and(|value| holds(operator, compare_numbers(value, number)))
            }
            (Operand::Time(time), operator) => parse_time(value).is_some_and(|value| holds(operator, value.cmp(time))),
            _ => false,
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let operator = match self.operator {
            Operator::Equal => "=",
            Operator::Less => "<",
            Operator::LessEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterEqual => ">=",
            Operator::Contains => "CONTAINS",
            Operator::Exists => "EXISTS",
        };
        write!(f, "{} {operator}", self.tag)?;
        match &self.operand {
            Operand::None => Ok(()),
            Operand::Text(text) => write!(f, " '{text}'"),
            Operand::Number(number) => write!(f, " {number}"),
            Operand::Time(seconds) => write!(f, " TIME {seconds}"),
        }
    }
}

fn holds(operator: Operator, ordering: std::cmp::Ordering) -> bool {
    match operator {
        Operator::Equal => ordering.is_eq(),
        Operator::Less => ordering.is_lt(),
        Operator::LessEqual => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        Operator::GreaterEqual => ordering.is_ge(),
        Operator::Contains | Operator::Exists => false,
    }
}

fn leading_number(text: &str) -> Option<&str> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 {
        return None;
    }
    let decimals = text[digits..]
        .strip_prefix('.')
        .map_or(0, |rest| rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    Some(if decimals > 0 { &text[..=digits + decimals] } else { &text[..digits] })
}

/// By value, without limits: whole parts by length and digits, then decimals.
fn compare_numbers(a: &str, b: &str) -> std::cmp::Ordering {
    let split = |text: &str| {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        (whole.trim_start_matches('0').to_string(), decimals.trim_end_matches('0').to_string())
    };
    let ((a, a_decimals), (b, b_decimals)) = (split(a), split(b));
    a.len().cmp(&b.len()).then(a.cmp(&b)).then(a_decimals.cmp(&b_decimals))
}

fn parse_time(text: &str) -> Option<i64> {
    tendermint::Time::parse_from_rfc3339(text).ok().map(|time| crate::chain::form::split_time(time).0)
}

struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn skip_spaces(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// Takes a word that is followed by something else.
    fn word(&mut self, word: &str) -> bool {
        self.skip_spaces();
        let Some(rest) = self.0.strip_prefix(word) else { return false };
        if rest.starts_with(is_tag_char) {
            return false;
        }
        self.0 = rest;
        true
    }

    fn condition(&mut self) -> Result<Condition, String> {
        self.skip_spaces();
        let end = self.0.find(|c: char| !is_tag_char(c)).unwrap_or(self.0.len());
        let (tag, rest) = self.0.split_at(end);
        if tag.is_empty() || tag.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-') {
            return Err(format!("expected a tag at {:?}", self.0));
        }
        self.0 = rest;
        let operator = self.operator()?;
        let operand = if operator == Operator::Exists { Operand::None } else { self.operand(operator)? };
        Ok(Condition { tag: tag.to_string(), operator, operand })
    }

    fn operator(&mut self) -> Result<Operator, String> {
        for (word, operator) in [("CONTAINS", Operator::Contains), ("EXISTS", Operator::Exists)] {
            if self.word(word) {
                return Ok(operator);
            }
        }
        let symbols = [
            ("<=", Operator::LessEqual),
            (">=", Operator::GreaterEqual),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (symbol, operator) in symbols {
            if let Some(rest) = self.0.strip_prefix(symbol) {
                self.0 = rest;
                return Ok(operator);
            }
        }
        Err(format!("expected an operator at {:?}", self.0))
    }

    fn operand(&mut self, operator: Operator) -> Result<Operand, String> {
        self.skip_spaces();
        if let Some(rest) = self.0.strip_prefix('\'') {
            let Some((text, rest)) = rest.split_once('\'') else { return Err("string is not closed".to_string()) };
            if !matches!(operator, Operator::Equal | Operator::Contains) {
                return Err("strings have no order".to_string());
            }
            self.0 = rest;
            return Ok(Operand::Text(text.to_string()));
        }
        if operator == Operator::Contains {
            return Err("CONTAINS needs a string".to_string());
        }
        for (word, suffix) in [("TIME", ""), ("DATE", "T00:00:00Z")] {
            if self.word(word) {
                let text = self.token();
                let seconds = parse_time(&format!("{text}{suffix}"));
                return seconds.map(Operand::Time).ok_or_else(|| format!("{text:?} is no {word}"));
            }
        }
        let number = self.token();
        match leading_number(&number) {
            Some(whole) if whole == number => Ok(Operand::Number(number)),
            _ => Err(format!("expected a value at {number:?}")),
        }
    }

    fn token(&mut self) -> String {
        self.skip_spaces();
        let end = self.0.find(char::is_whitespace).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        token.to_string()
    }
}

fn is_tag_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> EventMap {
        let mut map = EventMap::new();
        for (tag, value) in pairs {
            map.entry((*tag).to_string()).or_default().push((*value).to_string());
        }
        map
    }

    fn matches(query: &str, pairs: &[(&str, &str)]) -> bool {
        Query::parse(query).unwrap().matches(&map(pairs))
    }

    #[test]
    fn conditions_are_joined_by_and() {
        let events = [("tm.event", "Tx"), ("transfer.amount", "8atom"), ("transfer.amount", "9")];
        assert!(matches("tm.event='Tx' AND transfer.amount = 8", &events));
        assert!(matches("tm.event = 'Tx' AND transfer.amount>8.5 AND transfer.amount<=9", &events));
        assert!(!matches("tm.event='Tx' AND transfer.amount>9", &events));
        assert!(matches("transfer EXISTS AND transfer.amount CONTAINS 'tom'", &events));
    }

    #[test]
    fn large_integers_are_compared_exactly() {
        let events = [("a.b", "100000000000000000000000000000000000001")];
        assert!(matches("a.b > 100000000000000000000000000000000000000", &events));
        assert!(!matches("a.b = 100000000000000000000000000000000000000", &events));
    }

    #[test]
    fn times_and_dates_are_understood() {
        let events = [("a.t", "2024-01-02T00:00:00Z")];
        assert!(matches("a.t > DATE 2024-01-01 AND a.t <= TIME 2024-01-02T00:00:00Z", &events));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "a", "a=", "a='b", "a = 'b' OR c = 'd'", "a > 'b'", "5 = 5", "a=5x", "a CONTAINS 5"] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn spacing_does_not_make_another_query() {
        let one = Query::parse("tm.event='Tx'   AND a.b>=5").unwrap();
        assert_eq!(one.normalised(), "tm.event = 'Tx' AND a.b >= 5");
        assert_eq!(one.equal_to("tm.event"), Some("Tx"));
    }
}
