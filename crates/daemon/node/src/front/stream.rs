//! A socket that ends when its other side stops taking part.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::places::Place;

/// The first byte has to come within this.
const FIRST_BYTE_WITHIN: Duration = Duration::from_secs(10);
/// No byte in either direction: longer than any call takes and than a websocket's pings are apart.
const IDLE_MAX: Duration = Duration::from_secs(120);
/// While the socket is full, at least `STUCK_BYTES` have to leave in this time.
const STUCK_MAX: Duration = Duration::from_secs(10);
const STUCK_BYTES: usize = 16 << 10;

/// Holds its place as long as it lives.
pub struct Guarded {
    stream: TcpStream,
    idle: Clock,
    stuck: Option<Stuck>,
    _place: Place,
}

/// Since when the socket is full, and what left it meanwhile.
struct Stuck {
    clock: Clock,
    left: usize,
}

/// A deadline that is moved often and looked at seldom.
struct Clock {
    until: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl Clock {
    fn new(within: Duration) -> Self {
        let until = Instant::now() + within;
        Self { until, sleep: Box::pin(sleep_until(until)) }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= self.until {
                return Poll::Ready(());
            }
            self.sleep.as_mut().reset(self.until);
        }
        Poll::Pending
    }
}

impl Guarded {
    pub fn new(stream: TcpStream, place: Place) -> Self {
        Self { stream, idle: Clock::new(FIRST_BYTE_WITHIN), stuck: None, _place: place }
    }

    fn moved(&mut self) {
        self.idle.until = Instant::now() + IDLE_MAX;
    }

    /// What a write of `wanted` bytes means for the other side.
    fn wrote(
        &mut self,
        cx: &mut Context<'_>,
        wanted: usize,
        outcome: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match outcome {
            Poll::Pending => {
                let stuck = self.stuck.get_or_insert_with(|| Stuck { clock: Clock::new(STUCK_MAX), left: 0 });
                stuck.clock.poll(cx).map(|()| Err(too_slow("the client takes no bytes")))
            }
            Poll::Ready(Ok(count)) => {
                self.moved();
                if let Some(stuck) = &mut self.stuck {
                    stuck.left += count;
                    if count == wanted || stuck.left >= STUCK_BYTES {
                        self.stuck = None;
                    }
                }
                Poll::Ready(Ok(count))
            }
            failed => failed,
        }
    }
}

fn too_slow(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

impl AsyncRead for Guarded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Pending => self.idle.poll(cx).map(|()| Err(too_slow("the client is silent"))),
            ready => {
                self.moved();
                ready
            }
        }
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(cx, bytes.len(), outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wanted = slices.iter().map(|slice| slice.len()).sum();
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(cx, wanted, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
