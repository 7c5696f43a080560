//! The tree of commands as a whole: everything is explained, and everything that was promised is there.

use clap::{Command, CommandFactory};

use super::Cli;

/// Every command with its words, groups among them.
fn walk(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        let path = format!("{path} {}", inner.get_name());
        found.push((path.clone(), inner.clone()));
        walk(inner, &path, found);
    }
}

fn tree() -> Vec<(String, Command)> {
    let mut root = Cli::command();
    root.build();
    let mut found = Vec::new();
    walk(&root, "akash", &mut found);
    found
}

#[test]
fn definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_is_explained_and_shown_by_an_example() {
    let mut bare = Vec::new();
    for (path, command) in tree() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        if about.len() < 8 || about.starts_with("Flags of") {
            bare.push(format!("{path}: nothing says what it does"));
        }
        let is_group = command.has_subcommands();
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        if !is_group && !["akash version"].contains(&path.as_str()) && !after.contains("akash ") {
            bare.push(format!("{path}: no example"));
        }
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            if arg.get_help().is_none() {
                bare.push(format!("{path}: {} is not explained", arg.get_id()));
            }
        }
    }
    assert!(bare.is_empty(), "{}", bare.join("\n"));
}

/// What scripts written for the Go client call, and what our own documents promise.
const PROMISED: &str = "
init; start; testnet init; status; version; config explain
genesis add-account; genesis add-validator; genesis validate
node export; node rollback; node reindex; node check-invariants; export; rollback; comet show-node-id
query bank balances; query bank balance; query bank total-supply; query bank denom-metadata; query bank params
query auth account; query auth accounts; query auth module-accounts; query auth params
query authz grants; query authz grants-by-grantee; query authz grants-by-granter
query feegrant grant; query feegrant grants-by-grantee; query feegrant grants-by-granter
query upgrade plan; query upgrade applied; query upgrade module-versions; query consensus params
query deployment list; query deployment get; query deployment group get; query deployment params
query market order list; query market order get; query market bid list; query market bid get
query market lease list; query market lease get; query market params; query market provider-lease-stats
query provider list; query provider get; query audit list; query audit get; query cert list
query escrow blocks-remaining; query escrow accounts; query escrow payments; query take params
query tx; query txs; query block; query blocks; query block-results
tx decode; tx encode; tx sign; tx multisign; tx validate-signatures; tx broadcast
tx bank send; tx bank multi-send; tx authz grant; tx authz exec; tx authz revoke
tx feegrant grant; tx feegrant revoke
tx vesting create-vesting-account; tx vesting create-permanent-locked-account
tx vesting create-periodic-vesting-account
tx deployment create; tx deployment update; tx deployment close; tx deployment deposit
tx deployment group close; tx deployment group pause; tx deployment group start; tx escrow deposit
tx market bid create; tx market bid close
tx market lease create; tx market lease close; tx market lease withdraw
tx provider create; tx provider update; tx provider delete; tx audit attr create; tx audit attr delete
tx cert generate client; tx cert generate server; tx cert publish client; tx cert publish server
tx cert revoke client; tx cert revoke server
";

#[test]
fn every_promised_command_is_there() {
    let there: Vec<String> = tree().into_iter().map(|(path, _)| path).collect();
    let promised = PROMISED.split([';', '\n']).map(str::trim).filter(|path| !path.is_empty());
    let missing: Vec<&str> = promised.filter(|path| !there.contains(&format!("akash {path}"))).collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The flags that every transaction of the Go client takes.
const TX_FLAGS: &str = "from chain-id node gas gas-adjustment gas-prices fees fee-payer fee-granter note \
    keyring-backend keyring-dir output broadcast-mode generate-only offline account-number sequence \
    timeout-height unordered timeout-duration sign-mode yes dry-run";

#[test]
fn every_transaction_takes_the_flags_of_the_go_client() {
    let offline = ["decode", "encode", "sign", "multisign", "validate-signatures", "broadcast"];
    for (path, command) in tree() {
        let Some(rest) = path.strip_prefix("akash tx ") else { continue };
        if command.has_subcommands() || offline.contains(&rest) {
            continue;
        }
        let flags: Vec<&str> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
        for flag in TX_FLAGS.split_whitespace() {
            assert!(flags.contains(&flag), "{path} has no --{flag}");
        }
    }
}
