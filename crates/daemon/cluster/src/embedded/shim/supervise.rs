//! The shim's loop: wait for anything to happen, and deal with it.

use super::container::Run;
use super::log::Log;
use super::protocol::{Exit, Phase, ShimStatus};
use super::serve::Server;
use super::usage::UsageWatch;
use super::{append_event, context, files};
use crate::LogStream;
use crate::embedded::seccomp::Filter;
use crate::embedded::spec::ReplicaSpec;
use crate::embedded::sys;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Output read in each [`LOG_PERIOD`]. The shim is outside of the tenant's cpu quota: without this bound a flood of
/// output would cost a core of ours. Past it the pipe fills, and the writer waits.
const LOG_BYTES_PER_PERIOD: usize = 128 << 10;
const LOG_PERIOD: Duration = Duration::from_millis(100);
/// Before the first restart; doubled by each further one up to the cap, forgotten after a long run.
const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
const BACK_OFF_CAP: Duration = Duration::from_secs(300);
const LONG_RUN: Duration = Duration::from_secs(600);
const STREAMS: [LogStream; 2] = [LogStream::Stdout, LogStream::Stderr];

pub struct Shim {
    spec: ReplicaSpec,
    directory: PathBuf,
    filter: Filter,
    log: Log,
    signals: File,
    server: Server,
    run: Option<Run>,
    output: [Option<File>; 2],
    log_left: usize,
    log_refill: Instant,
    restarts: u32,
    /// Restarts without a long run between.
    streak: u32,
    restart_at: Option<Instant>,
    kill_at: Option<Instant>,
    usage: UsageWatch,
    evicted: Option<String>,
    last_exit: Option<Exit>,
    stopping: bool,
    /// Says that this replica has a shim, and which process it is.
    _lock: File,
}

impl Shim {
    pub fn new(spec: ReplicaSpec, directory: &Path, lock: File) -> io::Result<Shim> {
        Ok(Shim {
            filter: Filter::new()?,
            log: Log::open(directory.join(files::LOG))?,
            signals: child_signals()?,
            server: Server::bind(directory)?,
            usage: UsageWatch::new(directory.join("upper"), spec.ephemeral_bytes),
            spec,
            directory: directory.to_owned(),
            run: None,
            output: [None, None],
            log_left: LOG_BYTES_PER_PERIOD,
            log_refill: Instant::now(),
            restarts: 0,
            streak: 0,
            restart_at: None,
            kill_at: None,
            evicted: None,
            last_exit: None,
            stopping: false,
            _lock: lock,
        })
    }

    pub fn start_container(&mut self) -> io::Result<()> {
        self.restart_at = None;
        self.log.forget_last_line();
        let (run, output) = Run::start(&self.spec, &self.directory, &self.filter)?;
        self.event("Started", &format!("process {}", run.pid));
        self.run = Some(run);
        self.output = output.map(Some);
        Ok(())
    }

    /// Until told to remove. The mount namespace, and with it the root file system, goes with the process.
    pub fn run(mut self) -> io::Result<()> {
        loop {
            self.turn()?;
            if self.server.is_done() {
                return Ok(());
            }
        }
    }

    fn turn(&mut self) -> io::Result<()> {
        if self.log_refill.elapsed() >= LOG_PERIOD {
            (self.log_refill, self.log_left) = (Instant::now(), LOG_BYTES_PER_PERIOD);
        }
        let pipe = |file: &Option<File>| file.as_ref().filter(|_| self.log_left > 0).map_or(-1, AsRawFd::as_raw_fd);
        let fds: [RawFd; 4] =
            [self.signals.as_raw_fd(), self.server.as_raw_fd(), pipe(&self.output[0]), pipe(&self.output[1])];
        let ready = match sys::poll(fds, self.next_deadline()) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => return Ok(()),
            other => other?,
        };
        for which in [0, 1] {
            if ready[2 + which] {
                self.read_output(which, self.log_left);
            }
        }
        if ready[0] {
            let _ = self.signals.read(&mut [0u8; 1024]); // only says that there is something to collect
            self.collect();
        }
        if ready[1]
            && let Some((request, client)) = self.server.accept()
        {
            self.answer(request, client);
        }
        self.keep_deadlines();
        Ok(())
    }

    fn next_deadline(&self) -> Duration {
        let refill = (self.log_left == 0).then(|| self.log_refill + LOG_PERIOD);
        let usage = self.run.as_ref().and_then(|_| self.usage.next());
        let first = [self.restart_at, self.kill_at, refill, usage].into_iter().flatten().min();
        let wait = first.map_or(Duration::from_secs(3600), |at| at.saturating_duration_since(Instant::now()));
        wait + Duration::from_millis(1)
    }

    fn keep_deadlines(&mut self) {
        let now = Instant::now();
        if self.kill_at.is_some_and(|at| at <= now) {
            self.kill_at = None;
            self.signal(libc::SIGKILL);
        }
        if self.run.is_some()
            && self.usage.next().is_some_and(|at| at <= now)
            && let Err(reason) = self.usage.check()
        {
            self.evicted = Some(reason);
            self.signal(libc::SIGKILL);
        }
        if self.restart_at.is_some_and(|at| at <= now) {
            self.restarts = self.restarts.saturating_add(1);
            if let Err(error) = self.start_container() {
                self.event("Failed", &error.to_string());
                self.back_off();
            }
        }
    }

    /// At most `limit` bytes, so that a flood cannot starve requests.
    fn read_output(&mut self, which: usize, limit: usize) {
        let Some(file) = self.output[which].as_mut() else { return };
        let mut buffer = [0u8; 16 << 10];
        let mut left = limit;
        while left > 0 {
            let room = buffer.len().min(left);
            match file.read(&mut buffer[..room]) {
                Ok(0) => {
                    self.output[which] = None;
                    self.log.finish(STREAMS[which]);
                    break;
                }
                Ok(read) => {
                    left -= read;
                    self.log.feed(STREAMS[which], &buffer[..read]);
                }
                Err(_) => break, // nothing more for now
            }
        }
        self.log_left = self.log_left.saturating_sub(limit - left);
    }

    /// Every child that ended: the container's first process, and strays of the runtime library.
    fn collect(&mut self) {
        loop {
            let mut status = 0;
            // SAFETY: fills one number.
            let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) };
            if pid <= 0 {
                return;
            }
            if self.run.as_ref().is_some_and(|run| run.pid == pid) {
                self.ended(status);
            }
        }
    }

    fn ended(&mut self, status: i32) {
        let Some(run) = self.run.take() else { return };
        for which in [0, 1] {
            self.read_output(which, LOG_BYTES_PER_PERIOD);
            if self.output[which].take().is_some() {
                self.log.finish(STREAMS[which]);
            }
        }
        let by_signal = libc::WIFSIGNALED(status).then(|| 128 + libc::WTERMSIG(status));
        let exit = Exit {
            code: by_signal.unwrap_or_else(|| libc::WEXITSTATUS(status)),
            out_of_memory: self.spec.cgroup().oom_kills() > 0,
            evicted: self.evicted.take(),
            last_line: self.log.last_line().to_owned(),
            time: sys::now(),
        };
        self.event(if exit.out_of_memory { "OutOfMemory" } else { "Exited" }, &exit.describe());
        if run.since.elapsed() > LONG_RUN {
            self.streak = 0;
        }
        if let Err(error) = run.delete(&self.directory) {
            self.event("Failed", &error.to_string());
        }
        self.kill_at = None;
        // What an eviction is about lies in the writable layer: only the daemon can make the replica anew.
        self.stopping |= exit.evicted.is_some();
        self.last_exit = Some(exit);
        if !self.stopping {
            self.back_off();
        }
        let status = self.status();
        self.server.answer_stopped(&status);
    }

    fn back_off(&mut self) {
        let wait = FIRST_BACK_OFF.saturating_mul(1 << self.streak.min(16)).min(BACK_OFF_CAP);
        self.restart_at = Some(Instant::now() + wait);
        self.streak += 1;
    }

    fn answer(&mut self, request: super::Request, client: super::serve::Client) {
        match request {
            super::Request::Status => client.answer(&self.status()),
            super::Request::Stop { grace_ms } => {
                self.stopping = true;
                self.restart_at = None;
                if let Some(run) = &self.run {
                    let first = if run.minds_term() { libc::SIGTERM } else { libc::SIGKILL };
                    self.signal(first);
                    self.kill_at = Some(Instant::now() + Duration::from_millis(grace_ms));
                    self.server.wait_for_stop(client);
                } else {
                    client.answer(&self.status());
                }
            }
            super::Request::Remove if self.run.is_none() => {
                client.answer(&self.status());
                self.server.finish();
            }
            super::Request::Remove => client.answer(&self.status()), // not stopped: says so by its phase
        }
    }

    fn status(&self) -> ShimStatus {
        let phase = match (&self.run, self.stopping) {
            (Some(_), _) => Phase::Running,
            (None, false) => Phase::Waiting,
            (None, true) => Phase::Ended,
        };
        ShimStatus {
            phase,
            pid: self.run.as_ref().map(|run| run.pid),
            running_ms: self.run.as_ref().map_or(0, |run| run.since.elapsed().as_millis() as u64),
            restarts: self.restarts,
            last_exit: self.last_exit.clone(),
        }
    }

    fn signal(&mut self, signal: i32) {
        if let Some(run) = &self.run
            && let Err(error) = run.signal(signal)
        {
            self.event("Failed", &context("signal", &error).to_string()); // it has just ended
        }
    }

    fn event(&self, reason: &str, message: &str) {
        // A full disk loses events, never the container.
        let _ = append_event(&self.directory.join(files::EVENTS), reason, message);
    }
}

/// SIGCHLD as a readable descriptor.
fn child_signals() -> io::Result<File> {
    // SAFETY: the set is emptied before it is used.
    let fd = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
        libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
    };
    Ok(sys::own(sys::check(fd)?).into())
}
