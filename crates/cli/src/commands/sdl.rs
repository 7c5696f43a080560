//! `akash sdl`: work on SDL files without a network.

use std::fs;
use std::io::Read;
use std::path::Path;

use akash_sdl::Sdl;
use anyhow::{Context, Result};
use serde_json::json;

use crate::args;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Longest file that is read.
const MAX_FILE_BYTES: u64 = 10 << 20;

pub fn run(command: &args::Sdl, output: &Output) -> Result<()> {
    let args::Sdl::Hash { file } = command;
    let hash = hex(&read(file)?.manifest().hash());
    output.result(&hash, &json!({ "hash": hash }))
}

/// Reads an SDL file; `-` is standard input. All its errors are shown, each at its place.
pub fn read(file: &Path) -> Result<Sdl> {
    let name = file.display().to_string();
    let cannot = || format!("cannot read {name}");
    let source: Box<dyn Read> = if name == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(fs::File::open(file).map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", cannot())))?)
    };
    let mut bytes = Vec::new();
    source.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).with_context(cannot)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Failure::new(Exit::Usage, format!("{name} is larger than 10 MiB")).into());
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::new(Exit::Usage, format!("{name} is not UTF-8 text")))?;
    akash_sdl::read(&text).map_err(|errors| {
        let shown = errors.render(&name, &text);
        // What reports a failure puts the first `error: ` in front.
        Failure::new(Exit::Usage, shown.trim_start_matches("error: ").trim_end()).into()
    })
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
