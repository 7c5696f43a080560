//! JSON values as YAML, for people, and small YAML files as JSON values. A text stands in quotes wherever a YAML reader
//! could take it for something else.

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

/// Deeper files are refused.
const MAX_DEPTH: usize = 32;

/// Reads the first document. Every scalar is a text: whoever knows the file knows what it means.
pub fn read(text: &str) -> Result<Value, String> {
    let mut open: Vec<(Value, Option<String>)> = Vec::new(); // collections, and the key that waits for its value
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| format!("line {}: {}", error.marker().line(), error.info()))?;
        let done = match event {
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() == MAX_DEPTH => {
                return Err(format!("line {}: nested too deeply", span.start.line()));
            }
            Event::SequenceStart(..) => {
                open.push((Value::Array(Vec::new()), None));
                continue;
            }
            Event::MappingStart(..) => {
                open.push((Value::Object(Map::new()), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map_or(Value::Null, |(value, _)| value),
            Event::Alias(_) => return Err(format!("line {}: aliases are not read", span.start.line())),
            Event::StreamEnd => return Ok(Value::Null),
            _ => continue,
        };
        match open.last_mut() {
            None => return Ok(done),
            Some((Value::Array(items), _)) => items.push(done),
            Some((Value::Object(members), key)) => match (key.take(), done) {
                (Some(key), done) => drop(members.insert(key, done)),
                (None, Value::String(name)) => *key = Some(name),
                (None, _) => return Err(format!("line {}: a key is no text", span.start.line())),
            },
            Some(_) => {}
        }
    }
    Ok(Value::Null)
}

/// The value as YAML, without a line end behind it.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    node(&mut out, value, 0, "");
    out.trim_end().to_owned()
}

/// `lead` stands before the first line: nothing, or the blank after a key.
fn node(out: &mut String, value: &Value, depth: usize, lead: &str) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (at, (name, value)) in members.iter().enumerate() {
                start(out, depth, at == 0, lead);
                out.push_str(&text(name));
                out.push(':');
                let is_list = value.as_array().is_some_and(|items| !items.is_empty());
                // A list stands below its key without a further step, as is usual.
                node(out, value, if is_list { depth } else { depth + 1 }, "\n");
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                start(out, depth, at == 0, lead);
                out.push('-');
                node(out, item, depth + 1, " ");
            }
        }
        scalar => {
            out.push_str(if lead.is_empty() { "" } else { " " });
            match scalar {
                Value::String(content) => out.push_str(&text(content)),
                other => out.push_str(&other.to_string()),
            }
            out.push('\n');
        }
    }
}

/// Goes to where a member begins: the first one behind a dash stands on the dash's line.
fn start(out: &mut String, depth: usize, is_first: bool, lead: &str) {
    if is_first && lead == " " {
        out.push(' ');
        return;
    }
    if is_first {
        out.push_str(lead);
    }
    out.push_str(&"  ".repeat(depth));
}

fn text(content: &str) -> String {
    const RESERVED: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];
    let is_plain = content.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && content.chars().all(|c| c.is_ascii_alphanumeric() || "_-./@".contains(c))
        && !RESERVED.contains(&content.to_ascii_lowercase().as_str());
    // A JSON string is a YAML string too.
    if is_plain { content.to_owned() } else { Value::from(content).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{read, write};

    #[test]
    fn files_are_read_as_texts() {
        let text = "host: https://a:8443\nattributes:\n  - key: gpu\n    value: true\n  - {key: n, value: 1}\n";
        let expected = json!({
            "host": "https://a:8443",
            "attributes": [{"key": "gpu", "value": "true"}, {"key": "n", "value": "1"}],
        });
        assert_eq!(read(text), Ok(expected));
        assert_eq!(read(""), Ok(json!(null)));
        assert!(read("a: [").is_err());
        assert!(read(&"[".repeat(100)).unwrap_err().contains("nested too deeply"));
    }

    #[test]
    fn values_are_laid_out_as_people_write_them() {
        let value = json!({
            "a": {"b": 1, "empty": {}, "none": null}, "list": [{"k": "v", "l": [1, 2]}, [true, []], "x y"], "z": "yes",
        });
        let expected = "a:\n  b: 1\n  empty: {}\n  none: null\nlist:\n- k: v\n  l:\n  - 1\n  - 2\n- - true\n  - []\n\
                        - \"x y\"\nz: \"yes\"";
        assert_eq!(write(&value), expected);
        assert_eq!(write(&json!("1")), "\"1\"");
        assert_eq!(write(&json!([])), "[]");
    }
}
