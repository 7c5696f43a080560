//! Plans: scheduled, replaced, cancelled, asked for.

use akash_cosmos::upgrade;
use akash_kernel::testing::Bench;
use akash_proto::cosmos::upgrade::v1beta1::{
    MsgCancelUpgrade, MsgSoftwareUpgrade, Plan, QueryAppliedPlanRequest, QueryAppliedPlanResponse,
    QueryAuthorityRequest, QueryAuthorityResponse, QueryCurrentPlanRequest, QueryCurrentPlanResponse,
    QueryModuleVersionsRequest, QueryModuleVersionsResponse,
};
use akash_types::address::Address;
use prost_types::Timestamp;
use serde_json::json;

use crate::bench::{address, ask, modules, refused, run, with_genesis};

fn authority() -> String {
    Address::module("gov").to_string()
}

fn schedule(name: &str, height: i64) -> MsgSoftwareUpgrade {
    let plan = Plan { name: name.to_owned(), height, ..Plan::default() };
    MsgSoftwareUpgrade { authority: authority(), plan: Some(plan) }
}

fn chain() -> Bench {
    let mut bench = with_genesis(json!({ "auth": {} })).expect("a sound genesis");
    bench.block.height = 10;
    bench
}

fn current(bench: &Bench) -> Option<Plan> {
    let path = "/cosmos.upgrade.v1beta1.Query/CurrentPlan";
    let answer: QueryCurrentPlanResponse = ask(bench, path, &QueryCurrentPlanRequest {}).expect("an answer");
    answer.plan
}

#[test]
fn later_plan_replaces_the_earlier_one_and_can_be_cancelled() {
    let mut bench = chain();
    run(&mut bench, &schedule("v2", 20)).expect("by the authority");
    run(&mut bench, &schedule("v3", 30)).expect("by the authority");
    bench.commit();
    let plan = current(&bench).expect("scheduled");
    assert_eq!((plan.name.as_str(), plan.height), ("v3", 30));
    #[expect(deprecated, reason = "clients read Go's form of no time")]
    let time = plan.time;
    assert_eq!(time, Some(Timestamp { seconds: -62_135_596_800, nanos: 0 }));
    let cancel = MsgCancelUpgrade { authority: authority() };
    run(&mut bench, &cancel).expect("by the authority");
    run(&mut bench, &cancel).expect("nothing to cancel is no failure");
    bench.commit();
    assert_eq!(current(&bench), None);
}

#[test]
#[expect(deprecated, reason = "the old field is refused by name")]
fn unsound_plans_are_refused() {
    let mut bench = chain();
    let stranger = MsgSoftwareUpgrade { authority: address(1).to_string(), ..schedule("v2", 20) };
    let expected = format!(
        "upgrade/6: expected {} got {}: expected authority account as only signer for proposal message",
        authority(),
        address(1)
    );
    assert_eq!(refused(&mut bench, &stranger), expected);
    let time = Some(Timestamp { seconds: 1, nanos: 0 });
    let timed = Plan { name: "v2".to_owned(), height: 20, time, ..Plan::default() };
    let cases = [
        (schedule("", 20), "sdk/18: name cannot be empty: invalid request"),
        (schedule("v2", 0), "sdk/18: height must be greater than 0: invalid request"),
        (schedule("v2", 9), "sdk/18: upgrade cannot be scheduled in the past: invalid request"),
        (
            MsgSoftwareUpgrade { authority: authority(), plan: Some(timed) },
            "sdk/18: time-based upgrades have been deprecated in the SDK: invalid request",
        ),
    ];
    for (message, expected) in cases {
        assert_eq!(refused(&mut bench, &message), expected);
    }
}

#[test]
fn name_is_used_once() {
    let mut bench = chain();
    run(&mut bench, &schedule("v2", 10)).expect("this height is no past");
    let plan = upgrade::api::plan(&mut bench.ctx()).expect("readable").expect("scheduled");
    upgrade::api::done(&mut bench.ctx(), &plan).expect("written");
    assert_eq!(
        refused(&mut bench, &schedule("v2", 20)),
        "sdk/18: upgrade with name v2 has already been completed: invalid request"
    );
    bench.commit();
    let applied = |name: &str| {
        let request = QueryAppliedPlanRequest { name: name.to_owned() };
        let path = "/cosmos.upgrade.v1beta1.Query/AppliedPlan";
        ask::<_, QueryAppliedPlanResponse>(&bench, path, &request).expect("an answer").height
    };
    assert_eq!((applied("v2"), applied("v9")), (10, 0));
}

#[test]
fn versions_and_authority_are_told() {
    let mut bench = chain();
    upgrade::api::set_versions(&mut bench.ctx(), &modules().versions()).expect("written");
    bench.commit();
    let path = "/cosmos.upgrade.v1beta1.Query/ModuleVersions";
    let versions = |name: &str| {
        let request = QueryModuleVersionsRequest { module_name: name.to_owned() };
        ask::<_, QueryModuleVersionsResponse>(&bench, path, &request)
    };
    let all = versions("").expect("an answer").module_versions;
    assert_eq!(all.len(), modules().versions().len());
    assert!(all.is_sorted_by_key(|entry| entry.name.clone()));
    assert_eq!(versions("bank").expect("an answer").module_versions[0].version, 1);
    let text = versions("nothing").unwrap_err().text;
    assert_eq!(text, "x/upgrade: QueryModuleVersions module nothing not found: module version not found");
    let path = "/cosmos.upgrade.v1beta1.Query/Authority";
    let told: QueryAuthorityResponse = ask(&bench, path, &QueryAuthorityRequest {}).expect("an answer");
    assert_eq!(told.address, authority());
}
