//! `akash sdl`.

use std::fs;

use serde_json::{Value, json};

use crate::home::Home;
use crate::support::sample;

#[test]
fn sdl_is_checked_and_shown_in_every_form() {
    let home = Home::new();
    let file = sample().display().to_string();
    assert!(home.run(&["sdl", "validate", &file]).ok().contains("is valid: 1 group, 1 service"));
    let hash = home.run(&["sdl", "hash", &file]).ok();
    let verdict = home.run(&["sdl", "validate", &file, "-o", "json"]).json();
    assert_eq!((&verdict["valid"], &verdict["hash"]), (&json!(true), &json!(hash)));

    let manifest = home.run(&["sdl", "manifest", &file]).ok();
    let sdl = akash_sdl::read(fs::read(sample()).unwrap()).unwrap();
    assert_eq!(manifest, sdl.manifest().canonical_json());
    let input = fs::read_to_string(sample()).unwrap();
    assert_eq!(home.run_with(&["sdl", "manifest", "-", "-o", "json"], &input).ok(), manifest);
    let groups = home.run(&["sdl", "groups", &file, "-o", "json"]).json();
    let price = &groups[0]["resources"][0]["price"];
    assert_eq!(price, &json!({"denom": "uact", "amount": "1000.000000000000000000"}));
    assert!(home.run(&["sdl", "groups", &file, "-o", "yaml"]).ok().starts_with("- name: "));
}

#[test]
fn every_fault_of_an_sdl_is_shown() {
    let home = Home::new();
    let text = fs::read_to_string(sample()).unwrap();
    let bad = text.replace("count: 1", "count: many").replace("size: 32Mi", "size: 32Xi");
    let bad = home.file("bad.yaml", bad);
    let shown = home.run(&["sdl", "validate", &bad]).failed(2);
    assert!(shown.matches("error: ").count() >= 2 && shown.contains('^'), "{shown}");
    let ran = home.run(&["sdl", "validate", &bad, "-o", "json"]);
    let value: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &value["valid"]), (2, &json!(false)));
    assert!(value["errors"].as_array().unwrap().len() >= 2, "{value}");

    let odd = home.file("odd.yaml", text.replace("hello:1\n", "hello:1\n    odd: 1\n"));
    let ran = home.run(&["sdl", "validate", &odd]);
    assert!(ran.err.starts_with("warning: ") && ran.err.contains("\"odd\" is ignored"), "{}", ran.err);
    ran.ok();
}

#[test]
fn files_are_laid_out_without_a_change_of_meaning() {
    let home = Home::new();
    let text = fs::read_to_string(sample()).unwrap();
    let tidy = home.run(&["sdl", "fmt", &sample().display().to_string()]).ok();
    let widened = text.lines().map(|line| {
        let body = line.trim_start();
        let body = if body.starts_with("- ") { body.replacen("- ", "-   ", 1) } else { body.to_owned() };
        format!("{}{body}\n", " ".repeat((line.len() - line.trim_start().len()) * 2))
    });
    let wide: String = widened.collect();
    let file = home.file("wide.yaml", &wide);
    let link = home.path("link.yaml");
    std::os::unix::fs::symlink(&file, &link).unwrap();

    assert_eq!(home.run_with(&["sdl", "fmt", "-"], &wide).ok(), tidy);
    assert_eq!(home.run(&["sdl", "fmt", "--check", &file]).out, format!("{file}\n"));
    assert!(home.run(&["sdl", "fmt", "--check", &file]).failed(2).contains("--write"));
    let hash = home.run(&["sdl", "hash", &file]).ok();
    assert_eq!(
        home.run(&["sdl", "fmt", "-w", &link.display().to_string(), "-o", "json"]).json()["changed"][0],
        json!(link)
    );
    assert_eq!(fs::read_to_string(&file).unwrap().trim_end(), tidy);
    assert!(link.is_symlink());
    assert_eq!(home.run(&["sdl", "hash", &file]).ok(), hash);
    assert_eq!(home.run(&["sdl", "fmt", "--check", &file]).ok(), "");
    assert_eq!(home.run(&["sdl", "fmt", "--write", &file, "-o", "json"]).json(), json!({"changed": []}));
    assert!(!home.path("wide.yaml.new").exists());

    let bad = home.file("bad.yaml", text.replace("count: 1", "count: many"));
    assert!(home.run(&["sdl", "fmt", "-w", &bad]).failed(2).contains("count: many"));
    assert!(home.run(&["sdl", "fmt", &file, &bad]).failed(2).contains("--write"));
    assert!(home.run_with(&["sdl", "fmt", "-w", "-"], &wide).failed(2).contains("printed"));
}
