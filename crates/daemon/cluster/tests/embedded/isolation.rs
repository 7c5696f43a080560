//! What a tenant cannot do.

use crate::world::World;
use akash_cluster::Cluster;
use std::net::TcpListener;

pub async fn a_tenant_is_confined(world: &World) {
    let mut workload = world.workload(30, &["probe"]);
    workload.services[0].env = vec!["MINE=1".into()];
    let lines = world.output(&workload).await;
    let allowed: Vec<&String> = lines.iter().filter(|l| l.ends_with("ALLOWED") || l.ends_with("WRITTEN")).collect();
    assert!(allowed.is_empty(), "{allowed:?}");
    assert_eq!(lines.iter().filter(|l| l.starts_with("call ")).count(), 27);
    let has = |text: &str| assert!(lines.iter().any(|l| l == text), "{text}: {lines:#?}");
    has("call clone3_user denied 38"); // ENOSYS, so that C libraries fall back
    has("call mount denied 1");
    has("status NoNewPrivs: 1");
    has("status Seccomp: 2");
    has("status CapBnd: 00000000000404fb");
    has("list /sys/fs/cgroup 0");
    for path in ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/dev/mem", "/dev/kmsg"] {
        let read = lines.iter().find_map(|l| l.strip_prefix(&format!("read {path} "))).unwrap();
        assert!(["denied", "0 bytes"].contains(&read), "{path}: {read}");
    }
    let map = lines.iter().find_map(|l| l.strip_prefix("uid_map ")).unwrap();
    let numbers: Vec<u64> = map.split(' ').map(|n| n.parse().unwrap()).collect();
    assert!(numbers[0] == 0 && numbers[1] >= 1 << 20 && numbers[2] == 65_536, "{map}");
    let environment = lines.iter().find_map(|l| l.strip_prefix("environment ")).unwrap();
    for entry in ["MINE=1", "FROM=image", "HOSTNAME=web-0"] {
        assert!(environment.contains(entry), "{environment}");
    }
    let descriptors = lines.iter().find_map(|l| l.strip_prefix("descriptors ")).unwrap();
    let odd = |d: &&str| !d.starts_with("pipe:") && *d != "/dev/null" && !d.starts_with("/proc/");
    assert_eq!(descriptors.split(' ').filter(odd).count(), 0, "{descriptors}");
    let root = world.directory.path().display().to_string();
    assert!(!lines.iter().any(|l| l.contains(&root)), "the host's paths do not show");
    a_second_lease_has_other_ids(world, numbers[1]).await;
}

async fn a_second_lease_has_other_ids(world: &World, first: u64) {
    let lines = world.output(&world.workload(31, &["probe"])).await;
    let map = lines.iter().find_map(|l| l.strip_prefix("uid_map ")).unwrap();
    assert_ne!(map.split(' ').nth(1).unwrap(), first.to_string(), "{map}");
}

pub async fn nothing_private_can_be_reached(world: &World) {
    let host = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = host.local_addr().unwrap().port();
    let other = world.workload(32, &[]);
    world.run(&other).await;
    let mut targets: Vec<String> = host_addresses().into_iter().map(|a| format!("{a}:{port}")).collect();
    assert!(!targets.is_empty(), "the host has an address");
    let ingress = world.cluster().ingress().unwrap().port();
    targets.extend(host_addresses().into_iter().map(|a| format!("{a}:{ingress}")));
    // Also the far ends of the links to leases: other leases' routers.
    let far = |a: &String| a.starts_with("10.201.").then(|| format!("{}:80", next_address(a)));
    targets.extend(host_addresses().iter().filter_map(far));
    targets.extend(["10.200.0.1:53", "10.200.0.3:8080", "169.254.169.254:80", "10.0.0.1:80"].map(str::to_owned));
    targets.extend(["172.16.0.1:80", "192.168.0.1:80", "100.64.0.1:80"].map(str::to_owned));
    let mut arguments = vec!["dial"];
    arguments.extend(targets.iter().map(String::as_str));
    let lines = world.output(&world.workload(33, &arguments)).await;
    let reached: Vec<&String> = lines.iter().filter(|l| l.ends_with("CONNECTED")).collect();
    assert!(reached.is_empty(), "{reached:?}");
    assert_eq!(lines.iter().filter(|l| l.starts_with("dial ")).count(), targets.len());
    // The same address answers where it may: the probe itself works.
    let lines = world.output(&world.workload(34, &["dial", "127.0.0.1:1", "10.200.0.2:1"])).await;
    assert_eq!(lines.iter().filter(|l| l.starts_with("dial ")).count(), 2);
}

/// The "internet" is a namespace with a public address, linked to this machine: nothing leaves it.
pub async fn the_internet_is_reached_through_the_host(world: &World) {
    if !world.cluster().capabilities().egress {
        return println!("left out: this host cannot forward");
    }
    let internet = std::thread::spawn(Internet::build).join().unwrap();
    let peer = std::thread::spawn(move || internet.listener.accept().map(|(_, peer)| peer.ip().to_string()));
    let lines = world.output(&world.workload(35, &["dial", "203.0.113.2:80", "203.0.113.1:80"])).await;
    Internet::remove().await;
    assert!(lines.iter().any(|l| l == "dial 203.0.113.2:80 CONNECTED"), "{lines:?}");
    assert!(lines.iter().any(|l| l == "dial 203.0.113.1:80 no"), "the host's own end: {lines:?}");
    assert_eq!(peer.join().unwrap().unwrap(), "203.0.113.1", "the host's address, not the lease's");
}

struct Internet {
    listener: TcpListener,
}

impl Internet {
    const LINK: &'static str = "aktest-inet";

    /// In a thread that ends: it changes its namespace.
    fn build() -> Internet {
        use nlink::netlink::link::VethLink;
        use nlink::{Connection, Ipv4Address, Route};
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let host = Connection::<Route>::new().unwrap();
            assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNET) }, 0);
            let namespace = std::fs::File::open("/proc/thread-self/ns/net").unwrap();
            host.del_link_if_exists(Self::LINK).await.unwrap();
            host.add_link(VethLink::new(Self::LINK, "eth0").peer_netns_fd(&namespace)).await.unwrap();
            let inside = Connection::<Route>::new().unwrap();
            for (connection, link, last) in [(&host, Self::LINK, 1), (&inside, "eth0", 2)] {
                let address = std::net::Ipv4Addr::new(203, 0, 113, last);
                connection.add_address(Ipv4Address::new(link, address, 30)).await.unwrap();
                connection.set_link_up(link).await.unwrap();
            }
        });
        Internet { listener: TcpListener::bind("203.0.113.2:80").unwrap() }
    }

    async fn remove() {
        let host = nlink::Connection::<nlink::Route>::new().unwrap();
        host.del_link_if_exists(Self::LINK).await.unwrap();
    }
}

fn next_address(address: &str) -> std::net::Ipv4Addr {
    std::net::Ipv4Addr::from(u32::from(address.parse::<std::net::Ipv4Addr>().unwrap()) + 1)
}

/// Every IPv4 address of this machine but loopback: also the links to leases.
fn host_addresses() -> Vec<String> {
    let table = std::fs::read_to_string("/proc/net/fib_trie").unwrap();
    let mut found = Vec::new();
    let mut last = String::new();
    for line in table.lines() {
        if let Some(address) = line.split("-- ").nth(1) {
            last = address.to_owned();
        }
        if line.contains("/32 host LOCAL") && !last.starts_with("127.") && !found.contains(&last) {
            found.push(last.clone());
        }
    }
    found
}
