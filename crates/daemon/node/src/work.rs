//! Where calls may block: off the event loops, and only so many at a time.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Queries read memory and sometimes the disk, so more than cores help.
const CALLS_MAX: usize = 64;
/// Executions of transactions that nobody pays for.
const SIMULATIONS_MAX: usize = 4;

/// Bounds what clients can make this node do at once; whoever comes later waits.
#[derive(Clone)]
pub struct Work {
    calls: Arc<Semaphore>,
    simulations: Arc<Semaphore>,
}

impl Default for Work {
    fn default() -> Self {
        Self { calls: Arc::new(Semaphore::new(CALLS_MAX)), simulations: Arc::new(Semaphore::new(SIMULATIONS_MAX)) }
    }
}

/// The call panicked; the cause is in the log.
#[derive(Debug)]
pub struct Panicked;

impl Work {
    pub async fn call<T: Send + 'static>(&self, call: impl FnOnce() -> T + Send + 'static) -> Result<T, Panicked> {
        Self::run(&self.calls, call).await
    }

    pub async fn simulate<T: Send + 'static>(&self, call: impl FnOnce() -> T + Send + 'static) -> Result<T, Panicked> {
        Self::run(&self.simulations, call).await
    }

    /// A call whose client went away still holds its permit until it ends.
    async fn run<T: Send + 'static>(
        places: &Arc<Semaphore>,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        let Ok(permit) = places.clone().acquire_owned().await else { return Err(Panicked) };
        let work = move || {
            let _permit = permit;
            call()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Panicked)
    }

    /// Calls that a worker runs now.
    pub fn calls_running(&self) -> usize {
        CALLS_MAX - self.calls.available_permits()
    }
}
