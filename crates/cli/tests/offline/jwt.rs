//! `akash jwt`.

use akash_testkit::vectors::{Report, Verdict, files, folders, label};
use serde_json::{Value, json};

use crate::home::{ADDRESS, Home, WORDS};

const PROVIDER: &str = "akash1ylunf69txnq2hm70u7m8q39x975zz8es5674w8";

/// A home with the key `alice`.
fn home() -> Home {
    let home = Home::new();
    home.run_with(&["keys", "add", "alice", "--recover"], WORDS).ok();
    home
}

fn mint(home: &Home, more: &[&str]) -> String {
    home.run(&[&["jwt", "mint", "--from", "alice"], more].concat()).ok()
}

/// The claim `leases` of a token made with these flags.
fn leases(more: &[&str]) -> Value {
    let made = home().run(&[&["jwt", "mint", "--from", "alice", "-o", "json"], more].concat()).json();
    made["claims"]["leases"].clone()
}

#[test]
fn tokens_are_those_of_the_other_client() {
    let mut report = Report::new();
    for folder in folders() {
        for file in files(&folder).iter().filter(|file| file.ends_with("jwt_tokens.ndjson")) {
            println!("{}", label(&folder, file));
            report.lines(&folder, file, |case| check_token(case).into());
        }
    }
    report.finish();
}

/// Minted anew by flags alone it is the same text, and it verifies in the three ways to name a key.
fn check_token(case: &Value) -> Result<(), String> {
    let home = Home::new();
    let text = |name: &str| case[name].as_str().unwrap().to_owned();
    let claims: Value = serde_json::from_str(&text("payload")).unwrap();
    home.run_with(&["keys", "add", "tenant", "--recover"], &text("mnemonic")).ok();
    let mut words = ["jwt", "mint", "--from", "tenant", "--algorithm"].map(str::to_owned).to_vec();
    words.push(text("alg"));
    for (flag, claim) in [("--issued-at", "iat"), ("--not-before", "nbf"), ("--expires-at", "exp"), ("--jti", "jti")] {
        match &claims[claim] {
            Value::Null => {}
            Value::String(id) => words.extend([flag.to_owned(), id.clone()]),
            number => words.extend([flag.to_owned(), number.to_string()]),
        }
    }
    let leases = &claims["leases"];
    if let Some(scopes) = leases["scope"].as_array() {
        let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str().unwrap()).collect();
        words.extend(["--scope".to_owned(), names.join(",")]);
    }
    if leases["access"] == "granular" {
        words.extend(["--permissions".to_owned(), home.file("permissions.json", leases["permissions"].to_string())]);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let minted = home.run(&words).ok();

    let (key, token) = (text("pubkey_hex"), text("token"));
    let issuer = claims["iss"].as_str().unwrap();
    for ways in [vec![], vec!["--from", "tenant"], vec!["--pubkey", &key, "--address", issuer]] {
        let at = [&["jwt", "verify", "--at", "1800000000", "-o", "json"], ways.as_slice()].concat();
        let read = home.run_with(&at, &token).json();
        if read["claims"] != claims {
            return Err(format!("claims: got {read}, expected {claims}"));
        }
    }
    match Verdict::equal("token", &minted, &token) {
        Verdict::Failed(difference) => Err(difference),
        _ => Ok(()),
    }
}

#[test]
fn access_follows_from_the_flags() {
    assert_eq!(leases(&[]), json!({"access": "full"}));
    assert_eq!(leases(&["--scope", "logs,status"]), json!({"access": "scoped", "scope": ["logs", "status"]}));
    let permission = json!({"provider": PROVIDER, "access": "full"});
    assert_eq!(leases(&["--provider", PROVIDER]), json!({"access": "granular", "permissions": [permission]}));
    let permission = json!({"provider": PROVIDER, "access": "scoped", "scope": ["shell"]});
    let flags = ["--provider", PROVIDER, "--scope", "shell", "--access", "granular"];
    assert_eq!(leases(&flags), json!({"access": "granular", "permissions": [permission]}));
    let flags = [
        "--provider",
        PROVIDER,
        "--scope",
        "shell",
        "--dseq",
        "7",
        "--gseq",
        "1",
        "--oseq",
        "2",
        "--service",
        "web,db",
    ];
    let deployment = json!({"dseq": 7, "gseq": 1, "oseq": 2, "scope": ["shell"], "services": ["web", "db"]});
    let permission = json!({"provider": PROVIDER, "access": "granular", "deployments": [deployment]});
    assert_eq!(leases(&flags), json!({"access": "granular", "permissions": [permission]}));
}

#[test]
fn time_is_chosen_and_checked() {
    let home = home();
    let made = home.run(&["jwt", "mint", "--from", "alice", "--ttl", "1h", "-o", "json"]).json();
    let claim = |name: &str| made["claims"][name].as_i64().unwrap();
    assert_eq!(claim("exp") - claim("nbf"), 3600);
    assert_eq!(claim("iat"), claim("nbf"));
    let token = mint(&home, &["--not-before", "2026-01-01T00:00:00Z", "--ttl", "15m"]);
    let verify = |at: &str| home.run_with(&["jwt", "verify", "--at", at], &token);
    assert!(verify("2026-01-01T00:14:59Z").ok().contains("everything with all leases"));
    assert!(verify("2026-01-01T00:15:00Z").failed(6).contains("expired"));
    assert!(verify("2025-12-31T23:59:59Z").failed(6).contains("not valid yet"));
    let early = ["jwt", "mint", "--from", "alice", "--not-before", "100", "--expires-at", "100"];
    assert!(home.run(&early).failed(2).contains("before it begins"));
}

#[test]
fn token_is_asked_what_it_allows() {
    let home = home();
    let flags = ["--provider", PROVIDER, "--scope", "logs", "--dseq", "7", "--service", "web"];
    let file = home.file("token", mint(&home, &flags));
    let ask = |more: &[&str]| home.run(&[&["jwt", "verify", &file, "--provider", PROVIDER], more].concat());
    ask(&["--dseq", "7", "--scope", "logs"]).ok();
    ask(&["--dseq", "7", "--gseq", "1", "--oseq", "1", "--scope", "logs"]).ok();
    assert!(ask(&["--dseq", "7", "--scope", "shell"]).failed(6).contains("does not allow shell"));
    assert!(ask(&["--dseq", "8", "--scope", "logs"]).failed(6).contains("deployment 8"));
    home.run(&["jwt", "verify", &file, "--provider", ADDRESS, "--scope", "logs"]).failed(6);
}

#[test]
fn bad_tokens_and_bad_wishes_are_refused_with_the_next_step() {
    let home = home();
    home.run(&["keys", "add", "bob"]).ok();
    let token = mint(&home, &[]);
    let refused = home.run_with(&["jwt", "verify", "--from", "bob", "-o", "json"], &token);
    let verdict: Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!((&verdict["valid"], &verdict["fault"]), (&json!(false), &json!(verdict["fault"].as_str().unwrap())));
    assert!(refused.failed(6).contains("\"kind\":\"auth\""));
    home.run_with(&["jwt", "verify", "--address", PROVIDER], &token).failed(6);
    // Who is not in the key ring must be given.
    let elsewhere = Home::new();
    assert!(elsewhere.run_with(&["jwt", "verify"], &token).failed(2).contains("--pubkey"));
    assert!(elsewhere.run_with(&["jwt", "verify", "--pubkey", "ff"], &token).failed(2).contains("public key"));
    // A token on a command line is readable by everybody on the machine.
    let shown = home.run(&["jwt", "verify", &token]).failed(2);
    assert!(shown.contains("pipe it in") && !shown.contains(&token), "{shown}");
    assert!(home.run_with(&["jwt", "verify"], "hello").failed(2).contains("three parts"));

    let refuse = |more: &[&str]| home.run(&[&["jwt", "mint", "--from", "alice"], more].concat()).failed(2);
    assert!(refuse(&["--scope", "logz"]).contains("logs"));
    assert!(refuse(&["--scope", "logs,logs"]).contains("twice"));
    assert!(refuse(&["--access", "scoped"]).contains("--scope"));
    assert!(refuse(&["--dseq", "7"]).contains("--provider"));
    assert!(refuse(&["--provider", "akash1x"]).contains("akash1x"));
    assert!(refuse(&["--ttl", "1w"]).contains("15m"));
    let file = home.file("p.json", json!([{"provider": PROVIDER, "access": "scoped", "scope": ["fly"]}]).to_string());
    assert!(refuse(&["--permissions", &file]).contains("fly"));
    let file = home.file("p.json", json!([{"provider": PROVIDER, "access": "granular"}]).to_string());
    assert!(refuse(&["--permissions", &file]).contains("must have deployments set"));
}
