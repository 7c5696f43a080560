//! From a registry to the store.

use super::record::{Configuration, Image, sha256_hex};
use super::room::Room;
use super::{MAX_CONFIG_BYTES, MAX_IMAGE_BYTES, MAX_LAYER_BYTES, MAX_LAYERS, child, outbound, unpack};
use crate::Credentials;
use crate::embedded::causes::with_causes;
use crate::embedded::config::LoopbackRegistries;
use crate::embedded::state::{hash_text, make_directory, read_json, write_json};
use futures::StreamExt;
use oci_client::client::{ClientConfig, ClientProtocol, linux_amd64_resolver};
use oci_client::errors::{OciDistributionError, OciErrorCode};
use oci_client::manifest::{OciDescriptor, OciImageManifest};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two pieces of an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const MANIFEST_TIMEOUT: Duration = Duration::from_secs(60);
const BLOB_TIMEOUT: Duration = Duration::from_secs(3600);

/// Why there is no image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ImageError {
    #[error("image {0:?} has no valid name")]
    Name(String),
    #[error("image not found: {0}")]
    NotFound(String),
    #[error("the registry wants credentials, or other ones, for {0}")]
    Unauthorized(String),
    #[error("registry of {image}: {cause}")]
    Registry { image: String, cause: String },
    #[error("{0} is not an allowed registry: it is on this machine")]
    LoopbackRegistry(String),
    #[error("image {image} is refused: {cause}")]
    Refused { image: String, cause: String },
    #[error("image store: {0}")]
    Store(String),
}

impl From<io::Error> for ImageError {
    fn from(error: io::Error) -> ImageError {
        ImageError::Store(with_causes(&error))
    }
}

impl ImageError {
    /// Whether another try may help without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, ImageError::Registry { .. } | ImageError::Store(_))
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PullRequest {
    pub image: String,
    pub credentials: Option<Credentials>,
}

/// The store under one directory. Several pulls may run at a time: every result is moved into place whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImageStore {
    pub(super) root: PathBuf,
    loopback: LoopbackRegistries,
}

impl ImageStore {
    /// Layers hold setuid files of strangers, so other users of this machine cannot look in.
    pub fn open(root: PathBuf, loopback: LoopbackRegistries) -> io::Result<ImageStore> {
        make_directory(&root, 0o700)?;
        for part in ["blobs", "layers", "names"] {
            make_directory(&root.join(part), 0o700)?;
            sweep(&root.join(part))?;
        }
        Ok(ImageStore { root, loopback })
    }

    /// The image as the registry has it now. If the registry cannot be asked, as this store had it last for the same
    /// name and credentials. Dropping the future ends the pull.
    pub async fn pull(&self, request: &PullRequest) -> Result<Image, ImageError> {
        match child::pull(self, request).await {
            Ok(image) => {
                write_json(&self.name_file(request), &image)?;
                Ok(image)
            }
            Err(error) if error.is_transient() => match read_json(&self.name_file(request)) {
                Ok(Some(image)) => {
                    tracing::warn!(image = request.image, %error, "using the image as pulled before");
                    Ok(image)
                }
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// The pull itself, in whatever process this is.
    pub(super) async fn pull_here(&self, request: &PullRequest) -> Result<Image, ImageError> {
        let named: Reference = request.image.parse().map_err(|_| ImageError::Name(request.image.clone()))?;
        let (reference, protocol) = match self.loopback_registry(named.registry())? {
            Some(registry) => (at_registry(&named, &registry), ClientProtocol::Http),
            None => (named, ClientProtocol::Https),
        };
        self.pull_from(&reference, protocol, request).await
    }

    /// Credentials are part of the name: what one tenant may pull, another may not see.
    fn name_file(&self, request: &PullRequest) -> PathBuf {
        let (user, password) = request.credentials.as_ref().map_or(("", ""), |c| (&c.username, &c.password));
        let text = format!("{}\0{user}\0{password}", request.image);
        self.root.join("names").join(hash_text(text.as_bytes(), 64) + ".json")
    }

    /// The address of a registry of this machine, which speaks plain HTTP; nothing for the others, which speak TLS.
    fn loopback_registry(&self, registry: &str) -> Result<Option<String>, ImageError> {
        let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host).trim_matches(['[', ']']);
        let is_loopback = host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified());
        let address = || registry.replace("localhost", "127.0.0.1").parse::<SocketAddr>().ok();
        let found = match &self.loopback {
            LoopbackRegistries::Named(names) if names.contains_key(registry) => {
                return Ok(names.get(registry).map(SocketAddr::to_string));
            }
            _ if !is_loopback => return Ok(None),
            LoopbackRegistries::Any => Some(registry.to_owned()),
            LoopbackRegistries::Named(_) => None,
            LoopbackRegistries::Only(list) => address().filter(|a| list.contains(a)).map(|_| registry.to_owned()),
        };
        found.map(Some).ok_or_else(|| ImageError::LoopbackRegistry(registry.into()))
    }

    /// What connections go through: the operator's own proxy where the environment names one, else ours for strangers.
    async fn proxy(&self, protocol: ClientProtocol) -> io::Result<Option<String>> {
        let is_operators = matches!(protocol, ClientProtocol::Http) || matches!(self.loopback, LoopbackRegistries::Any);
        let names_proxy = ["HTTPS_PROXY", "https_proxy"].iter().any(|name| std::env::var_os(name).is_some());
        if is_operators || names_proxy { Ok(None) } else { outbound::guard().await.map(Some) }
    }

    async fn pull_from(
        &self,
        reference: &Reference,
        protocol: ClientProtocol,
        request: &PullRequest,
    ) -> Result<Image, ImageError> {
        let https_proxy = self.proxy(protocol.clone()).await?;
        let client = Client::new(ClientConfig {
            http_proxy: https_proxy.clone(),
            https_proxy,
            protocol,
            platform_resolver: Some(Box::new(linux_amd64_resolver)),
            connect_timeout: Some(CONNECT_TIMEOUT),
            read_timeout: Some(READ_TIMEOUT),
            ..ClientConfig::default()
        });
        let pull = Pull { store: self, client, reference, name: &request.image };
        let (manifest, digest) = pull.manifest(&authentication(request)).await?;
        pull.check(&manifest)?;
        let configuration = pull.configuration(&manifest.config).await?;
        let diff_ids = &configuration.rootfs.diff_ids;
        if diff_ids.len() != manifest.layers.len() {
            return Err(pull.refused("layers and diff ids differ in number"));
        }
        let mut layers = Vec::new();
        for (descriptor, diff_id) in manifest.layers.iter().zip(diff_ids) {
            layers.push(pull.layer(descriptor, diff_id).await?);
        }
        let process = configuration.config.unwrap_or_default();
        Ok(Image {
            digest,
            layers,
            entrypoint: process.entrypoint.unwrap_or_default(),
            command: process.cmd.unwrap_or_default(),
            env: process.env.unwrap_or_default(),
            working_directory: process.working_dir.filter(|d| d.starts_with('/')).unwrap_or_else(|| "/".into()),
            user: process.user.unwrap_or_default(),
        })
    }
}

/// The same image, asked at another address.
fn at_registry(reference: &Reference, registry: &str) -> Reference {
    let (registry, repository) = (registry.to_owned(), reference.repository().to_owned());
    match (reference.digest(), reference.tag()) {
        (Some(digest), _) => Reference::with_digest(registry, repository, digest.to_owned()),
        (None, tag) => Reference::with_tag(registry, repository, tag.unwrap_or("latest").to_owned()),
    }
}

fn authentication(request: &PullRequest) -> RegistryAuth {
    match &request.credentials {
        Some(c) => RegistryAuth::Basic(c.username.clone(), c.password.clone()),
        None => RegistryAuth::Anonymous,
    }
}

/// One pull in progress.
struct Pull<'a> {
    store: &'a ImageStore,
    client: Client,
    reference: &'a Reference,
    name: &'a str,
}

impl Pull<'_> {
    fn refused(&self, cause: impl ToString) -> ImageError {
        ImageError::Refused { image: self.name.into(), cause: cause.to_string() }
    }

    fn registry(&self, cause: impl ToString) -> ImageError {
        ImageError::Registry { image: self.name.into(), cause: cause.to_string() }
    }

    async fn manifest(&self, auth: &RegistryAuth) -> Result<(OciImageManifest, String), ImageError> {
        let answer = self.client.pull_image_manifest(self.reference, auth);
        let answer = tokio::time::timeout(MANIFEST_TIMEOUT, answer).await;
        answer.map_err(|_| self.registry("no manifest within a minute"))?.map_err(|e| self.translate(e))
    }

    fn check(&self, manifest: &OciImageManifest) -> Result<(), ImageError> {
        if manifest.layers.len() > MAX_LAYERS {
            return Err(self.refused(format!("it has more than {MAX_LAYERS} layers")));
        }
        let sizes = manifest.layers.iter().map(|layer| u64::try_from(layer.size).unwrap_or(u64::MAX));
        if sizes.fold(0, u64::saturating_add) > MAX_IMAGE_BYTES {
            return Err(self.refused(format!("its layers are larger than {MAX_IMAGE_BYTES} bytes together")));
        }
        Ok(())
    }

    async fn configuration(&self, descriptor: &OciDescriptor) -> Result<Configuration, ImageError> {
        let path = self.blob(descriptor, MAX_CONFIG_BYTES).await?;
        let configuration: Configuration =
            serde_json::from_slice(&std::fs::read(path)?).map_err(|e| self.refused(e))?;
        match (configuration.os.as_str(), configuration.architecture.as_str()) {
            ("linux" | "", "amd64" | "") => Ok(configuration),
            (os, architecture) => Err(self.refused(format!("it is for {os}/{architecture}, not linux/amd64"))),
        }
    }

    /// The directory of a layer, made if it is not there.
    async fn layer(&self, descriptor: &OciDescriptor, diff_id: &str) -> Result<PathBuf, ImageError> {
        let name = sha256_hex(diff_id).ok_or_else(|| self.refused("a diff id is not a SHA-256 digest"))?;
        let directory = self.store.root.join("layers").join(name);
        if directory.exists() {
            return Ok(directory);
        }
        let compression = unpack::Compression::of(&descriptor.media_type)
            .ok_or_else(|| self.refused(format!("layers of type {} are not supported", descriptor.media_type)))?;
        let blob = self.blob(descriptor, MAX_LAYER_BYTES).await?;
        let job =
            unpack::Job { blob: blob.clone(), directory: directory.clone(), compression, diff_id: diff_id.into() };
        let done = tokio::task::spawn_blocking(move || job.run()).await.map_err(io::Error::other)?;
        done.map_err(|cause| self.refused(cause))?;
        let _ = std::fs::remove_file(blob); // only saves room: the directory is what is used
        Ok(directory)
    }

    /// The file of a blob, fetched if it is not there. Its bytes are those of its digest.
    async fn blob(&self, descriptor: &OciDescriptor, limit: u64) -> Result<PathBuf, ImageError> {
        let name = sha256_hex(&descriptor.digest).ok_or_else(|| self.refused("a digest is not SHA-256"))?;
        let path = self.store.root.join("blobs").join(name);
        if path.exists() {
            return Ok(path);
        }
        let size = u64::try_from(descriptor.size).map_err(|_| self.refused("a size is negative"))?;
        if size > limit {
            return Err(self.refused(format!("a part of {size} bytes is larger than {limit}")));
        }
        let draft = path.with_extension(draft_name());
        let fetched = tokio::time::timeout(BLOB_TIMEOUT, self.fetch(descriptor, size, &draft)).await;
        let fetched = fetched.unwrap_or_else(|_| Err(self.registry("a part did not come within an hour")));
        match fetched {
            Ok(()) => std::fs::rename(&draft, &path)?,
            Err(error) => {
                let _ = std::fs::remove_file(&draft); // it may not even exist
                return Err(error);
            }
        }
        Ok(path)
    }

    async fn fetch(&self, descriptor: &OciDescriptor, size: u64, draft: &Path) -> Result<(), ImageError> {
        let answer = self.client.pull_blob_stream(self.reference, descriptor).await;
        let mut pieces = answer.map_err(|e| self.translate(e))?.stream;
        let mut file = tokio::fs::File::create(draft).await?;
        let (mut hash, mut received) = (Sha256::new(), 0u64);
        let mut room = Room::below(&self.store.root);
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|e| self.broken_stream(e))?;
            received += piece.len() as u64;
            if received > size {
                return Err(self.refused("a part is larger than its manifest says"));
            }
            room.take(piece.len() as u64)?;
            hash.update(&piece);
            file.write_all(&piece).await?;
        }
        file.sync_data().await?;
        if received != size || format!("sha256:{:x}", hash.finalize()) != descriptor.digest {
            return Err(self.refused(format!("the bytes are not those of {}", descriptor.digest)));
        }
        Ok(())
    }

    /// The client checks digests while it streams and reports a mismatch as an I/O error.
    fn broken_stream(&self, error: io::Error) -> ImageError {
        let is_digest = error.get_ref().is_some_and(|e| e.is::<oci_client::errors::DigestError>());
        if is_digest { self.refused(error) } else { self.registry(error) }
    }

    fn translate(&self, error: OciDistributionError) -> ImageError {
        let not_found = |code: &OciErrorCode| {
            matches!(code, OciErrorCode::ManifestUnknown | OciErrorCode::NameUnknown | OciErrorCode::NotFound)
        };
        let denied = |code: &OciErrorCode| matches!(code, OciErrorCode::Unauthorized | OciErrorCode::Denied);
        match error {
            OciDistributionError::ImageManifestNotFoundError(_)
            | OciDistributionError::ServerError { code: 404, .. } => ImageError::NotFound(self.name.into()),
            OciDistributionError::RegistryError { envelope, .. }
                if envelope.errors.iter().any(|e| not_found(&e.code)) =>
            {
                ImageError::NotFound(self.name.into())
            }
            OciDistributionError::RegistryError { envelope, .. } if envelope.errors.iter().any(|e| denied(&e.code)) => {
                ImageError::Unauthorized(self.name.into())
            }
            OciDistributionError::UnauthorizedError { .. } | OciDistributionError::AuthenticationFailure(_) => {
                ImageError::Unauthorized(self.name.into())
            }
            // Its text may be that of a page the registry sent us to, and is not the tenant's to read.
            OciDistributionError::ServerError { code, .. } => self.registry(format!("it answered with status {code}")),
            OciDistributionError::DigestError(e) => self.refused(e),
            OciDistributionError::ManifestParsingError(e) | OciDistributionError::VersionedParsingError(e) => {
                self.refused(e)
            }
            other => self.registry(with_causes(&other)),
        }
    }
}

/// Remove what an earlier life did not finish. Only the one process that manages the root may do so.
fn sweep(directory: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        match path.extension().and_then(|e| e.to_str()) {
            Some("part") if path.is_dir() => std::fs::remove_dir_all(path)?,
            Some("part" | "draft") => std::fs::remove_file(path)?,
            _ => {}
        }
    }
    Ok(())
}

/// Two pulls of one blob at a time are two processes, and write to different files.
pub(super) fn draft_name() -> String {
    format!("{}.part", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(loopback: LoopbackRegistries) -> ImageStore {
        ImageStore { root: PathBuf::new(), loopback }
    }

    #[test]
    fn only_listed_registries_of_this_machine_are_asked() {
        let listed = store(LoopbackRegistries::Only(vec!["127.0.0.1:5050".parse().unwrap()]));
        for name in ["127.0.0.1:5050", "localhost:5050"] {
            assert_eq!(listed.loopback_registry(name).unwrap().as_deref(), Some(name));
        }
        for name in ["127.0.0.1:80", "localhost", "127.0.0.2:5050", "0.0.0.0:5050", "[::1]:5050", "a.localhost:1"] {
            assert!(matches!(listed.loopback_registry(name), Err(ImageError::LoopbackRegistry(_))), "{name}");
        }
        assert_eq!(listed.loopback_registry("ghcr.io").unwrap(), None);
    }

    #[test]
    fn a_named_registry_is_found_at_its_address_and_by_its_name_alone() {
        let names = [("play.localhost".to_owned(), "127.0.0.1:5151".parse().unwrap())];
        let named = store(LoopbackRegistries::Named(names.into()));
        let address = named.loopback_registry("play.localhost").unwrap().unwrap();
        let reference = at_registry(&"play.localhost/hello:1".parse().unwrap(), &address);
        assert_eq!(reference.to_string(), "127.0.0.1:5151/hello:1");
        assert!(named.loopback_registry("127.0.0.1:5151").is_err());
        assert_eq!(named.loopback_registry("docker.io").unwrap(), None);
    }

    #[test]
    fn credentials_are_part_of_a_stored_name() {
        let request = |credentials| PullRequest { image: "x".into(), credentials };
        let store = store(LoopbackRegistries::Any);
        let secret = Credentials { username: "me".into(), password: "p".into(), ..Credentials::default() };
        assert_ne!(store.name_file(&request(None)), store.name_file(&request(Some(secret))));
    }
}
