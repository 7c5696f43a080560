//! Makes an image of one layer, for linux/amd64.

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// Blobs by digest, and the digest of the manifest.
#[derive(Debug, Clone)]
pub struct Image {
    /// Without a registry: `hello`.
    pub name: String,
    pub tag: String,
    pub manifest: Vec<u8>,
    pub manifest_digest: String,
    /// Configuration and layers.
    pub blobs: Vec<(String, Vec<u8>)>,
}

impl Image {
    /// Of one layer with this archive, whatever is in it.
    pub fn from_archive(name: &str, tag: &str, archive: Vec<u8>, entrypoint: &[&str]) -> io::Result<Image> {
        ImageBuilder::new().entrypoint(entrypoint).wrap(name, tag, &archive)
    }
}

/// What goes into the image. Files are owned by root and have no time, so that the same input is the same digest.
#[derive(Debug, Clone, Default)]
pub struct ImageBuilder {
    files: Vec<(String, Vec<u8>, u32)>,
    entrypoint: Vec<String>,
    command: Vec<String>,
    env: Vec<String>,
    ports: Vec<u16>,
    user: String,
}

impl ImageBuilder {
    #[must_use]
    pub fn new() -> ImageBuilder {
        ImageBuilder::default()
    }

    /// `path` as seen inside, with or without the first slash.
    #[must_use]
    pub fn file(mut self, path: &str, bytes: Vec<u8>, mode: u32) -> ImageBuilder {
        self.files.push((path.trim_start_matches('/').to_owned(), bytes, mode));
        self
    }

    #[must_use]
    pub fn entrypoint(mut self, words: &[&str]) -> ImageBuilder {
        self.entrypoint = words.iter().map(|w| (*w).to_owned()).collect();
        self
    }

    #[must_use]
    pub fn command(mut self, words: &[&str]) -> ImageBuilder {
        self.command = words.iter().map(|w| (*w).to_owned()).collect();
        self
    }

    /// `NAME=value`.
    #[must_use]
    pub fn env(mut self, entry: &str) -> ImageBuilder {
        self.env.push(entry.to_owned());
        self
    }

    #[must_use]
    pub fn port(mut self, port: u16) -> ImageBuilder {
        self.ports.push(port);
        self
    }

    #[must_use]
    pub fn user(mut self, user: &str) -> ImageBuilder {
        user.clone_into(&mut self.user);
        self
    }

    pub fn build(&self, name: &str, tag: &str) -> io::Result<Image> {
        self.wrap(name, tag, &self.archive()?)
    }

    fn wrap(&self, name: &str, tag: &str, archive: &[u8]) -> io::Result<Image> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(archive)?;
        let layer = gzip.finish()?;
        let config = self.configuration(&digest(archive)).to_string().into_bytes();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": [descriptor("application/vnd.oci.image.layer.v1.tar+gzip", &layer)],
        });
        let manifest = manifest.to_string().into_bytes();
        Ok(Image {
            name: name.to_owned(),
            tag: tag.to_owned(),
            manifest_digest: digest(&manifest),
            manifest,
            blobs: vec![(digest(&config), config), (digest(&layer), layer)],
        })
    }

    fn archive(&self) -> io::Result<Vec<u8>> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, bytes, mode) in &self.files {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(tar::EntryType::Regular);
            header.set_mode(*mode);
            header.set_size(bytes.len() as u64);
            header.set_uid(0);
            header.set_gid(0);
            header.set_mtime(0);
            archive.append_data(&mut header, path, bytes.as_slice())?;
        }
        archive.into_inner()
    }

    fn configuration(&self, diff_id: &str) -> Value {
        let ports: serde_json::Map<String, Value> =
            self.ports.iter().map(|port| (format!("{port}/tcp"), json!({}))).collect();
        json!({
            "architecture": "amd64",
            "os": "linux",
            "config": {
                "Entrypoint": self.entrypoint,
                "Cmd": self.command,
                "Env": self.env,
                "ExposedPorts": ports,
                "WorkingDir": "/",
                "User": self.user,
            },
            "rootfs": { "type": "layers", "diff_ids": [diff_id] },
        })
    }
}

pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": digest(bytes), "size": bytes.len() })
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{:x}", Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_input_is_the_same_image() {
        let build = || ImageBuilder::new().file("/app", b"x".to_vec(), 0o755).entrypoint(&["/app"]).build("a", "b");
        assert_eq!(build().unwrap().manifest_digest, build().unwrap().manifest_digest);
    }
}
