//! What tools ask first: which services there are, and their descriptors with all options.

use std::sync::Arc;

use akash_app::AppView;
use akash_proto::{DESCRIPTOR_SET, descriptors};
use axum::Router;
use tonic::server::NamedService;
use tonic_reflection::server::Builder;

use crate::server_state::ServerState;
use crate::services;

const BUILDS: &str = "the build wrote this set itself";

pub fn router(view: &AppView) -> Router<Arc<ServerState>> {
    let names: Vec<String> = served(view);
    let builder = |name: &str| {
        let builder = Builder::configure().register_encoded_file_descriptor_set(DESCRIPTOR_SET).with_service_name(name);
        names.iter().fold(builder, |builder, name| builder.with_service_name(name))
    };
    let newer = builder("grpc.reflection.v1.ServerReflection").build_v1().expect(BUILDS);
    let older = builder("grpc.reflection.v1alpha.ServerReflection").build_v1alpha().expect(BUILDS);
    Router::new()
        .route_service(&path_of(&newer), newer.max_decoding_message_size(MESSAGE_BYTES_MAX))
        .route_service(&path_of(&older), older.max_decoding_message_size(MESSAGE_BYTES_MAX))
}

/// Requests are names.
const MESSAGE_BYTES_MAX: usize = 64 << 10;

fn path_of<S: NamedService>(_service: &S) -> String {
    format!("/{}/{{method}}", S::NAME)
}

/// The services of which some method has an answer.
fn served(view: &AppView) -> Vec<String> {
    let services = descriptors().services().filter(|service| {
        service.methods().any(|method| services::serves(view, &format!("/{}/{}", service.full_name(), method.name())))
    });
    services.map(|service| service.full_name().to_owned()).collect()
}
