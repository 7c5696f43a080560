//! The commands below `akash query`, made from the table and the descriptors of the wire.

use akash_proto::descriptors;
use clap::{Args, Command};
use prost_reflect::MethodDescriptor;

use super::extra;
use super::table::{MODULES, NAMED, Named};
use crate::args::QueryFlags;
use crate::commands::branch::{Branch, words};
use crate::commands::request::Request;

/// One query that can be asked.
pub struct Entry {
    pub path: String,
    pub method: MethodDescriptor,
    pub arguments: &'static str,
    pub part: &'static str,
    pub about: String,
}

impl Entry {
    /// Its name on the wire: `/akash.market.v1beta5.Query/Bids`.
    pub fn wire_path(&self) -> String {
        format!("/{}/{}", self.method.parent_service().full_name(), self.method.name())
    }

    pub fn request(&self) -> Request {
        Request::new(&self.method.input(), &QueryFlags::augment_args(Command::new("query")))
    }

    fn command(&self, name: &str) -> Command {
        let request = self.request();
        // As the Go client: what names one object is about its first group and order.
        let defaults: &[(&str, &'static str)] =
            if self.path.ends_with(" get") { &[("gseq", "1"), ("oseq", "1")] } else { &[] };
        let arguments: Vec<String> =
            self.arguments.split_whitespace().filter(|name| !name.ends_with('?')).map(str::to_uppercase).collect();
        let line = [vec!["akash query".to_owned(), self.path.clone()], arguments].concat().join(" ");
        let command = QueryFlags::augment_args(Command::new(name.to_owned()))
            .about(self.about.clone())
            .after_help(format!("Asks {}.\n\nExamples:\n  {line}\n  {line} -o json", self.wire_path()));
        request.augment(command, self.arguments, defaults)
    }
}

/// Every query, in the order of the table of modules.
pub fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for (module, service) in MODULES {
        let Some(service) = descriptors().get_service_by_name(service) else { continue };
        let methods = service.methods().filter(|method| !method.is_server_streaming());
        entries.extend(methods.map(|method| entry(module, method)));
    }
    entries
}

fn entry(module: &str, method: MethodDescriptor) -> Entry {
    let wire = format!("{}/{}", method.parent_service().full_name(), method.name());
    match NAMED.iter().find(|named| named.method == wire) {
        Some(Named { path, arguments, part, about, .. }) => {
            Entry { path: (*path).to_owned(), method, arguments, part, about: (*about).to_owned() }
        }
        None => {
            let words = words(method.name());
            let path = format!("{module} {}", words.join("-"));
            Entry { path, method, arguments: "", part: "", about: format!("Show {}", words.join(" ")) }
        }
    }
}

/// Puts all of them below `command`.
pub fn augment(command: Command) -> Command {
    let mut root = Branch::default();
    for entry in entries() {
        let name = entry.path.rsplit(' ').next().unwrap_or_default().to_owned();
        root.add(&entry.path, entry.command(&name));
    }
    for (path, extra) in extra::commands() {
        root.add(path, extra);
    }
    root.below(command, "akash query", "Queries about")
}
