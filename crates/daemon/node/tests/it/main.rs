//! A real node on loopback, driven by clients that others wrote.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod conflicts;
mod evidence;
mod four_validators;
mod grpc;
mod hostile;
mod light_client;
mod maintenance;
mod mempool;
mod proofs;
mod rest;
mod restart;
mod rpc;
mod search;
mod servers;
mod support;
mod transactions;
mod upgrades;
mod websocket;
