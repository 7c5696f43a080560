//! The commands in the documents are those that work: the README's words are run, and the test command is what CI runs.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod support;

use std::fs;

use support::{Cloud, akash, containers_possible, repository};

/// The commands of all `sh` blocks of a document.
fn commands(document: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join(document)).unwrap();
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            command if inside && !command.is_empty() => found.push(command.to_owned()),
            _ => {}
        }
    }
    found
}

/// The words after `cargo run --bin akash --`.
fn words(command: &str) -> Option<Vec<&str>> {
    command.strip_prefix("cargo run --bin akash -- ").map(|words| words.split_whitespace().collect())
}

#[test]
fn readme_has_two_commands_and_ci_runs_the_second() {
    let commands = commands("README.md");
    assert_eq!(commands[0], "cargo run --bin akash -- up --deploy examples/hello/deploy.yaml");
    assert_eq!(commands.last().unwrap(), "cargo test --workspace");
    let ci = fs::read_to_string(repository().join(".ci/run")).unwrap();
    assert!(ci.lines().any(|line| line == "cargo test --workspace"), "CI does not run the README's test command");
}

#[test]
fn readme_commands_work_in_their_order() {
    if !containers_possible() {
        return;
    }
    let commands = commands("README.md");
    let mut all = commands.iter().filter_map(|command| words(command));
    let up = all.next().unwrap();
    assert_eq!(up[0], "up");
    let mut cloud = Cloud::new();
    let file = repository().join(up[2]);
    cloud.spawn(&[up[1], file.to_str().unwrap()]);
    assert!(cloud.event("page")["body"].as_str().unwrap().contains("hello from Akash"));
    let rest: Vec<_> = all.collect();
    assert_eq!(rest.len(), 3, "{rest:?}");
    for mut words in rest {
        if words[0] == "close" {
            words.push("--yes");
        }
        cloud.ok(&words);
    }
    cloud.stop();
}

#[test]
fn every_command_of_the_readme_table_exists() {
    let text = fs::read_to_string(repository().join("README.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `akash "));
    let names: Vec<&str> = rows.map(|row| row.split([' ', '`']).next().unwrap()).collect();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        let output = akash().args([name, "--help"]).output().unwrap();
        assert!(output.status.success(), "akash {name} --help");
    }
}
