//! `services.<name>`.

use std::collections::BTreeMap;

use super::Decoder;
use crate::{
    document::{Credentials, Mount, Params, Service},
    go::quote::quote,
    yaml::{At, NodeId},
};

impl Decoder<'_> {
    pub(super) fn services(&mut self, id: NodeId) -> BTreeMap<String, Service> {
        let mut services = BTreeMap::new();
        for field in self.fields(id, "map[string]sdl.v2Service") {
            let service = self.service(field.key_at, field.value);
            services.insert(field.key, service);
        }
        services
    }

    fn service(&mut self, at: At, id: NodeId) -> Service {
        let mut service = Service { at, ..Service::default() };
        service.image.at = at;
        for field in self.fields(id, "sdl.v2Service") {
            match field.key.as_str() {
                "image" => service.image = self.text(field.value),
                "command" => service.command = self.texts(field.value),
                "args" => service.args = self.texts(field.value),
                "env" => service.env = self.texts(field.value),
                "expose" => service.expose = self.exposes(field.value),
                "dependencies" => self.dependencies(field.value),
                "params" if !self.is_null(field.value) => {
                    service.params = Some(self.params(field.value));
                }
                "credentials" if !self.is_null(field.value) => {
                    service.credentials = Some(self.credentials(field.key_at, field.value));
                }
                "params" | "credentials" => {}
                _ => self.ignored(&field),
            }
        }
        service
    }

    /// Decoded for its faults only: dependencies change nothing.
    fn dependencies(&mut self, id: NodeId) {
        let items = self.items(id, "[]sdl.v2Dependency", "write a list of `- service: NAME`").unwrap_or_default();
        for item in items {
            for field in self.fields(item, "sdl.v2Dependency") {
                match field.key.as_str() {
                    "service" => drop(self.text(field.value)),
                    _ => self.ignored(&field),
                }
            }
        }
    }

    fn params(&mut self, id: NodeId) -> Params {
        let mut params = Params::default();
        for field in self.fields(id, "sdl.v2ServiceParams") {
            match field.key.as_str() {
                "storage" => params.storage = self.mounts(field.value),
                "permissions" if !self.is_null(field.value) => {
                    params.permissions = Some(self.permissions(field.value));
                }
                "permissions" => {}
                "tee" => {
                    let tee = self.text(field.value);
                    if !matches!(tee.text.as_str(), "" | "cpu" | "cpu-gpu") {
                        let message =
                            format!("sdl: unsupported tee type: {} (allowed: cpu, cpu-gpu)", quote(&tee.text));
                        self.fail_with(tee.at, message, "write `tee: cpu` or `tee: cpu-gpu`, or leave it out");
                    }
                    params.tee = (!tee.text.is_empty()).then_some(tee);
                }
                _ => self.ignored(&field),
            }
        }
        params
    }

    fn mounts(&mut self, id: NodeId) -> BTreeMap<String, Mount> {
        let mut mounts = BTreeMap::new();
        for volume in self.fields(id, "map[string]sdl.v2ServiceStorageParams") {
            let mut mount = Mount { at: volume.key_at, ..Mount::default() };
            mount.mount.at = volume.key_at;
            for field in self.fields(volume.value, "sdl.v2ServiceStorageParams") {
                match field.key.as_str() {
                    "mount" => mount.mount = self.text(field.value),
                    "readOnly" => mount.read_only = self.boolean(field.value),
                    _ => self.ignored(&field),
                }
            }
            mounts.insert(volume.key, mount);
        }
        mounts
    }

    fn permissions(&mut self, id: NodeId) -> Vec<String> {
        let mut read = Vec::new();
        for field in self.fields(id, "sdl.v2ServicePermissions") {
            match field.key.as_str() {
                "read" => read = self.strings(field.value).unwrap_or_default(),
                _ => self.ignored(&field),
            }
        }
        read
    }

    fn credentials(&mut self, at: At, id: NodeId) -> Credentials {
        let mut credentials = Credentials { at, ..Credentials::default() };
        for field in self.fields(id, "sdl.v2ServiceCredentials") {
            match field.key.as_str() {
                "host" => credentials.host = self.string(field.value),
                "email" => credentials.email = self.string(field.value),
                "username" => credentials.username = self.string(field.value),
                "password" => credentials.password = self.string(field.value),
                _ => self.ignored(&field),
            }
        }
        credentials
    }
}
