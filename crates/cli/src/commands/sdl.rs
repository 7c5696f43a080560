//! `akash sdl`: work on SDL files without a network.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use akash_sdl::{Errors, Problem, Sdl};
use akash_types::json::encode_message_text;
use anyhow::Result;
use serde_json::{Value, json};

use crate::args;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Longest file that is read.
const MAX_FILE_BYTES: u64 = 10 << 20;

pub fn run(command: &args::Sdl, output: &Output) -> Result<()> {
    match command {
        args::Sdl::Validate { file } => validate(file, output),
        args::Sdl::Groups { file } => {
            let groups = read(file)?.groups();
            let groups: Vec<String> = groups.iter().map(encode_message_text).collect();
            output.document(&format!("[{}]", groups.join(",")))
        }
        args::Sdl::Manifest { file } => output.document(&read(file)?.manifest().canonical_json()),
        args::Sdl::Hash { file } => {
            let hash = hex::encode(read(file)?.manifest().hash());
            output.result(&hash, &json!({ "hash": hash }))
        }
        args::Sdl::Fmt { file, write, check } => fmt(file, *write, *check, output),
    }
}

fn validate(file: &Path, output: &Output) -> Result<()> {
    let source = Source::load(file)?;
    let sdl = akash_sdl::read(&source.text).map_err(|errors| (source.failure(&errors), errors));
    let sdl = match sdl {
        Ok(sdl) => sdl,
        Err((failure, errors)) => {
            if !output.is_text() {
                let errors: Vec<Value> = errors.iter().map(problem_json).collect();
                output.result("", &json!({ "valid": false, "errors": errors }))?;
            }
            return Err(failure);
        }
    };
    for warning in sdl.warnings() {
        output.note(format!("warning: {}:{warning}", source.name));
    }
    let groups = &sdl.manifest().groups;
    let services: usize = groups.iter().map(|group| group.services.len()).sum();
    let hash = hex::encode(sdl.manifest().hash());
    let text = format!(
        "{} is valid: {}, {}",
        source.name,
        counted(groups.len(), "group", "groups"),
        counted(services, "service", "services")
    );
    let warnings: Vec<Value> = sdl.warnings().iter().map(problem_json).collect();
    let value = json!({
        "valid": true, "warnings": warnings, "groups": groups.len(), "services": services, "hash": hash,
    });
    output.result(text, &value)
}

/// Lays files out: prints them, changes them, or says which would change.
fn fmt(files: &[PathBuf], write: bool, check: bool, output: &Output) -> Result<()> {
    if files.len() > 1 && !write && !check {
        let failure = Failure::new(Exit::Usage, "several files cannot be printed one after another");
        return Err(failure.next("give one, or --write or --check").into());
    }
    let mut changed = Vec::new();
    for file in files {
        let source = Source::load(file)?;
        let text = formatted(&source)?;
        match (write, check) {
            (false, false) => return output.print(text.strip_suffix('\n').unwrap_or(&text)),
            _ if text == source.text => {}
            (true, _) if source.name == "-" => {
                let failure = Failure::new(Exit::Usage, "standard input cannot be written to");
                return Err(failure.next("leave --write out, and the result is printed").into());
            }
            (true, _) => {
                replace(file, &text)?;
                changed.push(source.name);
            }
            (false, true) => changed.push(source.name),
        }
    }
    output.result(changed.join("\n"), &json!({ "changed": changed }))?;
    if check && !changed.is_empty() {
        let text = format!("{} would change", counted(changed.len(), "file", "files"));
        return Err(Failure::new(Exit::Usage, text).next("`akash sdl fmt --write FILE` changes them").into());
    }
    Ok(())
}

/// The text laid out. What is printed or written has been read again and means the same.
fn formatted(source: &Source) -> Result<String> {
    let text = akash_sdl::format(&source.text).map_err(|errors| source.failure(&errors))?;
    let (before, after) = (akash_sdl::read(&source.text), akash_sdl::read(&text));
    let is_same = match (&before, &after) {
        (Ok(before), Ok(after)) => {
            before.manifest().hash() == after.manifest().hash() && before.groups_json() == after.groups_json()
        }
        _ => false,
    };
    if is_same {
        return Ok(text);
    }
    let text = format!("{} would mean something else after formatting; nothing was changed", source.name);
    Err(Failure::new(Exit::Internal, text).next("please report this file as a defect").into())
}

/// Writes a file whole or not at all, under its old rights.
fn replace(file: &Path, text: &str) -> Result<()> {
    let cannot = |error: std::io::Error| Failure::new(Exit::Usage, format!("cannot write {}: {error}", file.display()));
    // A link stays one, and its target changes.
    let target = fs::canonicalize(file).map_err(cannot)?;
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let draft = target.with_file_name(name);
    let rights = fs::metadata(&target).map_err(cannot)?.permissions();
    let written = fs::write(&draft, text)
        .and_then(|()| fs::set_permissions(&draft, rights))
        .and_then(|()| fs::rename(&draft, &target));
    if written.is_err() {
        // What is left of the draft is of no use; the first fault is the one to tell.
        let _ = fs::remove_file(&draft);
    }
    Ok(written.map_err(cannot)?)
}

/// Reads an SDL file; `-` is standard input. All its errors are shown, each at its place.
pub fn read(file: &Path) -> Result<Sdl> {
    let source = Source::load(file)?;
    akash_sdl::read(&source.text).map_err(|errors| source.failure(&errors))
}

struct Source {
    name: String,
    text: String,
}

impl Source {
    fn load(file: &Path) -> Result<Self> {
        let name = file.display().to_string();
        let cannot = || format!("cannot read {name}");
        let source: Box<dyn Read> = if name == "-" {
            Box::new(std::io::stdin().lock())
        } else {
            Box::new(fs::File::open(file).map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", cannot())))?)
        };
        let mut bytes = Vec::new();
        let read = source.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", cannot())))?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(Failure::new(Exit::Usage, format!("{name} is larger than 10 MiB")).into());
        }
        let not_text = || Failure::new(Exit::Usage, format!("{name} is not UTF-8 text"));
        let text = String::from_utf8(bytes).map_err(|_| not_text())?;
        Ok(Self { name, text })
    }

    fn failure(&self, errors: &Errors) -> anyhow::Error {
        let shown = errors.render(&self.name, &self.text);
        // What reports a failure puts the first `error: ` in front.
        Failure::new(Exit::Usage, shown.trim_start_matches("error: ").trim_end()).into()
    }
}

fn problem_json(problem: &Problem) -> Value {
    json!({ "line": problem.line, "column": problem.column, "message": problem.message, "help": problem.help })
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
