//! The shim's socket. Only root can reach it, and still nothing said on it can hang the supervisor.

use super::files;
use super::protocol::{MAX_REQUEST_BYTES, Request, ShimStatus};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

const CLIENT_TIMEOUT: Duration = Duration::from_secs(1);
const MAX_WAITING: usize = 16;

pub struct Server {
    listener: UnixListener,
    /// Want to know when the container has stopped.
    waiting: Vec<Client>,
    done: bool,
}

pub struct Client(UnixStream);

impl Server {
    /// A socket's path is limited to 107 bytes, so it is bound relative to its directory.
    pub fn bind(directory: &Path) -> io::Result<Server> {
        std::env::set_current_dir(directory)?;
        let listener = UnixListener::bind(files::SOCKET);
        std::env::set_current_dir("/")?;
        let listener = listener?;
        listener.set_nonblocking(true)?;
        let path = directory.join(files::SOCKET);
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Server { listener, waiting: Vec::new(), done: false })
    }

    /// One request, if a client is there and says something that is one.
    pub fn accept(&self) -> Option<(Request, Client)> {
        let (stream, _) = self.listener.accept().ok()?;
        stream.set_nonblocking(false).ok()?;
        stream.set_read_timeout(Some(CLIENT_TIMEOUT)).ok()?;
        stream.set_write_timeout(Some(CLIENT_TIMEOUT)).ok()?;
        let line = read_line(&stream)?;
        Some((serde_json::from_slice(&line).ok()?, Client(stream)))
    }

    pub fn wait_for_stop(&mut self, client: Client) {
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push(client);
        }
    }

    pub fn answer_stopped(&mut self, status: &ShimStatus) {
        self.waiting.drain(..).for_each(|client| client.answer(status));
    }

    pub fn finish(&mut self) {
        self.done = true;
    }

    pub fn is_done(&self) -> bool {
        self.done
    }
}

impl AsRawFd for Server {
    fn as_raw_fd(&self) -> RawFd {
        self.listener.as_raw_fd()
    }
}

impl Client {
    /// A client that is gone does not matter.
    pub fn answer(mut self, status: &ShimStatus) {
        if let Ok(text) = serde_json::to_string(status) {
            let _ = writeln!(self.0, "{text}");
        }
    }
}

fn read_line(mut stream: &UnixStream) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let mut buffer = [0u8; 1024];
    while line.len() < MAX_REQUEST_BYTES {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        line.extend_from_slice(&buffer[..read]);
        if line.last() == Some(&b'\n') {
            return Some(line);
        }
    }
    None
}
