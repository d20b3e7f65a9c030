//! Which process holds the other end of a loopback connection.
//!
//! `/proc/net/tcp` lists every socket with its two ports and the number of its inode, and
//! `/proc/PID/fd` lists the inodes a process holds open. Both can be read by whoever started the process.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::matrix::Place;

/// A socket shows up in its process's table before connect returns, but an accepted connection may be
/// seen here a moment earlier.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Who dialled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Owner {
    Node(Place),
    /// A process that is none of the nodes.
    Stranger,
    /// The connection is gone, or was held by nobody who could be found.
    Nobody,
}

/// Finds who holds the end at `dialler` of the connection to `accepted_at`.
pub(super) async fn of(
    dialler: SocketAddr,
    accepted_at: SocketAddr,
    nodes: impl Fn() -> BTreeMap<u32, Place>,
) -> Owner {
    let begun = Instant::now();
    loop {
        match look(dialler, accepted_at, &nodes()) {
            Owner::Nobody if begun.elapsed() < LOOK_AGAIN => {
                tokio::time::sleep(Duration::from_millis(2)).await
            }
            found => return found,
        }
    }
}

fn look(dialler: SocketAddr, accepted_at: SocketAddr, nodes: &BTreeMap<u32, Place>) -> Owner {
    let Some(inode) = inode(dialler, accepted_at) else { return Owner::Nobody };
    let target = format!("socket:[{inode}]");
    if let Some((_, &place)) = nodes.iter().find(|&(&id, _)| holds(&id.to_string(), &target)) {
        return Owner::Node(place);
    }
    if holds("self", &target) || held_by_anyone(&target) { Owner::Stranger } else { Owner::Nobody }
}

fn inode(near: SocketAddr, far: SocketAddr) -> Option<u64> {
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    table.lines().skip(1).find_map(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let (local, remote) = (columns.next()?, columns.next()?);
        let ours = port(local)? == near.port() && port(remote)? == far.port();
        if ours { columns.nth(6)?.parse().ok().filter(|&inode| inode != 0) } else { None }
    })
}

/// The port of an address written `0100007F:3A98`.
fn port(address: &str) -> Option<u16> {
    u16::from_str_radix(address.rsplit_once(':')?.1, 16).ok()
}

fn held_by_anyone(target: &str) -> bool {
    let Ok(entries) = fs::read_dir("/proc") else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let process = name.to_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
        process.is_some_and(|id| holds(id, target))
    })
}

fn holds(process: &str, target: &str) -> bool {
    let Ok(entries) = fs::read_dir(format!("/proc/{process}/fd")) else { return false };
    entries.flatten().any(|entry| fs::read_link(entry.path()).is_ok_and(|link| link.as_os_str() == target))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[tokio::test]
    async fn the_other_end_is_found_in_this_process_and_in_another() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let at = listener.local_addr().expect("its address");
        let ours = tokio::net::TcpStream::connect(at).await.expect("connected");
        let (_end, dialler) = listener.accept().await.expect("accepted");
        assert_eq!(of(dialler, at, BTreeMap::new).await, Owner::Stranger);
        drop(ours);

        let script = format!("exec 3<>/dev/tcp/127.0.0.1/{}; read -r _ <&3", at.port());
        let mut child =
            Command::new("bash").args(["-c", &script]).stdin(Stdio::null()).spawn().expect("bash");
        let (_end, dialler) = listener.accept().await.expect("accepted");
        let id = child.id();
        let nodes = || BTreeMap::from([(id, Place(2))]);
        assert_eq!(of(dialler, at, nodes).await, Owner::Node(Place(2)));
        child.kill().expect("killed");
        child.wait().expect("gone");
        assert_eq!(of(dialler, at, nodes).await, Owner::Nobody);
    }
}
