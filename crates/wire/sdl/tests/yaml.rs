//! YAML texts on which parsers differ: the value is the reference's, or the text is refused.

use akash_sdl::{Errors, Sdl, read};

const VALID: &str = include_str!("../../../../fixtures/sdl/own/hello.yaml");

/// An SDL whose text ends with the value of `args[0]`.
fn with_last_argument(value: &str) -> Result<Sdl, Errors> {
    let (head, tail) = VALID.split_once("services:\n").expect("the fixture has services");
    let (services, rest) = tail.split_once("profiles:\n").expect("the fixture has profiles");
    read(format!("{head}profiles:\n{rest}services:\n{services}    args:\n      - {value}"))
}

fn last_argument(value: &str) -> String {
    let sdl = with_last_argument(value).unwrap_or_else(|errors| panic!("{value:?}: {errors}"));
    let services = &sdl.manifest().groups[0].services;
    services[0].args.clone().expect("there are arguments")[0].clone()
}

#[test]
fn the_last_block_scalar_ends_as_its_text_does() {
    for (value, expected) in [
        ("|\n        a\n        b\n", "a\nb\n"),
        ("|\n        a\n        b", "a\nb"),
        ("|+\n        a\n        b", "a\nb"),
        ("|-\n        a\n        b", "a\nb"),
        (">\n        a\n        b", "a b"),
        (">\n        a\n        b\n", "a b\n"),
        ("|\n        a\n# b", "a\n"),
    ] {
        assert_eq!(last_argument(value), expected, "{value:?}");
    }
}

#[test]
fn ambiguous_texts_are_refused() {
    for value in ["|\n", "?a", "@a", "%a", "`a", "!!str ~", "|\n        # a\n# a", "!other a", "*nowhere"] {
        assert!(with_last_argument(value).is_err(), "{value:?}");
    }
    assert!(read(VALID.replace("  web:\n    image", "\tweb:\n    image")).is_err());
    assert!(read(VALID.replace("    env:\n", "    : x\n    env:\n")).is_err());
}

#[test]
fn plain_texts_keep_what_was_written() {
    for value in
        ["1e3", "0x1F", "1.0", "on", "2001-01-01", "a: b".replace(": ", ":").as_str(), "a#b", "http://x", "!!str 1"]
    {
        assert_eq!(last_argument(value), value.trim_start_matches("!!str "));
    }
    assert_eq!(last_argument("\"\\u2028\\x41\""), "\u{2028}A");
    assert_eq!(last_argument("'it''s'"), "it's");
}
