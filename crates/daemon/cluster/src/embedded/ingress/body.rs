//! Bodies on their way through: with a bound for the pause between two pieces.

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};

pub type BodyError = Box<dyn std::error::Error + Send + Sync>;
pub type ProxyBody = BoxBody<Bytes, BodyError>;

pub fn full(text: String) -> ProxyBody {
    Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed()
}

/// Fails if the next piece takes longer than the pause.
pub struct Paced<B> {
    inner: Pin<Box<B>>,
    pause: Duration,
    deadline: Pin<Box<Sleep>>,
}

impl<B> Paced<B> {
    pub fn new(inner: B, pause: Duration) -> Paced<B> {
        Paced { inner: Box::pin(inner), pause, deadline: Box::pin(sleep(pause)) }
    }
}

impl<B: Body<Data = Bytes>> Body for Paced<B>
where
    B::Error: Into<BodyError>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = self.inner.as_mut().poll_frame(cx) {
            let next = Instant::now() + self.pause;
            self.deadline.as_mut().reset(next);
            return Poll::Ready(frame.map(|f| f.map_err(Into::into)));
        }
        match self.deadline.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err("the next piece did not come in time".into()))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
