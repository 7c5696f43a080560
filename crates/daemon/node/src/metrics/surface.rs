//! What is counted of one server.

use std::sync::Arc;
use std::time::Duration;

use prometheus::{Histogram, IntCounter, IntGauge};

use super::Figures;

/// One server's share of the metrics. Clones count together.
#[derive(Clone)]
pub struct Surface {
    name: &'static str,
    figures: Arc<Figures>,
    connections: IntGauge,
    refused: IntCounter,
    seconds: Histogram,
}

/// A connection; dropping it counts it out.
pub struct Open(IntGauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Surface {
    pub fn new(name: &'static str, figures: Arc<Figures>) -> Self {
        let connections = figures.servers.connections.with_label_values(&[name]);
        let refused = figures.servers.connections_refused.with_label_values(&[name]);
        let seconds = figures.servers.request_seconds.with_label_values(&[name]);
        Self { name, figures, connections, refused, seconds }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn connected(&self) -> Open {
        self.connections.inc();
        Open(self.connections.clone())
    }

    pub fn refused(&self) {
        self.refused.inc();
    }

    pub fn answered(&self, status: u16, took: Duration) {
        self.figures.servers.requests.with_label_values(&[self.name, &status.to_string()]).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}
