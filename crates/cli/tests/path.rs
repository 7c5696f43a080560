//! The main job from outside: up, deploy, a page through the ingress, logs, close, exact money, nothing left.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod support;

use support::chain::{balance, check_supply, owed};
use support::traces::Traces;
use support::{Cloud, containers_possible, get, host_of, sample, wait_for, wait_for_nothing_beyond};

#[test]
fn file_becomes_a_page_and_closing_gives_the_rest_back() {
    if !containers_possible() {
        return;
    }
    let mut cloud = Cloud::new();
    let before = Traces::of(cloud.home.path());
    let ready = cloud.up();
    let tenant = ready["tenant"].as_str().unwrap().to_owned();
    let rpc = cloud.rpc();
    let idle = Traces::of(cloud.home.path());
    let funds = balance(&rpc, &tenant, "uact");

    let file = sample();
    let url = cloud.ok(&["deploy", "--yes", file.to_str().unwrap()]);
    assert!(url.starts_with("http://") && url.lines().count() == 1, "not one URL alone: {url}");
    let host = host_of(&url).to_owned();
    let (status, page) = get(cloud.ingress(), &host, "/").unwrap();
    assert_eq!(status, 200);
    assert!(page.contains("hello from Akash"), "{page}");
    assert!(cloud.ok(&["logs"]).contains("GET / 200"));
    assert_eq!(get(cloud.ingress(), "nobody.localhost", "/").unwrap().0, 404);

    let listed = cloud.json(&["ls"]);
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    let dseq = listed[0]["dseq"].as_u64().unwrap().to_string();
    assert_eq!(cloud.json(&["status", &dseq])["urls"][0], url);
    cloud.ok(&["close", "--yes", &dseq]);

    let spent = funds - balance(&rpc, &tenant, "uact");
    assert_eq!(spent, owed(&rpc, &tenant));
    check_supply(&rpc);
    assert_eq!(cloud.json(&["ls"]).as_array().unwrap().len(), 0);
    wait_for("the route to go", || (get(cloud.ingress(), &host, "/").ok()?.0 == 404).then_some(()));
    wait_for_nothing_beyond(&cloud, &idle);
    cloud.stop();
    wait_for_nothing_beyond(&cloud, &before);
}

#[test]
fn up_with_deploy_shows_the_page_and_a_second_run_resumes() {
    if !containers_possible() {
        return;
    }
    let file = sample();
    let flags = ["--deploy", file.to_str().unwrap()];
    let mut cloud = Cloud::new();
    cloud.spawn(&flags);
    let first = cloud.event("page");
    assert_eq!(first["status"], 200);
    assert!(first["body"].as_str().unwrap().contains("hello from Akash"), "{first}");
    cloud.stop();

    cloud.spawn(&flags);
    let second = cloud.event("page");
    assert_eq!(second["url"], first["url"]);
    assert_eq!(cloud.json(&["ls"]).as_array().unwrap().len(), 1, "the same file was deployed twice");
    cloud.stop();
}
