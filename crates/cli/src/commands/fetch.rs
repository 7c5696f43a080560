//! Fetches a page of a deployment. It dials loopback and says the host name itself, since not every resolver knows
//! names under `.localhost`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

const ONE_TRY: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(100);
const MAX_PAGE_BYTES: u64 = 1 << 20;

pub struct Page {
    pub status: u16,
    pub body: String,
}

/// The first good answer of `url` within `limit`, or the last one whatever it is.
pub async fn page(url: &str, ingress: u16, limit: Duration) -> Result<Page> {
    let rest = url.strip_prefix("http://").context("only http URLs are fetched")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let deadline = Instant::now() + limit;
    loop {
        let tried =
            timeout(ONE_TRY, once(authority, path, ingress)).await.unwrap_or_else(|_| bail!("no answer in time"));
        match tried {
            Ok(page) if page.status < 500 => return Ok(page),
            other if Instant::now() >= deadline => return other.with_context(|| format!("cannot fetch {url}")),
            _ => sleep(PAUSE).await,
        }
    }
}

async fn once(authority: &str, path: &str, ingress: u16) -> Result<Page> {
    let mut stream = TcpStream::connect(("127.0.0.1", ingress)).await?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_PAGE_BYTES).read_to_end(&mut answer).await?;
    parse(&String::from_utf8_lossy(&answer))
}

fn parse(answer: &str) -> Result<Page> {
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer is not HTTP")?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).context("the answer has no status")?;
    Ok(Page { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_body_are_found() {
        let page = parse("HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello\r\n\r\nthere").unwrap();
        assert_eq!((page.status, &*page.body), (200, "hello\r\n\r\nthere"));
        assert!(parse("hello").is_err());
    }
}
