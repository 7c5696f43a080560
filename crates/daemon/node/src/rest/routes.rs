//! The routes that the descriptors declare.

use std::sync::Arc;

use akash_proto::descriptors;
use axum::http::Method;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};

use super::template::{Template, Variables};

/// Which part of the request message a body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyIs {
    Nothing,
    Everything,
    Field(String),
}

/// One way to call a method.
#[derive(Clone, Debug)]
pub struct Route {
    pub verb: Method,
    pub template: Template,
    pub body: BodyIs,
    /// Of gRPC: `/package.Service/Method`.
    pub path: String,
    pub method: MethodDescriptor,
}

impl Route {
    pub fn input(&self) -> MessageDescriptor {
        self.method.input()
    }
}

pub struct Matched {
    pub route: Arc<Route>,
    pub variables: Variables,
}

/// The most exact first.
pub struct Routes(Vec<Arc<Route>>);

impl Routes {
    pub fn new() -> Self {
        let methods = descriptors().services().flat_map(|service| service.methods().collect::<Vec<_>>());
        let mut routes: Vec<_> = methods.flat_map(|method| routes_of(&method)).map(Arc::new).collect();
        routes.sort_by_key(|route| route.template.rank());
        Self(routes)
    }

    /// Of several methods on one route the first that is served, or else the first.
    pub fn find(&self, verb: &Method, path: &str, is_served: impl Fn(&str) -> bool) -> Option<Matched> {
        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let of_verb = self.0.iter().filter(|route| route.verb == verb);
        let mut matches = of_verb
            .filter_map(|route| Some(Matched { route: route.clone(), variables: route.template.matches(&parts)? }));
        let first = matches.next()?;
        if is_served(&first.route.path) {
            return Some(first);
        }
        let mut same = matches.filter(|found| found.route.template.rank() == first.route.template.rank());
        same.find(|found| is_served(&found.route.path)).or(Some(first))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter().map(AsRef::as_ref)
    }
}

/// A method with its annotation's binding and all additional ones.
fn routes_of(method: &MethodDescriptor) -> Vec<Route> {
    let Some(extension) = descriptors().get_extension_by_name("google.api.http") else { return Vec::new() };
    let options = method.options();
    if !options.has_extension(&extension) {
        return Vec::new();
    }
    let rule = options.get_extension(&extension);
    let Some(rule) = rule.as_message() else { return Vec::new() };
    let mut routes: Vec<_> = route(method, rule).into_iter().collect();
    if let Some(more) = rule.get_field_by_name("additional_bindings") {
        let more = more.as_list().unwrap_or_default().iter().filter_map(|rule| rule.as_message());
        routes.extend(more.filter_map(|rule| route(method, rule)));
    }
    routes
}

fn route(method: &MethodDescriptor, rule: &DynamicMessage) -> Option<Route> {
    let text = |name: &str| {
        let value = rule.get_field_by_name(name)?;
        value.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
    };
    let verbs = [
        ("get", Method::GET),
        ("post", Method::POST),
        ("put", Method::PUT),
        ("delete", Method::DELETE),
        ("patch", Method::PATCH),
    ];
    let (verb, template) = verbs.into_iter().find_map(|(name, verb)| Some((verb, text(name)?)))?;
    let body = match text("body").as_deref() {
        None => BodyIs::Nothing,
        Some("*") => BodyIs::Everything,
        Some(field) => BodyIs::Field(field.to_owned()),
    };
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    Some(Route { verb, template: Template::parse(&template)?, body, path, method: method.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotated() -> usize {
        let extension = descriptors().get_extension_by_name("google.api.http").unwrap();
        let methods = descriptors().services().flat_map(|service| service.methods().collect::<Vec<_>>());
        methods.filter(|method| method.options().has_extension(&extension)).count()
    }

    #[test]
    fn every_annotated_method_has_a_route() {
        let routes = Routes::new();
        let mut methods: Vec<_> = routes.iter().map(|route| route.path.as_str()).collect();
        methods.sort_unstable();
        methods.dedup();
        assert_eq!(methods.len(), annotated());
        assert!(routes.0.len() >= methods.len() && methods.len() > 200);
    }

    #[test]
    fn variables_name_fields_of_the_request() {
        for route in Routes::new().iter() {
            for variable in route.template.variables() {
                let mut message = Some(route.input());
                for name in variable.split('.') {
                    let field = message.as_ref().and_then(|message| message.get_field_by_name(name));
                    let field = field.unwrap_or_else(|| panic!("{}: {variable}", route.path));
                    message = field.kind().as_message().cloned();
                }
            }
        }
    }

    #[test]
    fn the_most_exact_route_is_found() {
        let routes = Routes::new();
        let found = |path: &str| routes.find(&Method::GET, path, |_| true).map(|found| found.route.path.clone());
        let bank = |method: &str| Some(format!("/cosmos.bank.v1beta1.Query/{method}"));
        assert_eq!(found("/cosmos/bank/v1beta1/balances/akash1x"), bank("AllBalances"));
        assert_eq!(found("/cosmos/bank/v1beta1/supply"), bank("TotalSupply"));
        assert_eq!(found("/cosmos/bank/v1beta1/supply/by_denom"), bank("SupplyOf"));
        assert_eq!(found("/cosmos/bank/v1beta1/denoms_metadata/ibc/27"), bank("DenomMetadata"));
        assert_eq!(found("/cosmos/bank/v1beta1/denoms_metadata"), bank("DenomsMetadata"));
        assert_eq!(found("/no/such/route"), None);
        let epochs = "/cosmos/epochs/v1beta1/epochs";
        for service in ["akash.epochs.v1beta1", "cosmos.epochs.v1beta1"] {
            let path = format!("/{service}.Query/EpochInfos");
            assert_eq!(routes.find(&Method::GET, epochs, |served| served == path).unwrap().route.path, path);
        }
        assert!(routes.find(&Method::POST, "/cosmos/tx/v1beta1/txs", |_| true).is_some());
    }
}
