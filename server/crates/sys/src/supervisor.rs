//! What this process says to whoever supervises it, as systemd wants to be told: datagrams to the socket that `NOTIFY_SOCKET`
//! names. Without such a socket nothing is said.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

const VARIABLE: &str = "NOTIFY_SOCKET";

#[derive(Debug, Default)]
pub struct Supervisor(Option<UnixDatagram>);

impl Supervisor {
    /// Whom the environment names.
    pub fn of_environment() -> io::Result<Self> {
        let name = std::env::var_os(VARIABLE).filter(|name| !name.is_empty());
        name.map_or(Ok(Self(None)), |name| Self::at(&name))
    }

    fn at(name: &OsStr) -> io::Result<Self> {
        let address = match name.as_bytes().split_first() {
            Some((b'@', hidden)) => SocketAddr::from_abstract_name(hidden)?,
            _ => SocketAddr::from_pathname(name)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.connect_addr(&address)?;
        socket.set_nonblocking(true)?;
        Ok(Self(Some(socket)))
    }

    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// The start is over.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// What is shown beside this process.
    pub fn status(&self, text: &str) {
        self.tell(&format!("STATUS={}", text.replace('\n', " ")));
    }

    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    fn tell(&self, text: &str) {
        if let Some(socket) = &self.0 {
            // A supervisor that does not listen is no reason to stop.
            let _ = socket.send(text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supervisor_is_told_by_path_and_by_hidden_name() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("notify");
        let by_path = UnixDatagram::bind(&path).expect("a socket");
        let hidden = format!("elastickv-supervisor-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&hidden).expect("a name");
        let by_name = UnixDatagram::bind_addr(&address).expect("a socket");
        for (name, socket) in [(path.into_os_string(), by_path), (format!("@{hidden}").into(), by_name)] {
            let supervisor = Supervisor::at(&name).expect("it is there");
            supervisor.ready();
            supervisor.status("two\nlines");
            let mut heard = [0; 64];
            let mut next = || {
                let len = socket.recv(&mut heard).expect("a word");
                String::from_utf8_lossy(&heard[..len]).into_owned()
            };
            assert_eq!([next(), next()], ["READY=1".to_owned(), "STATUS=two lines".to_owned()]);
        }
    }
}
