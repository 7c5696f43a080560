//! The Stack Definition Language: from a YAML text to deployment groups, manifest and hash.
//!
//! Life cycle: [`read`] loads YAML with positions, decodes it, follows its references, builds deployment groups
//! and manifest, and checks both. [`Sdl::groups`] goes on chain together with [`Manifest::hash`]; the manifest
//! itself goes to the provider, which reads it with [`Manifest::from_json`] and asks
//! [`check_manifest_against_groups`] before it runs anything.
//!
//! [`format`] lays a file out without changing what it says.
//!
//! Go's implementation is the authority, including where it surprises; such places are marked `PARITY`. The two
//! versions share one grammar. Version 2.1 differs in four places: services of one placement that use the same
//! compute profile share one unit; credentials keep the mail address and lose surrounding blanks; persistent
//! volumes need no mount; a `ram` volume cannot be read-only.
//!
//! Invariants: whatever is accepted gives the bytes and the hash that the reference gives; what is not known is
//! refused, never guessed. Hostile input costs bounded time and memory and never panics. The errors carry the
//! reference's text, a position and advice.
//!
//! It does not know prices of anybody, balances, chains or files: text in, values out.

#![warn(missing_docs)]

mod build;
mod decode;
mod document;
mod format;
mod go;
mod group;
mod limits;
mod manifest;
mod price;
mod problem;
mod read;
mod references;
mod resources;
mod yaml;

pub use format::format;
pub use limits::{GroupsError, check_groups};
pub use manifest::{
    Credentials, CrossError, DecodeError, Expose, HttpOptions, Manifest, ManifestError, ManifestGroup, Params,
    Permissions, Service, StorageParams, Tee, check_manifest, check_manifest_against_groups,
};
pub use problem::{Errors, Problem};
pub use read::{Sdl, read};
pub use resources::{Attribute, Cpu, Endpoint, Gpu, Memory, Resources, Volume};
