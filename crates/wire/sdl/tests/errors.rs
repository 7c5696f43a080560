//! What a person sees: every fault with its place, the line, a caret and advice.

use akash_sdl::read;
use expect_test::expect;

const FAULTY: &str = r#"version: "2.0"
services:
  Web:
    image: ""
    env: ["1=a"]
    expose:
      - port: "80"
        to:
          - global: true
            ip: nope
profiles:
  compute:
    web:
      resources:
        cpu: {units: 1k}
        memory: {size: 16GB}
        storage: {size: 1Gi}
  placement:
    dc:
      pricing:
        web: {denom: uakt, amount: 1}
deployment:
  Web:
    dc: {profile: web, count: 1}
  api:
    dc: {profile: wob, count: 1}
"#;

#[test]
fn all_faults_are_shown_with_their_places() {
    let errors = read(FAULTY).expect_err("the text has faults");
    expect![[r#"
        error: yaml: line 7: cannot unmarshal !!str `80` into uint32
         --> deploy.yaml:7:15
          |
        7 |       - port: "80"
          |               ^^^^
          = help: write a whole number from 0 to 4294967295 without quotes
        error: strconv.ParseFloat: parsing "1k": invalid syntax
          --> deploy.yaml:15:22
           |
        15 |         cpu: {units: 1k}
           |                      ^^
           = help: write CPUs as a number such as 0.5, or milli-CPUs such as 500m
        error: strconv.ParseFloat: parsing "16GB": invalid syntax
          --> deploy.yaml:16:24
           |
        16 |         memory: {size: 16GB}
           |                        ^^^^
           = help: did you mean `16G`?
        error: SDL invalid: error on service "Web" no endpoint named "nope" exists
          --> deploy.yaml:10:17
           |
        10 |             ip: nope
           |                 ^^^^
           = help: declare it under `endpoints` with `kind: ip`
        error: SDL invalid: api.dc: no compute profile named wob
          --> deploy.yaml:26:19
           |
        26 |     dc: {profile: wob, count: 1}
           |                   ^^^
           = help: the compute profiles are web
        error: SDL invalid: api.dc: no service profile named api
          --> deploy.yaml:26:5
           |
        26 |     dc: {profile: wob, count: 1}
           |     ^^
           = help: the services are Web
        error: invalid manifest: service "Web" name is invalid
         --> deploy.yaml:3:3
          |
        3 |   Web:
          |   ^^^
          = help: a name has lower-case letters, digits and inner dashes, and begins with a letter
        error: invalid manifest: service "Web" has empty image name
         --> deploy.yaml:4:12
          |
        4 |     image: ""
          |            ^^
          = help: write `image: NAME:TAG`
        error: invalid manifest: service "Web" defines an env. var. with an invalid name "1"
         --> deploy.yaml:5:11
          |
        5 |     env: ["1=a"]
          |           ^^^^^
          = help: write NAME=value; a name has letters, digits and - . _ and does not begin with a digit
    "#]]
    .assert_eq(&errors.render("deploy.yaml", FAULTY));
}

#[test]
fn unknown_keys_are_warned_about() {
    let text = include_str!("../../../../fixtures/sdl/own/hello.yaml").replace("    env:", "    port: 80\n    env:");
    let sdl = read(&text).expect("unknown keys are ignored");
    let warnings: Vec<String> = sdl.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["5:5: unknown key \"port\" is ignored"]);
}

#[test]
fn a_long_line_is_shown_in_part_and_many_faults_in_part() {
    let keys: String = (0..5000).map(|index| format!("k{index}: 0, ")).collect();
    let text = format!("{{version: \"2.0\", {keys}}}");
    let errors = read(&text).expect_err("the keys are unknown");
    assert_eq!(errors.iter().count(), 1000);
    let shown = errors.render("deploy.yaml", &text);
    assert!(shown.lines().all(|line| line.chars().count() < 200));
    let lines: Vec<&str> = shown.lines().collect();
    for block in lines.chunks_exact(6) {
        let caret = block[4].find('^').expect("there is a caret");
        assert!(block[3][caret..].starts_with('k'), "{block:?}");
    }
}
