//! Recorded cases of the reference implementation: SDL texts with what they must give, and manifests against groups.

mod support;

use std::path::Path;

use akash_sdl::{Manifest, Sdl, check_groups, check_manifest, check_manifest_against_groups, read};
use akash_testkit::vectors::{Report, Verdict, files, folders, label, read as read_file};
use serde_json::Value;
use support::{base64, group_from_json, hex};

#[test]
fn vectors() {
    let mut report = Report::new();
    for folder in folders() {
        for file in files(&folder.join("sdl")) {
            let extension = file.extension().and_then(|extension| extension.to_str());
            if extension == Some("yaml") && file.with_extension("json").is_file() {
                let path = label(&folder, &file);
                report.case(folder_label(&path), &path, check_case(&file));
            } else if file.file_name().is_some_and(|name| name == "manifest_cross.ndjson") {
                report.lines(&folder, &file, |case| check_cross(case).into());
            }
        }
    }
    report.finish();
}

/// Cases are many small files; they are counted by the folder below `sdl`.
fn folder_label(path: &str) -> &str {
    let below = path.find("sdl/").map_or(0, |at| at + "sdl/".len());
    path[below..].find('/').map_or(&path[..below], |length| &path[..below + length])
}

fn check_case(file: &Path) -> Verdict {
    let text = std::fs::read(file).expect("the file was listed");
    let expected: Value = serde_json::from_str(&read_file(&file.with_extension("json"))).expect("a vector is JSON");
    match (read(&text), expected["accepted"] == true) {
        (Ok(sdl), true) => check_accepted(&sdl, &expected).into(),
        (Err(errors), false) => check_rejected(&errors.first().message, &expected).into(),
        (Ok(_), false) => Verdict::Failed(format!("accepted; expected {}", expected["error"])),
        (Err(errors), true) => Verdict::Failed(format!("rejected: {errors}")),
    }
}

fn check_accepted(sdl: &Sdl, expected: &Value) -> Result<(), String> {
    let window = sdl
        .reclamation()
        .map_or(Value::Null, |window| Value::from(u64::try_from(window.as_nanos()).expect("a window has 63 bits")));
    equal("manifest", &Value::from(sdl.manifest().canonical_json()), &expected["manifest_sorted_json"])?;
    equal("hash", &Value::from(hex(&sdl.manifest().hash())), &expected["hash"])?;
    equal("groups", &sdl.groups_json(), &expected["groups"])?;
    equal("reclamation", &window, &expected["reclamation_min_window_ns"])?;
    let groups = sdl.groups();
    let encoded = groups.iter().map(|group| Value::from(base64(&prost::Message::encode_to_vec(group)))).collect();
    equal("wire bytes", &encoded, &expected["group_specs_pb"])?;
    // What a provider does with the text must end where we began.
    let again = Manifest::from_json(sdl.manifest().canonical_json().as_bytes()).map_err(|error| error.to_string())?;
    equal("manifest read again", &Value::from(hex(&again.hash())), &expected["hash"])?;
    check_manifest_against_groups(&again, &groups).map_err(|error| error.to_string())
}

/// The reference's YAML texts may vary; the rest is compared exactly.
fn check_rejected(message: &str, expected: &Value) -> Result<(), String> {
    let text = expected["error"].as_str().unwrap_or_default();
    let same = if text.starts_with("yaml:") {
        let reason = text.split("cannot unmarshal").nth(1).unwrap_or_default();
        message.starts_with("yaml:") && message.contains(reason)
    } else {
        message == text
    };
    if same { Ok(()) } else { Err(format!("says {message:?}, expected {text:?}")) }
}

fn check_cross(case: &Value) -> Result<(), String> {
    let expect = &case["expect"];
    let manifest = Manifest::from_json(case["manifest"].to_string().as_bytes()).map_err(|error| error.to_string())?;
    let groups: Vec<_> = case["groups"].as_array().into_iter().flatten().map(group_from_json).collect();
    equal("hash", &Value::from(hex(&manifest.hash())), &expect["hash"])?;

    let text = |result: Result<(), String>| result.err().map_or(Value::Null, Value::from);
    let own = text(check_manifest(&manifest).map_err(|error| error.to_string()));
    equal("manifest", &own, &expect["manifest_error"])?;
    let own = text(check_groups(&groups).map_err(|error| error.to_string()));
    let expected = if expect["go_panics"].is_null() { &expect["groups_error"] } else { &expect["go_panics"] };
    equal("groups", &own, expected)?;
    let own = text(check_manifest_against_groups(&manifest, &groups).map_err(|error| error.to_string()));
    match expect["cross_error_any_of"].as_array() {
        Some(any) if any.contains(&own) => Ok(()),
        Some(any) => Err(format!("cross check says {own}, expected one of {any:?}")),
        None => equal("cross check", &own, &expect["cross_error"]),
    }
}

fn equal(what: &str, got: &Value, expected: &Value) -> Result<(), String> {
    if got == expected {
        return Ok(());
    }
    let (got, expected) = (got.to_string(), expected.to_string());
    let at = got.chars().zip(expected.chars()).take_while(|(a, b)| a == b).count().saturating_sub(40);
    let part = |text: &str| text.chars().skip(at).take(160).collect::<String>();
    Err(format!("{what} at {at}: got ..{}.., expected ..{}..", part(&got), part(&expected)))
}
