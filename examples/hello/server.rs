//! The sample tenant: a web server of the standard library alone, linked statically: its image needs no base.
//!
//! `GET /` answers a page, `GET /healthz` the word "ok", anything else 404. Each request is one line on standard
//! output.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, process, thread};

const MAX_REQUEST_BYTES: u64 = 16 * 1024;
const MAX_CONNECTIONS: u64 = 64;
const IDLE_LIMIT: Duration = Duration::from_secs(10);
const SIGTERM: i32 = 15;

static SERVED: AtomicU64 = AtomicU64::new(0);
static OPEN: AtomicU64 = AtomicU64::new(0);

unsafe extern "C" {
    fn signal(number: i32, handler: usize) -> usize;
    fn _exit(code: i32) -> !;
}

extern "C" fn stop(_number: i32) {
    // SAFETY: `_exit` is async-signal-safe and does not return.
    unsafe { _exit(0) }
}

fn main() {
    // The first process of a container ignores signals without a handler: a stop would wait out its grace time.
    // SAFETY: the handler only calls an async-signal-safe function.
    unsafe { signal(SIGTERM, stop as extern "C" fn(i32) as usize) };

    let port = env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let listener = TcpListener::bind(format!("0.0.0.0:{port}")).unwrap_or_else(|error| {
        eprintln!("cannot listen on port {port}: {error}");
        process::exit(1);
    });
    println!("hello is listening on port {port}");

    for stream in listener.incoming().flatten() {
        if OPEN.fetch_add(1, Ordering::Relaxed) >= MAX_CONNECTIONS {
            OPEN.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        thread::spawn(move || {
            if let Err(error) = serve(stream) {
                println!("connection ended: {error}");
            }
            OPEN.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(IDLE_LIMIT))?;
    stream.set_write_timeout(Some(IDLE_LIMIT))?;
    let mut lines = BufReader::new(stream.try_clone()?.take(MAX_REQUEST_BYTES)).lines();
    let Some(request) = lines.next().transpose()? else { return Ok(()) };
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }

    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let count = SERVED.fetch_add(1, Ordering::Relaxed) + 1;
    let (status, kind, body) = match (method, path) {
        ("GET", "/") => ("200 OK", "text/html; charset=utf-8", page(count)),
        ("GET", "/healthz") => ("200 OK", "text/plain", "ok\n".to_owned()),
        _ => ("404 Not Found", "text/plain", "not found\n".to_owned()),
    };
    println!("{} {} {}", method.escape_debug(), path.escape_debug(), &status[..3]);
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn page(count: u64) -> String {
    let process = process::id();
    format!(
        "<!doctype html>\n<title>hello from Akash</title>\n<h1>hello from Akash</h1>\n\
         <p>This page comes out of a container that a provider runs under a lease.</p>\n\
         <p>process {process}, request {count}</p>\n"
    )
}
