//! Input that was made to break a parser: it must end in an error, soon (each of these would run for
//! hours if a bound were missing), without a panic.

use akash_sdl::{Manifest, read};
use proptest::prelude::*;

const VALID: &str = include_str!("../../../../fixtures/sdl/own/hello.yaml");
fn refused(text: &str) -> String {
    read(text).expect_err("the text is hostile").first().message.clone()
}

#[test]
fn deep_nesting_is_refused() {
    for (open, count) in [("[", 1_000_000), ("{a: ", 250_000), ("- ", 400_000)] {
        let message = refused(&open.repeat(count));
        assert!(message.starts_with("yaml:"), "{message}");
    }
    let indented: String = (0..1000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert_eq!(refused(&indented), "yaml: nested deeper than 64 levels");
}

#[test]
fn aliases_do_not_multiply() {
    let mut laughs = "version: \"2.0\"\nservices:\n  a0: &a0 {image: x, env: [a, b, c, d, e, f, g, h]}\n".to_owned();
    for level in 1..30 {
        let below = level - 1;
        laughs += &format!("  a{level}: &a{level} {{<<: [*a{below}, *a{below}, *a{below}, *a{below}]}}\n");
    }
    refused(&laughs);

    let list = format!("version: \"2.0\"\nservices:\n  a: &a\n    image: x\n    env: [{}]\n", "A, ".repeat(50_000));
    let many: String = (0..50_000).map(|index| format!("  s{index}: *a\n")).collect();
    assert_eq!(refused(&(list + &many)), "yaml: document contains excessive aliasing");
}

#[test]
fn an_anchor_within_itself_is_refused() {
    refused("version: \"2.0\"\nservices: &a\n  web: *a\n");
    refused("version: \"2.0\"\nservices:\n  web: &a\n    <<: *a\n");
}

#[test]
fn the_longest_text_is_bounded() {
    assert!(refused(&" ".repeat(10 * 1024 * 1024 + 1)).contains("longer than"));
}

#[test]
fn large_texts_are_read() {
    let env: String = (0..50_000).map(|index| format!("      - V{index}=x\n")).collect();
    let text = VALID.replace("    env:\n", &format!("    env:\n{env}"));
    assert!(read(&text).is_ok());

    let keys: String = (0..50_000).map(|index| format!("k{index}: x\n")).collect();
    assert!(refused(&format!("version: \"2.0\"\n{keys}")).starts_with("sdl: unexpected field"));
}

#[test]
fn texts_that_are_no_text_are_refused() {
    for bytes in [&b"\xff\xfe"[..], b"version: \"2.0\"\nservices: \x00", b"\xef\xbb\xbf", b"a: \xe2\x80\xa8b"] {
        assert!(read(bytes).is_err());
    }
}

#[test]
fn every_truncation_ends_in_a_verdict() {
    for end in (0..VALID.len()).filter(|end| VALID.is_char_boundary(*end)) {
        let text = &VALID[..end];
        if let Err(errors) = read(text) {
            assert!(!errors.render("deploy.yaml", text).is_empty());
        }
    }
}

#[test]
fn a_deep_manifest_is_refused() {
    assert!(Manifest::from_json("[".repeat(1_000_000).as_bytes()).is_err());
    assert!(Manifest::from_json(b"[{\"services\":[{\"count\":-1}]}]").is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = Manifest::from_json(&bytes);
    }

    #[test]
    fn no_yaml_like_text_makes_it_panic(text in "(version: \"2.[01]\"\n)?[-a-z0-9:{}\\[\\],&*#|>!'\"\n\t %<]{0,300}") {
        if let Err(errors) = read(&text) {
            prop_assert!(!errors.render("deploy.yaml", &text).is_empty());
        }
    }

    #[test]
    fn no_change_of_a_valid_text_makes_it_panic(
        at in 0..VALID.len(),
        insert in "[-a-z0-9:{}\\[\\],&*|>! \n]{0,6}",
        remove in 0..20_usize,
    ) {
        let end = (at + remove).min(VALID.len());
        let text = format!("{}{insert}{}", &VALID[..at], &VALID[end..]);
        match read(&text) {
            Ok(sdl) => {
                let json = sdl.manifest().canonical_json();
                let again = Manifest::from_json(json.as_bytes()).expect("own output is valid");
                prop_assert_eq!(again.canonical_json(), json);
            }
            Err(errors) => prop_assert!(!errors.render("deploy.yaml", &text).is_empty()),
        }
    }
}
