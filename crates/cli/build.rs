//! Compiles the sample tenant, `examples/hello/server.rs`, into a static executable that `akash up` serves as an image.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hello/server.rs");
    println!("cargo::rerun-if-changed={}", source.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("hello");

    let status = Command::new(env::var_os("RUSTC").expect("cargo sets RUSTC"))
        .arg("--edition=2024")
        .args(["-C", "opt-level=2", "-C", "panic=abort", "-C", "strip=symbols", "-C", "target-feature=+crt-static"])
        .arg("--target")
        .arg(env::var_os("TARGET").expect("cargo sets TARGET"))
        .arg("-o")
        .arg(&out)
        .arg(&source)
        .status()
        .expect("the compiler that builds this crate can be started");
    assert!(status.success(), "the sample server does not compile: {status}");
}
