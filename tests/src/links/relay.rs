//! Carries the bytes of relayed connections, as far as the links let them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::matrix::{Link, Matrix, Place};
use super::owner::{self, Owner};

const CHUNK: usize = 64 * 1024;

/// One direction of one connection.
struct Way {
    matrix: Arc<Matrix>,
    from: Option<Place>,
    to: Option<Place>,
}

/// Listens at `advertised` and carries what arrives to `behind` until the matrix is closed.
pub(super) async fn start(
    matrix: Arc<Matrix>,
    place: Place,
    advertised: SocketAddr,
    behind: SocketAddr,
) -> Result<()> {
    let listener = TcpListener::bind(advertised).await;
    let listener = listener.with_context(|| format!("the relay cannot listen on {advertised}"))?;
    tokio::spawn(async move {
        let mut end = matrix.changes();
        loop {
            tokio::select! {
                accepted = listener.accept() => if let Ok((near, dialler)) = accepted {
                    tokio::spawn(carry(Arc::clone(&matrix), place, near, dialler, behind));
                },
                () = closed(&mut end) => return,
            }
        }
    });
    Ok(())
}

async fn carry(matrix: Arc<Matrix>, place: Place, near: TcpStream, dialler: SocketAddr, behind: SocketAddr) {
    let mut end = matrix.changes();
    tokio::select! {
        () = connect_and_carry(matrix, place, near, dialler, behind) => {}
        () = closed(&mut end) => {}
    }
}

async fn connect_and_carry(
    matrix: Arc<Matrix>,
    place: Place,
    near: TcpStream,
    dialler: SocketAddr,
    behind: SocketAddr,
) {
    let Ok(accepted_at) = near.local_addr() else { return };
    let from = match owner::of(dialler, accepted_at, || matrix.processes()).await {
        Owner::Node(from) => Some(from),
        Owner::Stranger => None,
        Owner::Nobody => return,
    };
    let there = Way { matrix: Arc::clone(&matrix), from, to: Some(place) };
    let back = Way { matrix, from: Some(place), to: from };
    // Making a connection takes a packet each way.
    if !there.pass().await || !back.pass().await {
        return;
    }
    let Ok(far) = TcpStream::connect(behind).await else { return };
    if near.set_nodelay(true).is_err() || far.set_nodelay(true).is_err() {
        return;
    }
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    // A reset of either direction, or the end of either side with an error, ends the connection; an
    // orderly end of one direction leaves the other open.
    tokio::select! {
        _ = async { tokio::join!(there.pump(near_read, far_write), back.pump(far_read, near_write)) } => {}
        () = there.until_reset() => {}
        () = back.until_reset() => {}
    }
}

impl Way {
    fn link(&self) -> Link {
        self.matrix.link(self.from, self.to)
    }

    /// Waits while the way is silent; says whether it is open then.
    async fn pass(&self) -> bool {
        let mut changes = self.matrix.changes();
        let mut counted = false;
        loop {
            match self.link() {
                Link::Open | Link::Slow(_) => return true,
                Link::Reset => {
                    self.matrix.count_reset();
                    return false;
                }
                Link::Silent => {
                    if !counted {
                        self.matrix.count_held();
                        counted = true;
                    }
                }
            }
            if changes.changed().await.is_err() {
                return false;
            }
        }
    }

    async fn pump(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut chunk = vec![0; CHUNK];
        loop {
            let Ok(read) = from.read(&mut chunk).await else { return };
            if !self.pass().await {
                return;
            }
            // The end of a side's bytes travels as a packet too, so it waits for the link as well.
            if read == 0 {
                let _ = to.shutdown().await;
                return;
            }
            let Some(bytes) = chunk.get(..read) else { return };
            if let Link::Slow(rate) = self.link() {
                tokio::time::sleep(Duration::from_secs_f64(read as f64 / f64::from(rate))).await;
            }
            if to.write_all(bytes).await.is_err() {
                return;
            }
        }
    }

    async fn until_reset(&self) {
        let mut changes = self.matrix.changes();
        while self.link() != Link::Reset {
            if changes.changed().await.is_err() {
                return;
            }
        }
        self.matrix.count_reset();
    }
}

async fn closed(end: &mut watch::Receiver<bool>) {
    // An error means that the matrix is gone, which is an end as well.
    let _ = end.wait_for(|&closed| closed).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::Links;
    use crate::ports;
    use crate::wait;

    /// A relay in front of an echo, dialled by this process as if it were node 1.
    async fn echo() -> (Links, SocketAddr) {
        let (advertised, behind) = (ports::free().expect("a port"), ports::free().expect("a port"));
        let listener = TcpListener::bind(behind).await.expect("a listener");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.into_split();
                    let _ = tokio::io::copy(&mut read, &mut write).await;
                });
            }
        });
        let links = Links::default();
        links.runs_as(Place(1), Some(std::process::id()));
        links.front(Place(0), advertised, behind).await.expect("a relay");
        (links, advertised)
    }

    async fn ask(stream: &mut TcpStream, word: &[u8; 4]) -> std::io::Result<[u8; 4]> {
        stream.write_all(word).await?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn a_silent_cut_holds_what_is_sent_and_healing_delivers_it() {
        let (links, at) = echo().await;
        let mut stream = TcpStream::connect(at).await.expect("connected");
        assert_eq!(&ask(&mut stream, b"open").await.expect("an answer"), b"open");

        for (from, to) in [(Place(1), Place(0)), (Place(0), Place(1))] {
            links.set(from, to, Link::Silent);
            let before = links.effect().held;
            let mut asking = Box::pin(ask(&mut stream, b"held"));
            let held = wait::until_true("the bytes to be held", wait::PATIENCE, || {
                let held = links.effect().held > before;
                async move { held }
            });
            tokio::select! {
                answer = &mut asking => panic!("nothing passes a cut link, but {answer:?}"),
                held = held => held.expect("held"),
            }
            links.heal();
            assert_eq!(&asking.await.expect("an answer"), b"held");
        }
    }

    #[tokio::test]
    async fn a_reset_closes_what_is_open_and_refuses_what_is_new() {
        let (links, at) = echo().await;
        let mut stream = TcpStream::connect(at).await.expect("connected");
        assert_eq!(&ask(&mut stream, b"open").await.expect("an answer"), b"open");
        links.between(&[Place(0)], &[Place(1)], Link::Reset);
        assert!(ask(&mut stream, b"gone").await.is_err());
        let mut again = TcpStream::connect(at).await.expect("the relay itself listens");
        assert!(ask(&mut again, b"none").await.is_err());
        assert!(links.effect().reset > 0);
        links.heal();
        let mut healed = TcpStream::connect(at).await.expect("connected");
        assert_eq!(&ask(&mut healed, b"back").await.expect("an answer"), b"back");
    }

    #[tokio::test]
    async fn a_cut_of_other_nodes_does_not_touch_this_link() {
        let (links, at) = echo().await;
        links.between(&[Place(0)], &[Place(2)], Link::Silent);
        let mut stream = TcpStream::connect(at).await.expect("connected");
        let asked = tokio::time::timeout(Duration::from_secs(20), ask(&mut stream, b"mine")).await;
        assert_eq!(&asked.expect("in time").expect("an answer"), b"mine");
    }
}
