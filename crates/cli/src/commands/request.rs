//! Messages as flags: a field of the message is a flag, fields of messages inside stand beside it.

use akash_types::coin::{Coin, DecCoin};
use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Arg, ArgAction, ArgMatches, Command};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

const PAGE: &str = "cosmos.base.query.v1beta1.PageRequest";
/// Messages inside messages are opened to this depth; deeper ones are given as JSON.
const MAX_DEPTH: usize = 4;
const COIN: &str = "cosmos.base.v1beta1.Coin";
const DEC_COIN: &str = "cosmos.base.v1beta1.DecCoin";
/// Flags of every command.
const GLOBAL: [&str; 5] = ["home", "output", "quiet", "help", "version"];
/// What a page has when nothing is said.
const LIMIT: u64 = 100;

/// One flag, and the field that it fills.
#[derive(Debug, Clone)]
pub struct Leaf {
    pub flag: String,
    /// Names of the fields from the request down to it.
    path: Vec<String>,
    field: FieldDescriptor,
}

/// The flags of a request, and whether it asks for a page.
#[derive(Debug, Clone)]
pub struct Request {
    pub leaves: Vec<Leaf>,
    pub page: Option<String>,
    taken: Vec<String>,
}

impl Request {
    /// `beside` are the flags that the command has anyway.
    pub fn new(message: &MessageDescriptor, beside: &Command) -> Self {
        let mut taken: Vec<String> = GLOBAL.map(str::to_owned).to_vec();
        taken.extend(beside.get_arguments().map(|arg| arg.get_id().as_str().replace('_', "-")));
        let mut request = Self { leaves: Vec::new(), page: None, taken };
        request.open(message, &[], MAX_DEPTH);
        request
    }

    /// The flag of the field at this path.
    pub fn flag_of(&self, path: &[String]) -> Option<&str> {
        self.leaves.iter().find(|leaf| leaf.path == path).map(|leaf| leaf.flag.as_str())
    }

    fn open(&mut self, message: &MessageDescriptor, above: &[String], depth: usize) {
        for field in message.fields() {
            let mut path = above.to_vec();
            path.push(field.name().to_owned());
            match field.kind() {
                Kind::Message(inner) if inner.full_name() == PAGE => self.page = Some(field.name().to_owned()),
                Kind::Message(inner) if opens(&field, &inner) && depth > 0 => self.open(&inner, &path, depth - 1),
                _ => {
                    let flag = self.free_name(&path);
                    self.leaves.push(Leaf { flag, path, field });
                }
            }
        }
    }

    /// The field's name, with those above it where it is taken.
    fn free_name(&self, path: &[String]) -> String {
        let name = |from: usize| path[from..].join("-").replace('_', "-").to_ascii_lowercase();
        let is_free = |name: &String| !self.taken.contains(name) && !self.leaves.iter().any(|leaf| leaf.flag == *name);
        (0..path.len()).rev().map(name).find(is_free).unwrap_or_else(|| format!("field-{}", name(0)))
    }

    /// Adds the arguments and flags to a command. `defaults` are flags with a value when nothing is said.
    pub fn augment(&self, command: Command, arguments: &str, defaults: &[(&str, &'static str)]) -> Command {
        let mut command = command;
        for argument in arguments.split_whitespace() {
            let name = argument.trim_end_matches('?');
            if let Some(leaf) = self.leaves.iter().find(|leaf| leaf.flag == name) {
                command = command.arg(leaf.arg().value_name(name.to_uppercase()).required(!argument.ends_with('?')));
            }
        }
        let is_argument =
            |leaf: &Leaf| arguments.split_whitespace().any(|name| name.trim_end_matches('?') == leaf.flag);
        for leaf in self.leaves.iter().filter(|leaf| !is_argument(leaf)) {
            let mut arg = leaf.arg().long(leaf.flag.clone());
            if let Some((_, value)) = defaults.iter().find(|(flag, _)| *flag == leaf.flag) {
                arg = arg.default_value(*value);
            }
            command = command.arg(arg);
        }
        if self.page.is_some() { command.args(page_args()) } else { command }
    }

    /// The message that the flags describe, as JSON. `defaults` are values of flags that were not given.
    pub fn read(&self, matches: &ArgMatches, defaults: &[(&str, String)]) -> Result<Value> {
        let mut request = Map::new();
        for leaf in &self.leaves {
            let given =
                matches.get_raw(&leaf.flag).map(|values| values.map(|value| value.to_string_lossy().into_owned()));
            let default = || defaults.iter().find(|(flag, _)| *flag == leaf.flag).map(|(_, value)| vec![value.clone()]);
            let Some(texts) = given.map(Iterator::collect::<Vec<_>>).or_else(default) else { continue };
            let mut target = &mut request;
            for name in &leaf.path[..leaf.path.len() - 1] {
                let inner = target.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
                target = inner.as_object_mut().expect("only messages stand above a field");
            }
            target.insert(leaf.path[leaf.path.len() - 1].clone(), leaf.value(&texts)?);
        }
        if let Some(page) = &self.page {
            request.insert(page.clone(), page_request(matches)?);
        }
        Ok(Value::Object(request))
    }
}

/// Whether the fields of a message stand beside those of its parent.
fn opens(field: &FieldDescriptor, inner: &MessageDescriptor) -> bool {
    let is_value = inner.full_name().starts_with("google.protobuf.") || [COIN, DEC_COIN].contains(&inner.full_name());
    !field.is_list() && !field.is_map() && !is_value
}

impl Leaf {
    fn arg(&self) -> Arg {
        let arg = Arg::new(self.flag.clone()).help(self.help());
        match self.field.kind() {
            Kind::Bool if !self.field.is_list() => {
                arg.value_name("BOOL").num_args(0..=1).require_equals(true).default_missing_value("true")
            }
            _ if self.field.is_list() => arg.value_name(self.kind()).action(ArgAction::Append),
            _ => arg.value_name(self.kind()),
        }
    }

    fn kind(&self) -> &'static str {
        match self.field.kind() {
            Kind::String => "TEXT",
            Kind::Bytes => "HEX",
            Kind::Bool => "BOOL",
            Kind::Message(kind) if [COIN, DEC_COIN].contains(&kind.full_name()) => "COIN",
            Kind::Message(_) => "JSON",
            Kind::Enum(_) => "NAME",
            _ => "N",
        }
    }

    fn help(&self) -> String {
        let name = self.field.name().replace('_', " ");
        match self.field.kind() {
            Kind::Enum(kind) => {
                let names: Vec<String> = kind.values().map(|value| value.name().to_owned()).collect();
                format!("The {name}: {}", names.join(", "))
            }
            Kind::Message(kind) if [COIN, DEC_COIN].contains(&kind.full_name()) => format!("The {name}, such as 5uakt"),
            Kind::Message(kind) => format!("The {name}, as JSON of {}", kind.full_name()),
            Kind::Bytes => format!("The {name}, in hex or base64"),
            _ => format!("The {name}"),
        }
    }

    fn value(&self, texts: &[String]) -> Result<Value> {
        if self.field.is_list() {
            if matches!(self.field.kind(), Kind::Message(kind) if [COIN, DEC_COIN].contains(&kind.full_name())) {
                let coins = texts.iter().flat_map(|text| text.split(',')).map(|text| self.single(text.trim()));
                return Ok(Value::Array(coins.collect::<Result<_>>()?));
            }
            return Ok(Value::Array(texts.iter().map(|text| self.single(text)).collect::<Result<_>>()?));
        }
        self.single(texts.last().map_or("", String::as_str))
    }

    fn single(&self, text: &str) -> Result<Value> {
        Ok(match self.field.kind() {
            Kind::Bool => match text {
                "true" | "1" => true.into(),
                "false" | "0" => false.into(),
                _ => bail!("--{}: {text:?} is neither true nor false", self.flag),
            },
            Kind::Int32 | Kind::Uint32 | Kind::Sint32 | Kind::Fixed32 | Kind::Sfixed32 => match text.parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) => bail!("--{}: {text:?} is no number", self.flag),
            },
            Kind::Enum(_) => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
            Kind::Bytes => match hex::decode(text).or_else(|_| STANDARD.decode(text)) {
                Ok(bytes) => STANDARD.encode(bytes).into(),
                Err(_) => bail!("--{}: {text:?} is neither hex nor base64", self.flag),
            },
            Kind::Message(inner) if inner.full_name() == COIN => match text.parse::<Coin>() {
                Ok(coin) => json!({ "denom": coin.denom, "amount": coin.amount.to_string() }),
                Err(error) => bail!("--{}: {text:?}: {error}; write a coin as 5uakt", self.flag),
            },
            Kind::Message(inner) if inner.full_name() == DEC_COIN => match text.parse::<DecCoin>() {
                Ok(coin) => json!({ "denom": coin.denom, "amount": coin.amount.to_string() }),
                Err(error) => bail!("--{}: {text:?}: {error}; write a price as 0.5uakt", self.flag),
            },
            Kind::Message(inner) if inner.full_name().starts_with("google.protobuf.") && !text.starts_with('{') => {
                text.into() // times and durations are texts
            }
            Kind::Message(_) => match serde_json::from_str(text) {
                Ok(value) => value,
                Err(error) => bail!("--{}: this is no JSON: {error}", self.flag),
            },
            _ => text.into(),
        })
    }
}

fn page_args() -> [Arg; 6] {
    let number = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("N").value_parser(clap::value_parser!(u64)).help(help)
    };
    let truth =
        |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    [
        number("limit", "Most entries of a page").default_value("100"),
        number("offset", "Leave out this many entries first").conflicts_with("page-key"),
        number("page", "Number of the page, instead of an offset").conflicts_with_all(["offset", "page-key"]),
        Arg::new("page-key").long("page-key").value_name("KEY").help("Go on where a page ended: its `next_key`"),
        truth("count-total", "Count all entries"),
        truth("reverse", "The last entries first"),
    ]
}

fn page_request(matches: &ArgMatches) -> Result<Value> {
    let number = |name: &str| matches.get_one::<u64>(name).copied();
    let limit = number("limit").unwrap_or(LIMIT);
    let offset = match number("page") {
        Some(0) => bail!("--page: pages are counted from 1"),
        Some(page) => (page - 1).saturating_mul(limit),
        None => number("offset").unwrap_or_default(),
    };
    let key = matches.get_one::<String>("page-key").map(|key| STANDARD.encode(bytes_of_key(key)));
    Ok(json!({
        "key": key.unwrap_or_default(), "offset": offset.to_string(), "limit": limit.to_string(),
        "count_total": matches.get_flag("count-total"), "reverse": matches.get_flag("reverse"),
    }))
}

/// Answers show it in base64.
fn bytes_of_key(key: &str) -> Vec<u8> {
    STANDARD.decode(key).unwrap_or_else(|_| key.as_bytes().to_vec())
}
