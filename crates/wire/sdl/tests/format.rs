//! One layout, the same meaning: over all recorded files that are accepted, and on what YAML allows beside.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use akash_sdl::{format, read};
use akash_testkit::vectors::{Report, Verdict, files, folders, label};
use expect_test::{Expect, expect};
use proptest::prelude::*;

const VALID: &str = include_str!("../../../../fixtures/sdl/own/hello.yaml");

#[test]
fn every_recorded_file_means_the_same_afterwards() {
    let mut report = Report::new();
    for folder in folders() {
        for file in files(&folder.join("sdl")).iter().filter(|file| file.extension().is_some_and(|end| end == "yaml")) {
            let text = std::fs::read(file).expect("the file was listed");
            if read(&text).is_ok() {
                let path = label(&folder, file);
                let below = path.find("sdl/").map_or(0, |at| at + "sdl/".len());
                let group = path[below..].find('/').map_or(&*path, |length| &path[..below + length]);
                report.case(group, &path, check(&text).into());
            }
        }
    }
    report.finish();
}

fn check(text: &[u8]) -> Result<(), String> {
    let (before, formatted) = (read(text).map_err(|e| e.to_string())?, format(text).map_err(|e| e.to_string())?);
    let after = read(&formatted).map_err(|error| format!("is no longer accepted: {error}"))?;
    if before.groups_json() != after.groups_json() {
        return Err("other groups".to_owned());
    }
    if before.manifest().canonical_json() != after.manifest().canonical_json() {
        return Err("another manifest".to_owned());
    }
    if before.manifest().hash() != after.manifest().hash() || before.reclamation() != after.reclamation() {
        return Err("another hash or window".to_owned());
    }
    let comments = |text: &str| {
        let mut found: Vec<String> = text.lines().filter(|line| line.contains('#')).map(packed).collect();
        found.sort();
        found
    };
    if comments(&String::from_utf8_lossy(text)) != comments(&formatted) {
        return Err("other comments".to_owned());
    }
    let again = format(&formatted).map_err(|error| error.to_string())?;
    match Verdict::equal("formatted again", &again, &formatted) {
        Verdict::Failed(difference) => Err(difference),
        _ => Ok(()),
    }
}

fn packed(line: &str) -> String {
    line.split_whitespace().collect::<String>().trim_start_matches('\u{feff}').to_owned()
}

fn formatted(text: &str, expected: &Expect) {
    let result = format(text).unwrap();
    expected.assert_eq(&result);
    check(text.as_bytes()).unwrap();
}

/// Every construct that has a layout, laid out as it should not be.
const UNTIDY: &str = r#"
# what it is
version :   "2.0"
profiles:
    compute:
        web:
            resources:
                cpu: {units: 0.5}     # half
                memory:
                    size:   "512Mi"
                # one volume
                storage:
                -   size: 512Mi
    placement:
        here:
            pricing:
                web: &price
                    denom: uact

                    amount:    100
                    # nothing more



services:
    web:
        image: "nginx"
        env:
        - A=1
        # - B=2
        - "C=one
             two"
        args: [ "a",
           'b' ]
        command:
            - sh
            - -c
            - |
                  echo hello
                    # no comment

                  exit
        expose:
            -   port: 80
                to:
                -
                    global: true
            #   as: 8080
#        count: 1

# where it runs

deployment:
    web:
        here:
            profile: web
            count: 1
# the end"#;

#[test]
fn layout_is_one_and_comments_stay() {
    formatted(
        UNTIDY,
        &expect![[r##"
            # what it is
            version: "2.0"

            services:
              web:
                image: "nginx"
                env:
                  - A=1
                  # - B=2
                  - "C=one
                       two"
                args: [ "a",
                   'b' ]
                command:
                  - sh
                  - -c
                  - |
                    echo hello
                      # no comment

                    exit
                expose:
                  - port: 80
                    to:
                      -
                        global: true
                  #   as: 8080
            #        count: 1

            profiles:
              compute:
                web:
                  resources:
                    cpu: {units: 0.5} # half
                    memory:
                      size: "512Mi"
                    # one volume
                    storage:
                      - size: 512Mi
              placement:
                here:
                  pricing:
                    web: &price
                      denom: uact

                      amount: 100
                      # nothing more

            # where it runs

            deployment:
              web:
                here:
                  profile: web
                  count: 1

            # the end
        "##]],
    );
}

/// An alias cannot stand above its anchor, and the last of two keys of one name counts.
#[test]
fn top_level_order_is_kept_where_it_matters() {
    let (_, rest) = VALID.split_once("services:").unwrap();
    let (services, rest) = rest.split_once("profiles:").unwrap();
    let (profiles, deployment) = rest.split_once("deployment:").unwrap();
    let moved = format!("version: \"2.0\"\ndeployment:{deployment}profiles:{profiles}services:{services}");
    let order = |text: &str| {
        let tops = text.lines().filter(|line| line.starts_with(char::is_alphabetic));
        tops.map(|line| line.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(order(&format(&moved).unwrap()), ["version", "services", "profiles", "deployment"]);
    let tangled = moved.replace("count: 1", "count: &n 1").replace("as: 80", "as: *n");
    assert_eq!(order(&format(&tangled).unwrap()), order(&moved));
    let twice = moved.replacen("version:", "version: \"2.1\"\nversion:", 1);
    assert!(format(&twice).unwrap().starts_with("version: \"2.1\"\n\nversion: \"2.0\"\n"));
    // Without a line break at its end, a block scalar must stay the last thing.
    let block = format!("{}\n    args:\n      - |\n        hello", moved.trim_end());
    assert_eq!(order(&format(&block).unwrap()), order(&moved));
    for text in [&moved, &tangled, &twice, &block] {
        check(text.as_bytes()).unwrap();
    }
}

#[test]
fn what_is_not_understood_stays_as_it_is() {
    let json = serde_json::json!({
        "version": "2.0",
        "services": {"web": {"image": "nginx", "expose": [{"port": 80, "to": [{"global": true}]}]}},
        "profiles": {
            "compute": {"web": {"resources": {
                "cpu": {"units": 1}, "memory": {"size": "1Gi"}, "storage": {"size": "1Gi"},
            }}},
            "placement": {"here": {"pricing": {"web": {"denom": "uact", "amount": 100}}}},
        },
        "deployment": {"web": {"here": {"profile": "web", "count": 1}}},
    });
    let text = json.to_string();
    assert_eq!(format(&text).unwrap(), text);
    let complex = VALID.replace("services:\n", "services:\n    # odd\n");
    check(complex.as_bytes()).unwrap();
    let tail = format!("{VALID}---\n  second:   document\n");
    assert!(format(&tail).unwrap().ends_with("---\n  second:   document\n"));
}

#[test]
fn what_is_no_sdl_is_refused_with_its_faults() {
    assert!(format(VALID.replace("count: 1", "count: many")).is_err());
    assert!(format("").is_err());
    assert!(format([0xff]).is_err());
}

/// Half a megabyte of what costs most take time in proportion.
#[test]
#[expect(clippy::disallowed_types, reason = "a test of bounded time has to look at a clock")]
fn long_texts_take_bounded_time() {
    for filling in ["#\n\n", "\n", "    # x\n", "#\n  #\n"] {
        let text = [VALID, &filling.repeat((512 << 10) / filling.len())].concat();
        let begun = std::time::Instant::now();
        format(&text).unwrap();
        assert!(begun.elapsed().as_secs() < 60, "{filling:?} took {:?}", begun.elapsed());
    }
}

proptest! {
    /// White space that does not matter, in many places, gives one layout.
    #[test]
    fn indentation_of_the_writer_does_not_matter(step in 1_usize..9, gap in 1_usize..5, blank in any::<bool>()) {
        let canonical = format(VALID).unwrap();
        let wide: String = canonical
            .lines()
            .map(|line| {
                let body = line.trim_start();
                let depth = (line.len() - body.len()) / 2;
                let body = body.replacen(": ", &format!(":{}", " ".repeat(gap)), 1);
                let empty = if blank && !body.starts_with('#') { "\n\n" } else { "\n" };
                format!("{}{body}{empty}", " ".repeat(depth * step))
            })
            .collect();
        if read(&wide).is_ok() {
            check(wide.as_bytes()).map_err(TestCaseError::fail)?;
            let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
            let packed = |text: &str| -> Vec<_> { lines(text).into_iter().filter(|line| !line.is_empty()).collect() };
            prop_assert_eq!(packed(&format(&wide).unwrap()), packed(&canonical));
        }
    }

    /// Any text that is accepted keeps its meaning, whatever was changed in it.
    #[test]
    fn changed_texts_keep_their_meaning(at in 0_usize..2000, with in "[ \\-:#\\n\"'a&*|>{}\\[\\],]{0,4}") {
        let at = at % VALID.len();
        if VALID.is_char_boundary(at) {
            let changed = format!("{}{with}{}", &VALID[..at], &VALID[at..]);
            if read(&changed).is_ok() {
                check(changed.as_bytes()).map_err(TestCaseError::fail)?;
            }
        }
    }
}
