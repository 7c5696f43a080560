//! The life of a lease in the words of the Go client: provider, audit, certificate, deployment, bid, lease, close.

use serde_json::Value;

use crate::network::Network;
use crate::support::sample;

const PROVIDER: &str = "\
host: https://provider.example.com:8443
info:
  email: someone@example.com
  website: example.com
attributes:
  - key: region
    value: eu-west
";

pub fn check(network: &Network) {
    network.run(&["keys", "add", "provider", "--no-backup"]).ok();
    let (tenant, provider) = (network.address("node0"), network.address("provider"));
    network.send(&format!("bank send node0 {provider} 50000000uakt"));

    let file = network.file("provider.yaml", PROVIDER);
    network.send(&format!("provider create {file} --from provider"));
    assert_eq!(network.query(&format!("provider get {provider}"))["attributes"][0]["value"], "eu-west");
    let changed = network.file("changed.yaml", &PROVIDER.replace("eu-west", "us-east"));
    network.send(&format!("provider update {changed} --from provider"));
    network.send(&format!("audit attr create {provider} region us-east --from node0"));
    let attested = network.query(&format!("audit get {provider}"));
    assert_eq!(attested["providers"][0]["attributes"][0]["value"], "us-east");
    network.send(&format!("audit attr delete {provider} region --from node0"));

    certificate(network, &tenant);
    granted_deposit(network, &tenant);

    let sdl = sample().display().to_string();
    network.send(&format!("deployment create {sdl} --dseq 77 --deposit 5000000uact --from node0"));
    let listed = network.query(&format!("deployment list --owner {tenant} --state active"));
    assert_eq!(listed["deployments"][0]["deployment"]["id"]["dseq"], "77");
    let order = network.query(&format!("market order get --owner {tenant} --dseq 77"));
    assert_eq!(order["state"], "open");
    network.send(&format!(
        "market bid create --owner {tenant} --dseq 77 --price 1uact --deposit 500000uakt --from provider \
         --reclamation-window 24h"
    ));
    let bids = network.query(&format!("market bid list --owner {tenant} --dseq 77 --state open"));
    assert_eq!(bids["bids"][0]["bid"]["reclamation_window"], "86400s");
    assert_eq!(bids["bids"][0]["bid"]["id"]["provider"], provider.as_str());
    network.send(&format!("market lease create --dseq 77 --provider {provider} --from node0"));
    let lease = network.query(&format!("market lease get --owner {tenant} --dseq 77 --provider {provider}"));
    assert_eq!(lease["lease"]["state"], "active");
    let left = network.query(&format!("escrow blocks-remaining --owner {tenant} --dseq 77"));
    assert!(left["blocks_remaining"].as_str().unwrap().parse::<u64>().unwrap() > 1_000_000, "{left}");

    let open = network.query(&format!("escrow accounts open deployment/{tenant}"));
    assert_eq!(open["accounts"].as_array().map(Vec::len), Some(1), "{open}");

    network.send("escrow deposit deployment 1000000uact --dseq 77 --from node0");
    network.send("deployment deposit 1000000uact --dseq 77 --from node0");
    network.send(&format!("market lease withdraw --owner {tenant} --dseq 77 --provider {provider} --from provider"));
    assert!(network.try_send(&format!("deployment update {sdl} --dseq 77 --from node0")).code == 5, "the same version");
    let text = std::fs::read_to_string(sample()).unwrap();
    let newer = network.file("newer.yaml", &text.replace("hello:1", "hello:2"));
    network.send(&format!("deployment update {newer} --dseq 77 --from node0"));
    let larger = network.file("larger.yaml", &text.replace("count: 1", "count: 2"));
    let refused = network.try_send(&format!("deployment update {larger} --dseq 77 --from node0"));
    assert!(refused.failed(2).contains("groups differ"));
    network.send(&format!("market lease close --dseq 77 --provider {provider} --from node0"));
    network.send("deployment close --dseq 77 --from node0");
    given_back(network, &tenant, &provider, &sdl);
    let closed = network.query(&format!("deployment get --owner {tenant} --dseq 77"));
    assert_eq!(closed["deployment"]["state"], "closed");
    network.try_send("deployment close --dseq 77 --from node0").failed(5);
    let one = network.try_send(&format!("deployment create {sdl} --from node0 --deposit 1uact"));
    let response: Value = serde_json::from_str(&one.out).unwrap_or_default();
    assert!(one.code == 5 || one.code == 10, "{}{response}", one.err);
    network.send("provider delete --from provider");
}

/// A provider closes a lease without a reason of its own.
fn given_back(network: &Network, tenant: &str, provider: &str, sdl: &str) {
    network.send(&format!("deployment create {sdl} --dseq 78 --deposit 5000000uact --from node0"));
    let bid = format!("--owner {tenant} --dseq 78 --from provider");
    network.send(&format!("market bid create {bid} --price 1uact --deposit 500000uakt"));
    network.send(&format!("market lease create --dseq 78 --provider {provider} --from node0"));
    network.send(&format!("market bid close {bid}"));
    let lease = network.query(&format!("market lease get --owner {tenant} --dseq 78 --provider {provider}"));
    assert_eq!(lease["lease"]["reason"], "lease_closed_reason_decommission");
    network.send("deployment close --dseq 78 --from node0");
}

fn certificate(network: &Network, tenant: &str) {
    network.run(&["tx", "cert", "generate", "client", "--from", "node0"]).ok();
    assert!(network.run(&["tx", "cert", "generate", "client", "--from", "node0"]).failed(7).contains("--overwrite"));
    network.send("cert publish client --from node0");
    let listed = network.query(&format!("cert list --owner {tenant} --state valid"));
    assert_eq!(listed["certificates"].as_array().unwrap().len(), 1);
    network.send("cert revoke client --from node0");
    assert_eq!(
        network.query(&format!("cert list --owner {tenant} --state valid"))["certificates"],
        Value::Array(vec![])
    );
}

/// A deployment of one account, paid for by another.
fn granted_deposit(network: &Network, payer: &str) {
    let bob = network.address("bob");
    network.send(&format!("authz grant {bob} deposit --spend-limit 900000uact --from node0"));
    let sdl = sample().display().to_string();
    let create = format!("deployment create {sdl} --dseq 501 --deposit 500000uact --from bob");
    network.try_send(&format!("{create} --deposit-sources balance")).failed(10);
    network.send(&create);
    let left = network.query(&format!("authz grants {payer} {bob}"));
    assert_eq!(left["grants"][0]["authorization"]["spend_limits"][0]["amount"], "400000");
    network.send("deployment close --dseq 501 --from bob");
}
