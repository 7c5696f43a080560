//! Texts that were made to exhaust the reader: each ends in an error (or an SDL), within bounds of memory and time.

#[path = "../../types/tests/support/counting.rs"]
mod counting;

use akash_proto::akash::deployment::v1beta4::{GroupSpec, ResourceUnit};
use akash_sdl::{Manifest, check_groups, read};
use counting::bounded;

const MIB: usize = 1 << 20;
/// The longest text that is read.
const LONGEST: usize = 10 * MIB;
/// A node of YAML that may take three bytes of text costs about so many times as much.
const TREE: usize = 128;
const VALID: &str = include_str!("../../../../fixtures/sdl/own/hello.yaml");

/// One test, so that nothing else allocates while it measures.
#[test]
fn hostile_texts_cost_bounded_memory_and_time() {
    let _ = read(VALID);
    nested();
    bombs();
    long();
    manifests();
    groups();
    truncated();
}

fn refused(name: &str, text: &str, factor: usize) -> String {
    let message = bounded(name, text.len(), factor, || {
        let errors = read(text).expect_err("the text is hostile");
        assert!(!errors.render("deploy.yaml", text).is_empty());
        errors.first().message.chars().take(200).collect::<String>()
    });
    assert!(!message.is_empty());
    message
}

fn nested() {
    for (open, name) in [("[", "lists"), ("{a: ", "mappings"), ("- ", "items"), ("? ", "keys"), ("!x ", "tags")] {
        let text = open.repeat(LONGEST / open.len());
        let message = refused(&format!("ten megabytes of {name} within {name}"), &text, 8);
        assert!(message.starts_with("yaml"), "{name}: {message}");
    }
    let indented: String = (0..4_500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(refused("ten megabytes of indentation", &indented, 8).contains("64 levels"));
}

fn bombs() {
    let mut laughs = "version: \"2.0\"\nservices:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..60 {
        laughs += &format!("  a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "));
    }
    refused("a billion laughs", &laughs, TREE);
    let mut merges = "version: \"2.0\"\nservices:\n  a0: &a0 {image: x}\n".to_owned();
    for level in 1..2_000 {
        merges += &format!("  a{level}: &a{level} {{<<: [*a{0}, *a{0}, *a{0}]}}\n", level - 1);
    }
    refused("merges of merges", &merges, TREE);
    let anchors: String = (0..100_000).map(|index| format!("- &a{index} x\n")).collect();
    refused("a hundred thousand anchors", &anchors, TREE);
    let one = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(100_000), "*a, ".repeat(100_000));
    refused("one long list many times", &one, TREE);
}

fn long() {
    let with = |image: &str| VALID.replacen("image:", &format!("image: {image} #"), 1);
    for (name, scalar) in [
        ("a plain scalar of eight megabytes", "x".repeat(8 * MIB)),
        ("a quoted scalar of eight megabytes", format!("\"{}\"", "\\u0041".repeat(8 * MIB / 6))),
        ("a scalar of eight megabytes without an end", format!("'{}", "x".repeat(8 * MIB))),
    ] {
        let text = with(&scalar);
        bounded(name, text.len(), 24, || read(&text).map(|sdl| sdl.manifest().hash()).is_ok());
    }
    let block = format!("a: |\n{}", "  x\n".repeat(MIB / 2));
    refused("a block scalar of half a million lines", &block, 24);
    let comment = format!("{VALID}\n#{}", "x".repeat(9 * MIB));
    bounded("a comment of nine megabytes", comment.len(), 24, || read(&comment).is_ok());
    let keys: String = (0..200_000).map(|index| format!("k{index}: x\n")).collect();
    refused("two hundred thousand unknown keys", &keys, TREE);
    let services: String = (0..50_000).map(|index| format!("  s{index}: {{count: many, port: x}}\n")).collect();
    refused("a hundred thousand faults", &format!("version: \"2.0\"\nservices:\n{services}"), TREE);
    for (name, piece) in [("colons", ": "), ("lines", "\n"), ("dashes", "---\n"), ("quotes", "'"), ("stars", "*a ")] {
        refused(&format!("four megabytes of {name}"), &piece.repeat(4 * MIB / piece.len()), TREE);
    }
    assert!(refused("a text that is too long", &" ".repeat(LONGEST + 1), 0).contains("longer than"));
}

fn manifests() {
    for (name, text) in [
        ("a manifest nested without end", "[".repeat(LONGEST)),
        ("a manifest of empty groups", format!("[{}{{}}]", "{},".repeat(3 * MIB))),
        ("a manifest of empty services", format!("[{{\"services\":[{}{{}}]}}]", "{},".repeat(MIB))),
        ("a manifest with a long text", format!("[{{\"name\":\"{}\"}}]", "<".repeat(9 * MIB))),
        ("a manifest of unknown members", format!("[{{\"x\":[{}0]}}]", "0,".repeat(4 * MIB))),
        ("a manifest that is too long", " ".repeat(LONGEST + 1)),
    ] {
        bounded(name, text.len(), TREE, || {
            let manifest = Manifest::from_json(text.as_bytes()).ok()?;
            assert!(akash_sdl::check_manifest(&manifest).is_err());
            Some(manifest.hash())
        });
    }
}

/// A long name in the text of each of many faults.
fn groups() {
    let group =
        GroupSpec { name: "x".repeat(MIB), resources: vec![ResourceUnit::default(); 10_000], ..GroupSpec::default() };
    let groups = [group];
    bounded("a long name and ten thousand faults", MIB, 8, || check_groups(&groups).expect_err("nothing has a price"));
    let unit = "c: {resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: {size: 1Gi}}}";
    let name = "x".repeat(MIB);
    let mut text = VALID.split("profiles:").next().unwrap_or_default().to_owned();
    text += &format!("profiles:\n  compute:\n    {unit}\n  placement:\n    {name}:\n      pricing:\n");
    text += &"        c: {denom: uakt, amount: 99999999999}\n".repeat(1_000);
    refused("a long name and a thousand prices", &text, 64);
}

fn truncated() {
    bounded("a valid text cut off at every byte", VALID.len(), 512, || {
        for end in 0..VALID.len() {
            let _ = read(&VALID.as_bytes()[..end]);
        }
    });
    let manifest = read(VALID).expect("the text is valid").manifest().canonical_json();
    for end in 0..manifest.len() {
        assert!(Manifest::from_json(&manifest.as_bytes()[..end]).is_err());
    }
}
