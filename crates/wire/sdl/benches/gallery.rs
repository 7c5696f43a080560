//! Every deployment of a gallery, from text to hash: `AKASH_VECTORS=... cargo bench -p akash-sdl --bench gallery`.
//!
//! The figure of a file is its fastest run of many, for whatever else the machine does can only slow it down; printed
//! are quantiles over the files. Without vectors our own fixtures are the gallery.

#![expect(clippy::disallowed_types, reason = "a bench looks at the clock")]

use std::time::{Duration, Instant};

use akash_sdl::read;
use akash_testkit::vectors::{files, folders};

const RUNS: usize = 200;

fn main() {
    let mut figures: Vec<(Duration, usize)> = Vec::new();
    for folder in folders() {
        let gallery = folder.join("sdl/awesome-akash");
        let gallery = if gallery.is_dir() { gallery } else { folder.join("sdl/own") };
        for file in files(&gallery) {
            if file.extension().is_some_and(|extension| extension == "yaml") {
                let text = std::fs::read(&file).expect("the file was listed");
                figures.extend(fastest(&text).map(|figure| (figure, text.len())));
            }
        }
    }
    figures.sort();
    let at = |part: usize| figures[(figures.len() - 1) * part / 100];
    println!("{} texts that are accepted, the fastest of {RUNS} runs of each:", figures.len());
    for (name, part) in [("fastest", 0), ("median", 50), ("95 of 100", 95), ("slowest", 100)] {
        let (figure, bytes) = at(part);
        println!("{name:<10} {:>8.1} us ({bytes} bytes)", figure.as_secs_f64() * 1e6);
    }
}

fn fastest(text: &[u8]) -> Option<Duration> {
    read(text).ok()?;
    let run = || {
        let start = Instant::now();
        let hash = read(text).expect("it was accepted before").manifest().hash();
        std::hint::black_box(hash);
        start.elapsed()
    };
    (0..RUNS).map(|_| run()).min()
}
