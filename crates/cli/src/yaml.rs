//! JSON values as YAML, for people. A text stands in quotes wherever a YAML reader could take it for something else.

use serde_json::Value;

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

    use super::write;

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
