//! Network namespaces with a wire from each to a bridge. A wire that is cut loses everything in both directions, while
//! the processes at its ends keep their connections.

use std::process::{Command, Stdio};

/// Removed with everything in it when dropped.
pub struct Wires {
    /// In the names of all that is made, so that tests at the same time do not meet.
    mark: String,
    subnet: u8,
    count: usize,
}

impl Wires {
    /// None when this machine does not allow it; says why, or fails where nothing may be left out.
    pub fn new(count: usize) -> Option<Self> {
        let reason = if !rustix::process::geteuid().is_root() {
            Some("network namespaces need root")
        } else if Command::new("ip").arg("-V").stdout(Stdio::null()).status().is_err() {
            Some("network namespaces are made with the command ip, which is not installed")
        } else {
            None
        };
        if let Some(reason) = reason {
            assert!(std::env::var_os("AKASH_TESTS_COMPLETE").is_none(), "left out although it must not be: {reason}");
            println!("left out: {reason}");
            return None;
        }
        let process = std::process::id();
        let wires = Self { mark: format!("akt{}", process % 100_000), subnet: (process % 200) as u8 + 20, count };
        wires.lay();
        Some(wires)
    }

    fn lay(&self) {
        let (bridge, gateway) = (self.bridge(), format!("10.213.{}.1/24", self.subnet));
        ip(&["link", "add", &bridge, "type", "bridge"]);
        ip(&["addr", "add", &gateway, "dev", &bridge]);
        ip(&["link", "set", &bridge, "up"]);
        for node in 0..self.count {
            let (space, outer, inner) = (self.namespace(node), self.outer(node), format!("{}i{node}", self.mark));
            ip(&["netns", "add", &space]);
            ip(&["link", "add", &outer, "type", "veth", "peer", "name", &inner]);
            ip(&["link", "set", &inner, "netns", &space]);
            ip(&["link", "set", &outer, "master", &bridge, "up"]);
            ip(&["-n", &space, "addr", "add", &format!("{}/24", self.address(node)), "dev", &inner]);
            ip(&["-n", &space, "link", "set", &inner, "up"]);
            ip(&["-n", &space, "link", "set", "lo", "up"]);
        }
    }

    fn bridge(&self) -> String {
        format!("{}b", self.mark)
    }

    fn namespace(&self, node: usize) -> String {
        format!("{}n{node}", self.mark)
    }

    fn outer(&self, node: usize) -> String {
        format!("{}o{node}", self.mark)
    }

    fn address(&self, node: usize) -> String {
        format!("10.213.{}.{}", self.subnet, node + 10)
    }

    /// Address and namespace of each.
    pub fn hosts(&self) -> impl Iterator<Item = (String, String)> {
        (0..self.count).map(|node| (self.address(node), self.namespace(node)))
    }

    pub fn cut(&self, node: usize) {
        ip(&["link", "set", &self.outer(node), "down"]);
    }

    pub fn join(&self, node: usize) {
        ip(&["link", "set", &self.outer(node), "up"]);
    }
}

fn ip(arguments: &[&str]) {
    let made = Command::new("ip").args(arguments).output().unwrap();
    assert!(made.status.success(), "ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&made.stderr));
}

impl Drop for Wires {
    fn drop(&mut self) {
        for node in 0..self.count {
            let _ = Command::new("ip").args(["netns", "del", &self.namespace(node)]).status();
            let _ = Command::new("ip").args(["link", "del", &self.outer(node)]).stderr(Stdio::null()).status();
        }
        let _ = Command::new("ip").args(["link", "del", &self.bridge()]).status();
    }
}
