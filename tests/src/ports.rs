//! Free ports that stay free.
//!
//! A server is told its port before it binds it, so a port found free may be taken in between: by
//! another test, or by the kernel as the near end of someone's outgoing connection. Against the first,
//! each port given out is locked by a file for as long as the process lives; against the second, all of
//! them lie below the range the kernel draws from.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

const FIRST: u16 = 15_000;
const END: u16 = 32_000;

static TAKEN: Mutex<BTreeMap<u16, File>> = Mutex::new(BTreeMap::new());

/// An address on the loopback interface whose port nobody else will get while this process lives.
pub fn free() -> Result<SocketAddr> {
    let dir = lock_dir();
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let mut taken = TAKEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    for port in FIRST..END {
        if taken.contains_key(&port) {
            continue;
        }
        let lock = File::create(dir.join(port.to_string())).context("cannot make a port's lock file")?;
        if lock.try_lock().is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            taken.insert(port, lock);
            return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        }
    }
    bail!("no free port between {FIRST} and {END}")
}

/// One a user, so that nobody stumbles over another's files.
fn lock_dir() -> PathBuf {
    std::env::temp_dir().join(format!("elastickv-ports-{}", rustix::process::getuid().as_raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_given_twice() {
        let (one, other) = (free().expect("a port"), free().expect("another"));
        assert_ne!(one, other);
        let again = File::create(lock_dir().join(one.port().to_string()));
        assert!(again.expect("the lock file").try_lock().is_err(), "the lock is held");
    }
}
