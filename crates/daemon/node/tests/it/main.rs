//! A real node on loopback, driven by clients that others wrote.

mod conflicts;
mod four_validators;
mod grpc;
mod light_client;
mod proofs;
mod restart;
mod rpc;
mod support;
mod transactions;
mod websocket;
