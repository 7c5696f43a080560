//! The way in.

use crate::world::World;
use std::io::{Read, Write};
use std::net::TcpStream;

pub async fn errors_have_pages(world: &World) {
    let starts = |answer: String, with: &str| assert!(answer.starts_with(with), "{answer}");
    starts(world.get("nobody.localhost", "/").await, "HTTP/1.1 404");
    starts(world.exchange("GET / HTTP/1.1\r\nconnection: close\r\n\r\n".into()).await, "HTTP/1.1 400");
    let mut workload = world.workload(50, &["exit", "0"]);
    workload.services[0].count = 0;
    world.run(&workload).await;
    starts(world.get("t50.localhost", "/").await, "HTTP/1.1 503");
    let mut workload = world.workload(51, &[]);
    workload.services[0].expose[0].port = 9;
    world.run(&workload).await;
    starts(world.get("T51.localhost:8080", "/").await, "HTTP/1.1 502");
}

pub async fn headers_are_rewritten(world: &World) {
    world.run(&world.workload(52, &[])).await;
    let request = "GET /head HTTP/1.1\r\nhost: t52.localhost\r\nx-forwarded-for: 8.8.8.8\r\n\
                   connection: close, x-private\r\nx-private: 1\r\n\r\n";
    let answer = world.exchange(request.into()).await;
    assert!(answer.contains("x-forwarded-for: 127.0.0.1"), "{answer}");
    assert!(answer.contains("x-forwarded-proto: http"), "{answer}");
    assert!(!answer.contains("8.8.8.8") && !answer.contains("x-private"), "{answer}");
    assert!(!answer.to_lowercase().contains("keep-alive: x"), "{answer}");
}

pub async fn bodies_and_time_are_bounded(world: &World) {
    let mut workload = world.workload(53, &[]);
    workload.services[0].expose[0].http_options.max_body_bytes = 10;
    workload.services[0].expose[0].http_options.read_timeout_ms = 300;
    world.run(&workload).await;
    let head = "POST / HTTP/1.1\r\nhost: t53.localhost\r\nconnection: close\r\n";
    let large = world.exchange(format!("{head}content-length: 11\r\n\r\n12345678901")).await;
    assert!(large.starts_with("HTTP/1.1 413"), "{large}");
    let small = world.exchange(format!("{head}content-length: 10\r\n\r\n1234567890")).await;
    assert!(small.starts_with("HTTP/1.1 200"), "{small}");
    let slow = world.get("t53.localhost", "/slow").await;
    assert!(slow.starts_with("HTTP/1.1 504"), "{slow}");
}

pub async fn protocols_can_be_switched(world: &World) {
    world.run(&world.workload(54, &[])).await;
    let address = world.cluster().ingress().unwrap();
    let exchange = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
        let request = "GET /upgrade HTTP/1.1\r\nhost: t54.localhost\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0u8];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        let mut echo = [0u8; 4];
        stream.write_all(b"ping").unwrap();
        stream.read_exact(&mut echo).unwrap();
        assert_eq!(&echo, b"ping");
    };
    tokio::task::spawn_blocking(exchange).await.unwrap();
}
