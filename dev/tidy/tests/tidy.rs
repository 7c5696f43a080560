//! The rules over the whole repository, against the debts on record.

use akash_tidy::repository::{root, sources};
use akash_tidy::zones::ARROWS;
use akash_tidy::{Finding, leftovers, ratchet, sizes, zones};

#[test]
fn nothing_breaks_a_house_rule() {
    let root = root();
    let rust: Vec<_> =
        ["crates", "dev", "examples"].iter().flat_map(|folder| sources(&root, folder, &[".rs"])).collect();
    let texts = ["docs", "examples", ".ci"].iter().flat_map(|folder| sources(&root, folder, &[".md", ".yaml", "run"]));
    assert!(rust.len() > 20, "only {} Rust files found", rust.len());

    let mut findings: Vec<Finding> = rust.iter().flat_map(sizes::check).collect();
    findings.extend(rust.iter().flat_map(zones::check_words));
    findings.extend(rust.iter().flat_map(leftovers::check));
    findings.extend(texts.flat_map(|text| leftovers::check(&text)));
    for (folder, _, _) in ARROWS {
        let manifest = std::fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap();
        findings.extend(zones::check_manifest(folder, &manifest));
    }

    let record = std::fs::read_to_string(root.join("dev/tidy/debts.txt")).unwrap();
    let report = ratchet::compare(&ratchet::parse(&record), &findings);
    assert!(report.is_empty(), "\n{report}");
}
