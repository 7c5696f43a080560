//! What the runtime needs of an image's configuration.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Of the manifest.
    pub digest: String,
    /// Unpacked, the bottom first.
    pub layers: Vec<PathBuf>,
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    pub env: Vec<String>,
    pub working_directory: String,
    pub user: String,
}

/// The part of the OCI configuration that we read. Everything may be absent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Configuration {
    pub os: String,
    pub architecture: String,
    pub config: Option<Process>,
    pub rootfs: RootFileSystem,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Process {
    pub entrypoint: Option<Vec<String>>,
    pub cmd: Option<Vec<String>>,
    pub env: Option<Vec<String>>,
    pub working_dir: Option<String>,
    pub user: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RootFileSystem {
    pub diff_ids: Vec<String>,
}

/// The hexadecimal part of a well-formed `sha256:` digest; it is safe as a file name.
#[must_use]
pub fn sha256_hex(digest: &str) -> Option<&str> {
    let hex = digest.strip_prefix("sha256:")?;
    let ok = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    ok.then_some(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_lower_case_sha256_digests_become_file_names() {
        let good = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(sha256_hex(&good), Some("0a".repeat(32).as_str()));
        for bad in ["sha256:", "sha256:../../etc", "sha512:00", &good.to_uppercase(), &good[..70]] {
            assert_eq!(sha256_hex(bad), None, "{bad}");
        }
    }
}
