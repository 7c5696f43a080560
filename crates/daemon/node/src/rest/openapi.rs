//! The OpenAPI 3 document of all served routes, made from the descriptors.

use std::collections::BTreeSet;

use axum::http::Method;
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::routes::{BodyIs, Route, Routes};

/// Messages inside of messages become parameters with dots down to here.
const PARAMETER_DEPTH_MAX: usize = 3;

pub fn document(routes: &Routes, is_served: impl Fn(&str) -> bool) -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    let mut tags = BTreeSet::new();
    for route in routes.iter().filter(|route| is_served(&route.path)) {
        tags.insert(tag_of(route).to_owned());
        let path = paths.entry(route.template.to_openapi()).or_insert_with(|| json!({}));
        path[route.verb.as_str().to_ascii_lowercase()] = operation(route, &mut schemas);
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Akash node",
            "description": "Every route of this node. The header x-cosmos-block-height chooses the state's height.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "tags": tags.into_iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
        "paths": paths,
        "components": {"schemas": schemas.finish()},
    })
}

fn tag_of(route: &Route) -> &str {
    route.path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

fn operation(route: &Route, schemas: &mut Schemas) -> Value {
    let input = route.input();
    let mut parameters: Vec<Value> = route.template.variables().map(|name| variable(&input, name)).collect();
    if route.body != BodyIs::Everything {
        let taken: Vec<&str> = route.template.variables().collect();
        query_parameters(&input, "", PARAMETER_DEPTH_MAX, &mut |name, field| {
            if !taken.contains(&name) && route.body != BodyIs::Field(name.to_owned()) {
                parameters.push(parameter("query", name, field, false));
            }
        });
    }
    let mut operation = json!({
        "tags": [tag_of(route)],
        "operationId": operation_id(route),
        "summary": route.method.name(),
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "The answer.",
                "content": {"application/json": {"schema": schemas.reference(&route.method.output())}},
            },
            "default": {"description": "An error.", "content": {"application/json": {"schema": error_schema()}}},
        },
    });
    let body = match &route.body {
        BodyIs::Nothing => None,
        BodyIs::Everything => Some(schemas.reference(&input)),
        BodyIs::Field(name) => input.get_field_by_name(name).map(|field| schemas.field(&field)),
    };
    if let Some(schema) = body.filter(|_| route.verb != Method::GET) {
        operation["requestBody"] = json!({"content": {"application/json": {"schema": schema}}});
    }
    operation
}

/// Unique although a method may have several routes.
fn operation_id(route: &Route) -> String {
    let place: Vec<_> = route.template.variables().collect();
    let suffix = if place.is_empty() { String::new() } else { format!(" by {}", place.join(", ")) };
    format!("{} {}{suffix} at {}", route.verb, route.path, route.template.to_openapi())
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": {"type": "integer", "description": "Status code of gRPC."},
            "message": {"type": "string"},
            "details": {"type": "array", "items": {"type": "object"}},
        },
    })
}

fn variable(input: &MessageDescriptor, path: &str) -> Value {
    let mut field = None;
    let mut message = Some(input.clone());
    for name in path.split('.') {
        field = message.as_ref().and_then(|message| message.get_field_by_name(name));
        message = field.as_ref().and_then(|field| field.kind().as_message().cloned());
    }
    match field {
        Some(field) => parameter("path", path, &field, true),
        None => json!({"name": path, "in": "path", "required": true, "schema": {"type": "string"}}),
    }
}

fn parameter(place: &str, name: &str, field: &FieldDescriptor, required: bool) -> Value {
    let mut schema = scalar(&field.kind());
    if field.is_list() {
        schema = json!({"type": "array", "items": schema});
    }
    json!({"name": name, "in": place, "required": required, "schema": schema})
}

/// Every scalar that a query can set, by its path.
fn query_parameters(
    message: &MessageDescriptor,
    prefix: &str,
    depth: usize,
    add: &mut dyn FnMut(&str, &FieldDescriptor),
) {
    for field in message.fields() {
        let name = format!("{prefix}{}", field.name());
        match field.kind() {
            Kind::Message(inner) if is_text(&inner) => add(&name, &field),
            Kind::Message(inner) if !field.is_list() && !field.is_map() && depth > 0 => {
                query_parameters(&inner, &format!("{name}."), depth - 1, add);
            }
            Kind::Message(_) => {}
            _ => add(&name, &field),
        }
    }
}

/// Messages that JSON writes as one text.
fn is_text(message: &MessageDescriptor) -> bool {
    matches!(message.full_name(), "google.protobuf.Timestamp" | "google.protobuf.Duration")
}

fn scalar(kind: &Kind) -> Value {
    match kind {
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Bytes => json!({"type": "string", "format": "byte"}),
        Kind::Double => json!({"type": "number", "format": "double"}),
        Kind::Float => json!({"type": "number", "format": "float"}),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer", "format": "int32"}),
        Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "format": "int64", "minimum": 0}),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({"type": "string", "format": "int64"}),
        Kind::Uint64 | Kind::Fixed64 => json!({"type": "string", "format": "uint64"}),
        Kind::Enum(kind) => names_of(kind),
        Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => {
            json!({"type": "string", "format": "date-time"})
        }
        Kind::String | Kind::Message(_) => json!({"type": "string"}),
    }
}

fn names_of(kind: &EnumDescriptor) -> Value {
    let names: Vec<_> = kind.values().map(|value| value.name().to_owned()).collect();
    json!({"type": "string", "enum": names})
}

/// Messages that answers and bodies name, each once.
#[derive(Default)]
struct Schemas {
    done: Map<String, Value>,
    open: Vec<MessageDescriptor>,
    named: BTreeSet<String>,
}

impl Schemas {
    fn reference(&mut self, message: &MessageDescriptor) -> Value {
        match message.full_name() {
            "google.protobuf.Any" => json!({
                "type": "object",
                "properties": {"@type": {"type": "string"}},
                "additionalProperties": true,
            }),
            _ if is_text(message) => scalar(&Kind::Message(message.clone())),
            name => {
                if self.named.insert(name.to_owned()) {
                    self.open.push(message.clone());
                }
                json!({"$ref": format!("#/components/schemas/{name}")})
            }
        }
    }

    fn field(&mut self, field: &FieldDescriptor) -> Value {
        if field.is_map() {
            let value = field.kind().as_message().map(MessageDescriptor::map_entry_value_field);
            let value = value.map_or_else(|| json!({}), |value| self.field(&value));
            return json!({"type": "object", "additionalProperties": value});
        }
        let one = match field.kind() {
            Kind::Message(message) => self.reference(&message),
            kind => scalar(&kind),
        };
        if field.is_list() { json!({"type": "array", "items": one}) } else { one }
    }

    /// Follows references until there are none that are not described.
    fn finish(mut self) -> Map<String, Value> {
        while let Some(message) = self.open.pop() {
            let mut properties = Map::new();
            for field in message.fields() {
                properties.insert(field.name().to_owned(), self.field(&field));
            }
            self.done.insert(message.full_name().to_owned(), json!({"type": "object", "properties": properties}));
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_somewhere_and_parameters_are_complete() {
        let document = document(&Routes::new(), |_| true);
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let text = document.to_string();
        let references: BTreeSet<_> =
            text.split("\"#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(references.len() > 200, "{}", references.len());
        for reference in references {
            assert!(schemas.contains_key(reference), "{reference}");
        }
        let orders = &document["paths"]["/akash/market/v1beta5/orders/list"]["get"];
        let names: Vec<_> = orders["parameters"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        for name in ["filters.owner", "pagination.limit", "pagination.key"] {
            assert!(names.iter().any(|given| *given == name), "{name} {names:?}");
        }
        let balance = &document["paths"]["/cosmos/bank/v1beta1/balances/{address}"]["get"]["parameters"][0];
        assert_eq!((balance["in"].as_str(), balance["required"].as_bool()), (Some("path"), Some(true)));
        assert!(document["paths"]["/cosmos/tx/v1beta1/txs"]["post"]["requestBody"].is_object());
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let document = document(&Routes::new(), |_| true);
        let mut names = BTreeSet::new();
        for path in document["paths"].as_object().unwrap().values() {
            for operation in path.as_object().unwrap().values() {
                assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()));
            }
        }
    }
}
