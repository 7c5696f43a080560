//! The commands below `akash tx` that send messages, made from the table and the descriptors of the wire.

use akash_client::offline::signer_path;
use akash_proto::descriptors;
use clap::{Args, Command};
use prost_reflect::MessageDescriptor;

use super::own;
use super::table::{MODULES, NAMED};
use crate::args::TxFlags;
use crate::commands::branch::{Branch, words};
use crate::commands::request::Request;

/// A message that can be sent.
pub struct Entry {
    pub path: String,
    pub message: MessageDescriptor,
    pub arguments: &'static str,
    pub about: String,
}

impl Entry {
    pub fn request(&self) -> Request {
        Request::new(&self.message, &TxFlags::augment_args(Command::new("tx")))
    }

    pub fn signer_path(&self) -> Option<Vec<String>> {
        signer_path(&self.message)
    }

    /// The flag that names the signer; it has the address of `--from` when it is not given.
    pub fn signer(&self) -> Option<String> {
        self.request().flag_of(&self.signer_path()?).map(str::to_owned)
    }

    fn command(&self, name: &str) -> Command {
        let is_one = self.path.starts_with("market ") || self.path.starts_with("deployment group");
        let mut defaults: Vec<(&str, &'static str)> = if is_one { vec![("gseq", "1"), ("oseq", "1")] } else { vec![] };
        if self.path == "market bid close" {
            defaults.push(("reason", "lease_closed_reason_decommission")); // as the Go client
        }
        let arguments: Vec<String> =
            self.arguments.split_whitespace().filter(|name| !name.ends_with('?')).map(str::to_uppercase).collect();
        let line = [vec!["akash tx".to_owned(), self.path.clone()], arguments].concat().join(" ");
        let examples = format!(
            "Sends {}.\n\nExamples:\n  {line} --from alice\n  {line} --from alice --generate-only > tx.json",
            self.message.full_name(),
        );
        let command = self.request().augment(Command::new(name.to_owned()), self.arguments, &defaults);
        // The flags that all share bring words of their own, so what is said of this one comes last.
        TxFlags::augment_args(command).about(self.about.clone()).after_help(examples)
    }
}

/// Every message, in the order of the table of modules.
pub fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for (module, service) in MODULES {
        let Some(service) = descriptors().get_service_by_name(service) else { continue };
        entries.extend(service.methods().map(|method| entry(module, method.input())));
    }
    entries
}

fn entry(module: &str, message: MessageDescriptor) -> Entry {
    match NAMED.iter().find(|named| named.message == message.full_name()) {
        Some(named) => {
            Entry { path: named.path.to_owned(), message, arguments: named.arguments, about: named.about.to_owned() }
        }
        None => {
            let words = words(message.name().trim_start_matches("Msg"));
            let path = format!("{module} {}", words.join("-"));
            let about = format!("{} ({module})", capitalised(&words.join(" ")));
            Entry { path, message, arguments: "", about }
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Puts all of them below `command`. Commands with arguments of their own come first, so that they win.
pub fn augment(command: Command) -> Command {
    let mut root = Branch::default();
    for (path, own) in own::commands() {
        root.add(path, own);
    }
    for entry in entries() {
        let name = entry.path.rsplit(' ').next().unwrap_or_default().to_owned();
        if own::replaces(entry.message.full_name()) {
            continue;
        }
        root.add(&entry.path, entry.command(&name));
    }
    root.below(command, "akash tx", "Transactions of")
}
