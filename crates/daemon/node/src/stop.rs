//! When the node stops, and the first reason for which it must.

use std::sync::Arc;

use tokio::sync::watch;

/// Seen by everything that runs. Clones see the same stop.
#[derive(Clone)]
pub struct Stopping(watch::Receiver<bool>);

/// Whoever holds it stops the node; dropping it does too.
pub struct Stop(watch::Sender<bool>);

impl Stop {
    pub fn new() -> (Self, Stopping) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stopping(receiver))
    }

    pub fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    pub fn is_now(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Returns when the node stops.
    pub async fn wait(&mut self) {
        // An error means that the sender is gone, which is a stop as well.
        let _ = self.0.wait_for(|stopping| *stopping).await;
    }
}

/// Whoever finds a reason reports it; the node stops and says it.
#[derive(Clone)]
pub struct Fatal(Arc<watch::Sender<Option<String>>>);

impl Default for Fatal {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl Fatal {
    /// Only the first report is kept: the others follow from it.
    pub fn report(&self, reason: impl Into<String>) {
        let reason = reason.into();
        tracing::error!(%reason, "the node cannot go on");
        self.0.send_if_modified(|slot| {
            let first = slot.is_none();
            if first {
                *slot = Some(reason);
            }
            first
        });
    }

    pub fn reason(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    pub async fn wait(&self) -> String {
        let mut receiver = self.0.subscribe();
        loop {
            if let Some(reason) = receiver.borrow_and_update().clone() {
                return reason;
            }
            if receiver.changed().await.is_err() {
                return "the node is gone".to_string(); // cannot happen: self keeps a sender
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn first_reason_is_kept() {
        let fatal = Fatal::default();
        fatal.report("disk full");
        fatal.report("engine gone");
        assert_eq!(fatal.wait().await, "disk full");
    }

    #[tokio::test]
    async fn dropping_the_stop_stops() {
        let (stop, mut stopping) = Stop::new();
        assert!(!stopping.is_now());
        drop(stop);
        stopping.wait().await;
        assert!(stopping.is_now());
    }
}
