//! Compiles `proto/**/*.proto` (our own sources, no `protoc`) into one module tree and one descriptor set.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn Error>> {
    // Asked when it runs: one compiled for another checkout may be reused for this one.
    let here = env::var("CARGO_MANIFEST_DIR")?;
    let root = Path::new(&here).join("../../../proto").canonicalize()?;
    println!("cargo::rerun-if-changed={}", root.display());

    let mut sources = Vec::new();
    collect(&root, &mut sources)?;
    sources.sort();
    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).open_files(&sources)?;

    // The encoded set keeps extension options (routes, signers, gogoproto); the decoded one is enough for code.
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let mut config = prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        .build_client(env::var_os("CARGO_FEATURE_GRPC_CLIENT").is_some())
        .build_server(env::var_os("CARGO_FEATURE_GRPC_SERVER").is_some())
        .include_file("modules.rs")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            sources.push(path);
        }
    }
    Ok(())
}
