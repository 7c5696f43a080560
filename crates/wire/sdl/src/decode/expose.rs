//! `services.<name>.expose`.

use super::decoder::{Decoder, Field};
use crate::{
    document::{Expose, ExposeTo, HttpOptions, Proto},
    go::{quote::quote, url::check_host},
    yaml::{At, NodeId},
};

const NEXT_CASES: [&str; 9] = ["error", "timeout", "500", "502", "503", "504", "403", "404", "429"];
const MAX_BODY_SIZE: u32 = 104_857_600;
const MAX_TIMEOUT_MS: u32 = 60_000;
const MAX_PROXY_BUFFER_SIZE: u32 = 1_048_576;

impl Decoder<'_> {
    pub(super) fn exposes(&mut self, id: NodeId) -> Vec<Expose> {
        let help = "write a list, each item beginning with `- port: NUMBER`";
        let mut exposes = Vec::new();
        for item in self.items(id, "[]sdl.v2Expose", help).unwrap_or_default() {
            if !self.is_null(item) {
                exposes.push(self.expose(item));
            }
        }
        exposes
    }

    fn expose(&mut self, id: NodeId) -> Expose {
        let mut expose = Expose { at: self.at(id), ..Expose::default() };
        for field in self.fields(id, "sdl.v2Expose") {
            match field.key.as_str() {
                "port" => {
                    expose.port = self.uint32(field.value);
                    expose.at = self.at(field.value);
                }
                "as" => expose.external_port = self.uint32(field.value),
                "proto" => (expose.proto_written, expose.proto) = self.proto(field.value),
                "accept" => expose.accept = self.accept(field.value),
                "to" => expose.to = self.exposed_to(field.value),
                "http_options" => expose.http_options = self.http_options(field.value),
                _ => self.ignored(&field),
            }
        }
        expose
    }

    fn proto(&mut self, id: NodeId) -> (String, Proto) {
        let written = self.text(id);
        let proto = match written.text.to_uppercase().as_str() {
            "" | "TCP" => Proto::Tcp,
            "UDP" => Proto::Udp,
            _ => {
                self.fail_with(written.at, "unsupported service protocol", "write `proto: tcp` or `proto: udp`");
                Proto::Tcp
            }
        };
        (written.text, proto)
    }

    fn accept(&mut self, id: NodeId) -> Option<Vec<crate::document::Text>> {
        let hosts = self.texts(id)?;
        for host in &hosts {
            if let Err(message) = check_host(&host.text) {
                self.fail_with(host.at, message, "write a host name such as `app.example.com`");
            }
        }
        Some(hosts)
    }

    fn exposed_to(&mut self, id: NodeId) -> Vec<ExposeTo> {
        let help = "write a list, such as `- global: true`";
        let mut targets = Vec::new();
        for item in self.items(id, "[]sdl.v2ExposeTo", help).unwrap_or_default() {
            if self.is_null(item) {
                continue;
            }
            let mut target = ExposeTo::default();
            for field in self.fields(item, "sdl.v2ExposeTo") {
                self.exposed_to_field(&mut target, &field);
            }
            targets.push(target);
        }
        targets
    }

    fn exposed_to_field(&mut self, target: &mut ExposeTo, field: &Field) {
        match field.key.as_str() {
            "global" => target.global = self.boolean(field.value),
            "service" => target.service = self.string(field.value),
            "ip" => target.ip = self.text(field.value),
            // Decoded for its faults; the options of the expose itself count.
            "http_options" => drop(self.http_options(field.value)),
            _ => self.ignored(field),
        }
    }

    fn http_options(&mut self, id: NodeId) -> HttpOptions {
        let mut options = HttpOptions::default();
        let at = self.at(id);
        for field in self.fields(id, "sdl.v2HTTPOptions") {
            match field.key.as_str() {
                "max_body_size" => options.max_body_size = self.uint32(field.value),
                "read_timeout" => options.read_timeout = self.uint32(field.value),
                "send_timeout" => options.send_timeout = self.uint32(field.value),
                "next_tries" => options.next_tries = self.uint32(field.value),
                "next_timeout" => options.next_timeout = self.uint32(field.value),
                "proxy_buffer_size" => options.proxy_buffer_size = self.uint32(field.value),
                "next_cases" => options.next_cases = self.next_cases(field.value),
                _ => self.ignored(&field),
            }
        }
        self.check_options(at, &options);
        options
    }

    fn check_options(&mut self, at: At, options: &HttpOptions) {
        let limits = [
            (options.max_body_size, MAX_BODY_SIZE, "body size", "bytes"),
            (options.read_timeout, MAX_TIMEOUT_MS, "read timeout", "ms"),
            (options.send_timeout, MAX_TIMEOUT_MS, "send timeout", "ms"),
            (options.proxy_buffer_size, MAX_PROXY_BUFFER_SIZE, "proxy buffer size", "bytes"),
        ];
        for (value, limit, name, unit) in limits {
            if value > limit {
                let message = format!("http option not allowed: {name} cannot be greater than {limit} {unit}");
                self.fail_with(at, message, format!("{value} is too much; write {limit} or less"));
            }
        }
    }

    fn next_cases(&mut self, id: NodeId) -> Vec<String> {
        let cases = self.texts(id).unwrap_or_default();
        for case in &cases {
            if case.text == "off" {
                if cases.len() > 1 {
                    self.fail(case.at, "if 'off' is specified, no other cases may be specified");
                    break;
                }
            } else if !NEXT_CASES.contains(&case.text.as_str()) {
                let help = format!("the cases are {}, or `off` alone", NEXT_CASES.join(", "));
                self.fail_with(case.at, format!("next case is unknown: {}", quote(&case.text)), help);
            }
        }
        cases.into_iter().map(|case| case.text).collect()
    }
}
