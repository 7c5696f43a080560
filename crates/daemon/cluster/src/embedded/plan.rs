//! What to do to make a lease's replicas those that are wanted. Pure.

use crate::{Service, Workload};
use std::collections::BTreeMap;

/// A replica that should exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub service: String,
    pub fingerprint: String,
}

/// How a replica that exists fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Its shim answers, and runs it or will run it again.
    Kept,
    /// Only a new one helps: the shim is lost, or it ended for good.
    Lost,
    /// As lost, but it is too early to make a new one.
    Resting,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actual {
    pub fingerprint: String,
    pub condition: Condition,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Remove(String),
    Create(Wanted),
}

/// Removals first, so that what they free can be used. What fits stays untouched.
#[must_use]
pub fn plan(wanted: &[Wanted], actual: &BTreeMap<String, Actual>) -> Vec<Action> {
    let find = |name: &String| wanted.iter().find(|w| w.name == *name);
    let stays = |name: &String, a: &Actual| {
        find(name).is_some_and(|w| w.fingerprint == a.fingerprint) && a.condition != Condition::Lost
    };
    let removals = actual.iter().filter(|(name, a)| !stays(name, a)).map(|(name, _)| Action::Remove(name.clone()));
    let missing = wanted.iter().filter(|w| actual.get(&w.name).is_none_or(|a| !stays(&w.name, a)));
    removals.chain(missing.cloned().map(Action::Create)).collect()
}

#[must_use]
pub fn wanted(workload: &Workload) -> Vec<Wanted> {
    let of = |service: &Service| {
        let fingerprint = fingerprint(service);
        let replica = |number| Wanted {
            name: format!("{}-{number}", service.name),
            service: service.name.clone(),
            fingerprint: fingerprint.clone(),
        };
        (0..service.count).map(replica).collect::<Vec<_>>()
    };
    workload.services.iter().flat_map(of).collect()
}

/// Of what a running container cannot take over: not the number of replicas, not who may reach it.
fn fingerprint(service: &Service) -> String {
    let part = Service { count: 0, expose: Vec::new(), ..service.clone() };
    let text = serde_json::to_vec(&part).expect("a service has only strings and numbers");
    super::state::hash_text(&text, 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(name: &str, fingerprint: &str) -> Wanted {
        Wanted { name: name.into(), service: "web".into(), fingerprint: fingerprint.into() }
    }

    fn have(list: &[(&str, &str, Condition)]) -> BTreeMap<String, Actual> {
        let one = |(name, print, condition): &(&str, &str, Condition)| {
            ((*name).to_owned(), Actual { fingerprint: (*print).into(), condition: *condition })
        };
        list.iter().map(one).collect()
    }

    #[test]
    fn only_what_differs_is_touched() {
        use Condition::{Kept, Lost, Resting};
        let remove = |name: &str| Action::Remove(name.into());
        let create = |name: &str, print: &str| Action::Create(want(name, print));
        let wanted = [want("web-0", "a"), want("web-1", "a")];
        let check = |actual: &[(&str, &str, Condition)], actions: Vec<Action>| {
            assert_eq!(plan(&wanted, &have(actual)), actions, "{actual:?}");
        };
        check(&[], vec![create("web-0", "a"), create("web-1", "a")]);
        check(&[("web-0", "a", Kept), ("web-1", "a", Kept)], vec![]);
        check(&[("web-0", "a", Kept), ("web-1", "a", Resting)], vec![]);
        check(&[("web-0", "a", Kept), ("web-1", "a", Lost)], vec![remove("web-1"), create("web-1", "a")]);
        check(&[("web-0", "a", Kept), ("web-1", "b", Kept)], vec![remove("web-1"), create("web-1", "a")]);
        check(&[("web-0", "a", Kept), ("web-1", "b", Resting)], vec![remove("web-1"), create("web-1", "a")]);
        check(&[("web-0", "a", Kept), ("web-1", "a", Kept), ("web-2", "a", Kept)], vec![remove("web-2")]);
    }

    #[test]
    fn a_fingerprint_ignores_replicas_and_exposes_and_sees_the_rest() {
        let service = Service { name: "web".into(), image: "a".into(), count: 1, ..Service::default() };
        let more = Service { count: 3, ..service.clone() };
        let other = Service { env: vec!["A=1".into()], ..service.clone() };
        assert_eq!(fingerprint(&service), fingerprint(&more));
        assert_ne!(fingerprint(&service), fingerprint(&other));
    }
}
