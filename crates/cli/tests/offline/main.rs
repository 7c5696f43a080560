//! The commands that need no network, as a person or a script runs them: what they print, where, and their exit codes.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod cosmjs;
mod exit_codes;
mod guide;
mod home;
mod jwt;
mod keys;
mod sdl;
#[path = "../support/mod.rs"]
mod support;
mod tx;

use home::Home;

#[test]
fn program_tells_of_itself() {
    let home = Home::new();
    assert_eq!(home.run(&["version"]).ok(), env!("CARGO_PKG_VERSION"));
    assert_eq!(home.run(&["version", "-o", "json"]).json()["name"], "akash");
    for shell in ["bash", "zsh", "fish"] {
        let script = home.run(&["completions", shell]).ok();
        assert!(script.contains("validate-signatures"), "{shell}");
    }
}
