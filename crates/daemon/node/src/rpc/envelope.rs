//! JSON-RPC 2.0 as CometBFT writes it.

use serde_json::{Map, Value, json};

/// What an answer is addressed to. Unknown means that the member is left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Id {
    Unknown,
    Known(Value),
}

impl Id {
    /// Answers to the URI form, and after a crash.
    pub fn none() -> Self {
        Id::Known(json!(-1))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub id: Id,
    pub method: String,
    pub params: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub code: i64,
    pub message: &'static str,
    pub data: String,
}

impl Failure {
    fn new(code: i64, message: &'static str, data: impl Into<String>) -> Self {
        Self { code, message, data: data.into() }
    }

    pub fn parse(data: impl Into<String>) -> Self {
        Self::new(-32_700, "Parse error. Invalid JSON", data)
    }

    pub fn invalid_request(data: impl Into<String>) -> Self {
        Self::new(-32_600, "Invalid Request", data)
    }

    pub fn method_not_found() -> Self {
        Self::new(-32_601, "Method not found", "")
    }

    pub fn invalid_params(data: impl Into<String>) -> Self {
        Self::new(-32_602, "Invalid params", data)
    }

    pub fn internal(data: impl Into<String>) -> Self {
        Self::new(-32_603, "Internal error", data)
    }

    pub fn server(data: impl Into<String>) -> Self {
        Self::new(-32_000, "Server error", data)
    }
}

/// One request of a body, or nothing for a notification: those are never executed.
pub fn read(value: Value) -> Result<Option<Request>, Failure> {
    let unreadable = |reason: &str| Failure::parse(format!("error unmarshaling request: {reason}"));
    let Value::Object(mut object) = value else { return Err(unreadable("request is not an object")) };
    let id = match object.remove("id") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => Value::String(text),
        Some(Value::Number(number)) => whole(&number).ok_or_else(|| unreadable("id is out of range"))?,
        Some(_) => return Err(unreadable("id is neither a string nor a number")),
    };
    let method = match object.remove("method") {
        Some(Value::String(method)) => method,
        None | Some(Value::Null) => String::new(),
        Some(_) => return Err(unreadable("method is not a string")),
    };
    let params = object.remove("params").unwrap_or(Value::Null);
    Ok(Some(Request { id: Id::Known(id), method, params }))
}

/// Decimals are cut off.
fn whole(number: &serde_json::Number) -> Option<Value> {
    if let Some(number) = number.as_i64() {
        return Some(json!(number));
    }
    let float = number.as_f64().filter(|float| float.is_finite() && float.abs() < 9.0e15)?;
    Some(json!(float.trunc() as i64))
}

pub fn answer(id: &Id, outcome: Result<Value, Failure>) -> Value {
    let mut out = Map::new();
    out.insert("jsonrpc".into(), json!("2.0"));
    if let Id::Known(id) = id {
        out.insert("id".into(), id.clone());
    }
    match outcome {
        Ok(result) => out.insert("result".into(), result),
        Err(failure) => {
            let mut error = json!({"code": failure.code, "message": failure.message});
            if !failure.data.is_empty() {
                error["data"] = json!(failure.data);
            }
            out.insert("error".into(), error)
        }
    };
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_without_id_are_notifications() {
        assert_eq!(read(json!({"method": "status"})), Ok(None));
        assert_eq!(read(json!({"method": "status", "id": null})), Ok(None));
    }

    #[test]
    fn ids_keep_their_type_and_lose_decimals() {
        let id = |value| read(json!({"id": value, "method": "x"})).map(|request| request.map(|request| request.id));
        assert_eq!(id(json!("a")), Ok(Some(Id::Known(json!("a")))));
        assert_eq!(id(json!(2.7)), Ok(Some(Id::Known(json!(2)))));
        assert!(id(json!([1])).is_err());
    }

    #[test]
    fn empty_data_is_left_out() {
        let value = answer(&Id::none(), Err(Failure::method_not_found()));
        assert_eq!(value, json!({"jsonrpc":"2.0","id":-1,"error":{"code":-32601,"message":"Method not found"}}));
    }
}
