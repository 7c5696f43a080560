//! The websocket routes: logs and events, one JSON text frame each.

use std::sync::Arc;
use std::time::Duration;

use akash_cluster::{ClusterError, LeaseEvent, LogLine, LogOptions};
use akash_types::id::LeaseId;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::extract::{Extension, Path, Query, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use futures::StreamExt;
use futures::stream::BoxStream;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::routes::{Failure, LeasePath, Visitor};
use crate::core::Core;

const PING_EVERY: Duration = Duration::from_secs(10);
const PONG_WITHIN: Duration = Duration::from_secs(15);
/// A client that does not read for so long is dropped.
const SEND_WITHIN: Duration = Duration::from_secs(15);
const MAX_CLIENT_FRAME_BYTES: usize = 4096;
/// The field's close codes.
const CLOSE_NORMAL: u16 = 1000;
const CLOSE_INTERNAL: u16 = 4000;
const CLOSE_NOT_FOUND: u16 = 4001;
const CLOSE_UNAVAILABLE: u16 = 4002;

/// The query, with the stock client's own spelling of `service`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct StreamQuery {
    #[serde(default)]
    follow: Option<String>,
    #[serde(default)]
    tail: Option<String>,
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    services: Option<String>,
}

impl StreamQuery {
    fn options(&self) -> LogOptions {
        let service = self.service.clone().or_else(|| self.services.clone()).filter(|name| !name.is_empty());
        LogOptions {
            service,
            follow: matches!(self.follow.as_deref(), Some("true" | "1" | "t" | "T" | "TRUE" | "True")),
            // A negative number is the field's "all".
            tail: self.tail.as_deref().and_then(|tail| tail.parse().ok()),
        }
    }
}

pub async fn logs(
    Extension(visitor): Extension<Visitor>,
    Path(path): Path<LeasePath>,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    let lease = visitor.lease(&headers, path).await?;
    let core = Arc::clone(&visitor.door.core);
    let permit = permit(&visitor)?;
    Ok(bounded(upgrade).on_upgrade(move |socket| async move {
        let lines = core.cluster.logs(&lease, query.options()).await;
        let frames = lines.map(|lines| lines.map(|line| log_frame(&line)).boxed());
        pump(socket, frames, permit).await;
    }))
}

pub async fn events(
    Extension(visitor): Extension<Visitor>,
    Path(path): Path<LeasePath>,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    let lease = visitor.lease(&headers, path).await?;
    let core = Arc::clone(&visitor.door.core);
    let permit = permit(&visitor)?;
    Ok(bounded(upgrade).on_upgrade(move |socket| async move {
        pump(socket, event_frames(&core, &lease, &query.options()).await, permit).await;
    }))
}

async fn event_frames(
    core: &Core,
    lease: &LeaseId,
    options: &LogOptions,
) -> Result<BoxStream<'static, String>, ClusterError> {
    let events = core.cluster.events(lease, options.follow).await?;
    let (service, namespace) = (options.service.clone(), lease.to_string());
    let wanted = events.filter_map(move |event| {
        let frame = service.as_ref().is_none_or(|name| *name == event.service).then(|| event_frame(&event, &namespace));
        async move { frame }
    });
    Ok(wanted.boxed())
}

fn log_frame(line: &LogLine) -> String {
    json!({ "name": line.replica, "message": line.line }).to_string()
}

fn event_frame(event: &LeaseEvent, namespace: &str) -> String {
    let trouble = ["Failed", "OutOfMemory", "BackOff"].contains(&event.reason.as_str());
    let name = if event.replica.is_empty() { &event.service } else { &event.replica };
    json!({
        "type": if trouble { "Warning" } else { "Normal" },
        "reportingController": "akash-provider",
        "reportingInstance": event.replica,
        "reason": event.reason,
        "note": event.message,
        "object": { "kind": "Pod", "namespace": namespace, "name": name },
    })
    .to_string()
}

fn permit(visitor: &Visitor) -> Result<OwnedSemaphorePermit, Failure> {
    let permit = Arc::clone(&visitor.door.streams).try_acquire_owned();
    permit.map_err(|_| Failure::text(StatusCode::SERVICE_UNAVAILABLE, "too many streams are open"))
}

fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade.max_message_size(MAX_CLIENT_FRAME_BYTES).max_frame_size(MAX_CLIENT_FRAME_BYTES)
}

/// Sends frames until they end, the client goes, or it no longer answers pings.
async fn pump(
    mut socket: WebSocket,
    frames: Result<BoxStream<'static, String>, ClusterError>,
    permit: OwnedSemaphorePermit,
) {
    let (code, reason) = match frames {
        Ok(frames) => match send_all(&mut socket, frames).await {
            Some(code) => (code, String::new()),
            None => return, // the client is gone
        },
        Err(error) => (close_code(&error), error.to_string()),
    };
    let frame = CloseFrame { code, reason: reason.into() };
    let _ = timeout(SEND_WITHIN, socket.send(Message::Close(Some(frame)))).await; // it may be gone by now
    drop(permit);
}

const fn close_code(error: &ClusterError) -> u16 {
    match error {
        ClusterError::NotFound(_) => CLOSE_NOT_FOUND,
        ClusterError::Unavailable(_) => CLOSE_UNAVAILABLE,
        ClusterError::Invalid(_) | ClusterError::Conflict(_) | ClusterError::Unsupported(_) => CLOSE_INTERNAL,
    }
}

async fn send_all(socket: &mut WebSocket, mut frames: BoxStream<'static, String>) -> Option<u16> {
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_sign = Instant::now();
    loop {
        let message = tokio::select! {
            frame = frames.next() => match frame {
                Some(frame) => Message::text(frame),
                None => return Some(CLOSE_NORMAL),
            },
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {
                    last_sign = Instant::now();
                    continue;
                }
            },
            _ = ping.tick() => {
                if last_sign.elapsed() > PING_EVERY + PONG_WITHIN {
                    return None;
                }
                Message::Ping(Vec::new().into())
            }
        };
        match timeout(SEND_WITHIN, socket.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return None,
        }
    }
}
