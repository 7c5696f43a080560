//! The only file in the test image: a web server by default, else what the first argument says. No crates, so that
//! the compiler alone can build it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

unsafe extern "C" {
    fn syscall(number: i64, ...) -> i64;
    fn fork() -> i32;
    fn sleep(seconds: u32) -> u32;
    fn _exit(code: i32) -> !;
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let rest = arguments.get(2..).unwrap_or_default();
    match arguments.get(1).map_or("serve", String::as_str) {
        "serve" => serve(),
        "probe" => probe(),
        "dial" => std::thread::scope(|scope| {
            rest.iter().for_each(|address| {
                scope.spawn(|| dial(address));
            });
        }),
        "resolve" => rest.iter().for_each(|name| resolve(name)),
        "hog" => hog(),
        "forks" => forks(),
        "spin" => spin(),
        "fill" => fill(),
        "exists" => rest.iter().for_each(|path| println!("exists {path} {}", std::fs::exists(path).unwrap())),
        "exit" => {
            println!("leaving");
            std::process::exit(rest[0].parse().unwrap());
        }
        other => panic!("unknown {other}"),
    }
    println!("done");
    std::thread::sleep(Duration::from_secs(3600));
}

fn serve() {
    let listener = TcpListener::bind("0.0.0.0:8080").unwrap();
    println!("listening as process {}", std::process::id());
    for stream in listener.incoming() {
        std::thread::spawn(move || answer(stream.unwrap()));
    }
}

fn answer(mut stream: TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0u8];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let _ = stream.read_exact(&mut vec![0u8; length.unwrap_or(0)]);
    println!("request {}", head.lines().next().unwrap_or_default());
    let path = head.split(' ').nth(1).unwrap_or("/");
    let body = match path {
        "/head" => head.clone(),
        "/exit" => std::process::exit(3),
        "/slow" => {
            std::thread::sleep(Duration::from_secs(30));
            String::new()
        }
        "/upgrade" => return upgrade(stream),
        _ => format!("hello from {}", std::fs::read_to_string("/etc/hostname").unwrap_or_default().trim()),
    };
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nkeep-alive: x\r\nconnection: close\r\n\r\n{body}"
    );
}

fn upgrade(mut stream: TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
    let mut buffer = [0u8; 64];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        let _ = stream.write_all(&buffer[..read]);
    }
}

fn call(name: &str, number: i64, arguments: [u64; 5]) -> i64 {
    let [a, b, c, d, e] = arguments;
    let answer = unsafe { syscall(number, a, b, c, d, e) };
    let error = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    println!("call {name} {}", if answer < 0 { format!("denied {error}") } else { "ALLOWED".to_owned() });
    answer
}

fn probe() {
    for line in std::fs::read_to_string("/proc/self/status").unwrap().lines() {
        if ["CapEff", "CapBnd", "NoNewPrivs", "Seccomp:", "NSpid"].iter().any(|key| line.starts_with(key)) {
            println!("status {}", line.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap();
    println!("uid_map {}", map.split_whitespace().collect::<Vec<_>>().join(" "));
    calls();
    for path in ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/dev/mem", "/dev/kmsg", "/proc/1/environ"] {
        let read = std::fs::File::open(path).and_then(|mut file| file.read(&mut [0u8; 64]));
        println!("read {path} {}", read.map_or("denied".into(), |n| format!("{n} bytes")));
    }
    for path in ["/sys/fs/cgroup", "/sys/firmware", "/sys/kernel/security"] {
        println!("list {path} {}", std::fs::read_dir(path).map_or(0, Iterator::count));
    }
    for (path, text) in [
        ("/proc/sysrq-trigger", "h"),
        ("/proc/sys/kernel/core_pattern", "|/x"),
        ("/proc/sys/net/ipv4/ip_forward", "1"),
        ("/proc/self/uid_map", "0 0 1"),
        ("/proc/self/oom_score_adj", "-1000"),
        ("/sys/kernel/mm/transparent_hugepage/enabled", "never"),
    ] {
        let write = std::fs::OpenOptions::new().write(true).open(path).and_then(|mut f| f.write_all(text.as_bytes()));
        println!("write {path} {}", if write.is_ok() { "WRITTEN" } else { "denied" });
    }
    let open: Vec<String> = std::fs::read_dir("/proc/self/fd").unwrap().flatten().map(|e| target(&e.path())).collect();
    println!("descriptors {}", open.join(" "));
    println!("environment {}", std::env::vars().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" "));
    for line in std::fs::read_to_string("/proc/self/mounts").unwrap().lines() {
        println!("mount {line}");
    }
}

fn target(path: &std::path::Path) -> String {
    std::fs::read_link(path).map_or(String::new(), |target| target.display().to_string())
}

/// Numbers of x86-64.
fn calls() {
    let tmpfs = c"tmpfs".as_ptr() as u64;
    let root = c"/".as_ptr() as u64;
    let here = -100i64 as u64;
    const NEW_USER: u64 = 0x1000_0000;
    call("mount", 165, [tmpfs, root, tmpfs, 0, 0]);
    call("umount2", 166, [c"/proc".as_ptr() as u64, 2, 0, 0, 0]);
    call("pivot_root", 155, [root, root, 0, 0, 0]);
    call("fsopen", 430, [tmpfs, 0, 0, 0, 0]);
    call("open_tree", 428, [here, root, 1, 0, 0]);
    call("unshare_user", 272, [NEW_USER, 0, 0, 0, 0]);
    call("unshare_net", 272, [0x4000_0000, 0, 0, 0, 0]);
    if call("clone_user", 56, [NEW_USER | 17, 0, 0, 0, 0]) == 0 {
        unsafe { _exit(0) }
    }
    let clone3 = [NEW_USER, 0, 0, 0, 17, 0, 0, 0];
    if call("clone3_user", 435, [clone3.as_ptr() as u64, 64, 0, 0, 0]) == 0 {
        unsafe { _exit(0) }
    }
    call("setns", 308, [0, 0, 0, 0, 0]);
    call("keyctl", 250, [0, 0, 0, 0, 0]);
    call("add_key", 248, [tmpfs, tmpfs, 0, 0, 0]);
    call("bpf", 321, [0, 0, 0, 0, 0]);
    call("perf_event_open", 298, [0, 0, 0, 0, 0]);
    call("io_uring_setup", 425, [1, 0, 0, 0, 0]);
    call("userfaultfd", 323, [0, 0, 0, 0, 0]);
    call("open_by_handle_at", 304, [0, 0, 0, 0, 0]);
    call("init_module", 175, [0, 0, 0, 0, 0]);
    call("kexec_load", 246, [0, 0, 0, 0, 0]);
    call("reboot", 169, [0xfee1_dead, 672_274_793, 0x0123_4567, 0, 0]);
    call("sethostname", 170, [tmpfs, 5, 0, 0, 0]);
    call("mknod", 133, [c"/null".as_ptr() as u64, 0o20_666, 259, 0, 0]);
    call("socket_vsock", 41, [40, 1, 0, 0, 0]);
    call("socket_alg", 41, [38, 5, 0, 0, 0]);
    call("socket_packet", 41, [17, 3, 0, 0, 0]);
    call("socket_raw", 41, [2, 3, 1, 0, 0]);
    call("x32_getpid", 39 | 0x4000_0000, [0; 5]);
}

fn dial(address: &str) {
    let result = TcpStream::connect_timeout(&address.parse().unwrap(), Duration::from_millis(700));
    println!("dial {address} {}", if result.is_ok() { "CONNECTED" } else { "no" });
}

/// One A query, by hand: a static C library has no resolver in an empty image.
fn resolve(name: &str) {
    let server = std::fs::read_to_string("/etc/resolv.conf").unwrap();
    let server = server.lines().find_map(|l| l.strip_prefix("nameserver ")).unwrap().to_owned();
    let mut query = vec![0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        query.push(label.len() as u8);
        query.extend_from_slice(label.as_bytes());
    }
    query.extend_from_slice(&[0, 0, 1, 0, 1]);
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    socket.send_to(&query, (server.as_str(), 53)).unwrap();
    let mut buffer = [0u8; 512];
    match socket.recv(&mut buffer) {
        Ok(length) => {
            let count = buffer[7] as usize;
            let last = &buffer[length.saturating_sub(4)..length];
            println!("resolve {name} {count} {}.{}.{}.{}", last[0], last[1], last[2], last[3]);
        }
        Err(error) => println!("resolve {name} failed {error}"),
    }
}

fn hog() {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        all.push(vec![1u8; 1 << 20]);
    }
}

fn forks() {
    let mut count = 0;
    loop {
        match unsafe { fork() } {
            0 => unsafe {
                sleep(2);
                _exit(0)
            },
            pid if pid < 0 => break,
            _ => count += 1,
        }
        assert!(count < 5_000, "no limit");
    }
    println!("forked {count}");
}

fn spin() {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(2) {}
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    println!("used {} of 200", ticks);
}

fn fill() {
    let mut file = std::fs::File::create("/fill").unwrap();
    let megabyte = vec![1u8; 1 << 20];
    for _ in 0..32 {
        file.write_all(&megabyte).unwrap();
    }
    file.sync_all().unwrap();
}
