//! The canonical JSON of a manifest: what Go's encoder writes, with all keys sorted.
//!
//! The keys of each object below stand in their sorted order; that order is the format.

use std::fmt::Write;

use super::{Credentials, Expose, HttpOptions, Manifest, ManifestGroup, Params, Service, StorageParams};
use crate::resources::{Attribute, Endpoint, Resources, Volume};

pub(super) fn canonical(manifest: &Manifest) -> String {
    let mut writer = Writer { out: String::new() };
    writer.list(&manifest.groups, Writer::group);
    writer.out
}

struct Writer {
    out: String,
}

impl Writer {
    fn group(&mut self, group: &ManifestGroup) {
        self.object(|object| {
            object.key("name").string(&group.name);
            object.key("services").list(&group.services, Writer::service);
        });
    }

    fn service(&mut self, service: &Service) {
        self.object(|object| {
            object.key("args").strings(service.args.as_deref());
            object.key("command").strings(service.command.as_deref());
            object.key("count").number(service.count);
            object.key("credentials").optional(service.credentials.as_ref(), Writer::credentials);
            object.key("env").strings(service.env.as_deref());
            object.key("expose").list(&service.expose, Writer::expose);
            object.key("image").string(&service.image);
            object.key("name").string(&service.name);
            if let Some(params) = &service.params {
                object.key("params").params(params);
            }
            object.key("resources").resources(&service.resources);
        });
    }

    fn credentials(&mut self, credentials: &Credentials) {
        self.object(|object| {
            object.key("email").string(&credentials.email);
            object.key("host").string(&credentials.host);
            object.key("password").string(&credentials.password);
            object.key("username").string(&credentials.username);
        });
    }

    fn expose(&mut self, expose: &Expose) {
        self.object(|object| {
            object.key("endpointSequenceNumber").number(expose.endpoint_sequence_number);
            object.key("externalPort").number(expose.external_port);
            object.key("global").boolean(expose.global);
            object.key("hosts").strings(expose.hosts.as_deref());
            object.key("httpOptions").http_options(&expose.http_options);
            object.key("ip").string(&expose.ip);
            object.key("port").number(expose.port);
            object.key("proto").string(&expose.proto);
            object.key("service").string(&expose.service);
        });
    }

    fn http_options(&mut self, options: &HttpOptions) {
        self.object(|object| {
            object.key("maxBodySize").number(options.max_body_size);
            if !options.next_cases.is_empty() {
                object.key("nextCases").strings(Some(&options.next_cases));
            }
            object.key("nextTimeout").number(options.next_timeout);
            object.key("nextTries").number(options.next_tries);
            if options.proxy_buffer_size != 0 {
                object.key("proxyBufferSize").number(options.proxy_buffer_size);
            }
            object.key("readTimeout").number(options.read_timeout);
            object.key("sendTimeout").number(options.send_timeout);
        });
    }

    fn params(&mut self, params: &Params) {
        self.object(|object| {
            if let Some(credentials) = &params.credentials {
                object.key("credentials").credentials(credentials);
            }
            if let Some(permissions) = &params.permissions {
                object.key("permissions").object(|object| {
                    if !permissions.read.is_empty() {
                        object.key("read").strings(Some(&permissions.read));
                    }
                });
            }
            object.key("storage").optional(params.storage.as_deref(), |writer, mounts: &[StorageParams]| {
                writer.list(mounts, Writer::mount);
            });
            if let Some(tee) = &params.tee {
                object.key("tee").object(|object| {
                    object.key("attestation").boolean(tee.attestation);
                    object.key("type").string(&tee.kind);
                });
            }
        });
    }

    fn mount(&mut self, mount: &StorageParams) {
        self.object(|object| {
            object.key("mount").string(&mount.mount);
            object.key("name").string(&mount.name);
            object.key("readOnly").boolean(mount.read_only);
        });
    }

    fn resources(&mut self, resources: &Resources) {
        self.object(|object| {
            if let Some(cpu) = &resources.cpu {
                object.key("cpu").quantity("units", cpu.units, &cpu.attributes);
            }
            object.key("endpoints").optional(resources.endpoints.as_deref(), |writer, endpoints: &[Endpoint]| {
                writer.list(endpoints, Writer::endpoint);
            });
            if let Some(gpu) = &resources.gpu {
                object.key("gpu").quantity("units", gpu.units, &gpu.attributes);
            }
            object.key("id").number(resources.id);
            if let Some(memory) = &resources.memory {
                object.key("memory").quantity("size", memory.size, &memory.attributes);
            }
            let volumes = resources.storage.as_deref().unwrap_or_default();
            if !volumes.is_empty() {
                object.key("storage").list(volumes, Writer::volume);
            }
        });
    }

    fn endpoint(&mut self, endpoint: &Endpoint) {
        self.object(|object| {
            if endpoint.kind != 0 {
                object.key("kind").number(endpoint.kind);
            }
            object.key("sequence_number").number(endpoint.sequence_number);
        });
    }

    fn volume(&mut self, volume: &Volume) {
        self.object(|object| {
            object.attributes(&volume.attributes);
            object.key("name").string(&volume.name);
            object.key("size").value(volume.size);
        });
    }

    fn quantity(&mut self, name: &str, amount: u64, attributes: &[Attribute]) {
        self.object(|object| {
            object.attributes(attributes);
            object.key(name).value(amount);
        });
    }

    fn value(&mut self, amount: u64) {
        self.object(|object| object.key("val").string(&amount.to_string()));
    }

    fn attribute(&mut self, attribute: &Attribute) {
        self.object(|object| {
            if !attribute.key.is_empty() {
                object.key("key").string(&attribute.key);
            }
            if !attribute.value.is_empty() {
                object.key("value").string(&attribute.value);
            }
        });
    }

    fn object(&mut self, content: impl FnOnce(&mut Object<'_>)) {
        self.out.push('{');
        content(&mut Object { writer: self, is_empty: true });
        self.out.push('}');
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write(self, item);
        }
        self.out.push(']');
    }

    fn optional<T: ?Sized>(&mut self, value: Option<&T>, write: impl FnOnce(&mut Self, &T)) {
        match value {
            Some(value) => write(self, value),
            None => self.out.push_str("null"),
        }
    }

    fn strings(&mut self, items: Option<&[String]>) {
        self.optional(items, |writer, items| writer.list(items, |writer, item| writer.string(item)));
    }

    fn number(&mut self, value: impl std::fmt::Display) {
        let _ = write!(self.out, "{value}"); // writing to a string cannot fail
    }

    fn boolean(&mut self, value: bool) {
        self.out.push_str(if value { "true" } else { "false" });
    }

    /// Go's `encoding/json` string with HTML escaping on.
    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                    let _ = write!(self.out, "\\u{:04x}", u32::from(c)); // writing to a string cannot fail
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

/// An object that is being written; [`Object::key`] sets commas.
struct Object<'w> {
    writer: &'w mut Writer,
    is_empty: bool,
}

impl Object<'_> {
    fn key(&mut self, name: &str) -> &mut Writer {
        if !self.is_empty {
            self.writer.out.push(',');
        }
        self.is_empty = false;
        self.writer.string(name);
        self.writer.out.push(':');
        self.writer
    }

    fn attributes(&mut self, attributes: &[Attribute]) {
        if !attributes.is_empty() {
            self.key("attributes").list(attributes, Writer::attribute);
        }
    }
}
