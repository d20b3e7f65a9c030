//! The state of every link, shared by all relays.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use tokio::sync::watch;

use super::Effect;

/// Which node of a cluster, counted from zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place(pub usize);

/// The state of one direction between two nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Link {
    #[default]
    Open,
    /// Bytes are held back; nobody is told.
    Silent,
    /// Connections are closed, new ones too.
    Reset,
    /// A connection carries so many bytes a second.
    Slow(u32),
}

#[derive(Debug, Default)]
struct Inner {
    links: BTreeMap<(Place, Place), Link>,
    processes: BTreeMap<u32, Place>,
}

#[derive(Debug)]
pub(super) struct Matrix {
    inner: Mutex<Inner>,
    changed: watch::Sender<bool>,
    held: AtomicU64,
    reset: AtomicU64,
}

impl Default for Matrix {
    fn default() -> Self {
        Self {
            inner: Mutex::default(),
            changed: watch::Sender::new(false),
            held: AtomicU64::new(0),
            reset: AtomicU64::new(0),
        }
    }
}

impl Matrix {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub fn runs_as(&self, place: Place, process: Option<u32>) {
        let mut inner = self.inner();
        inner.processes.retain(|_, held| *held != place);
        if let Some(id) = process {
            inner.processes.insert(id, place);
        }
    }

    /// The processes that are nodes, and which.
    pub fn processes(&self) -> BTreeMap<u32, Place> {
        self.inner().processes.clone()
    }

    pub fn set(&self, pairs: impl IntoIterator<Item = (Place, Place)>, link: Link) {
        let mut inner = self.inner();
        inner.links.extend(pairs.into_iter().map(|pair| (pair, link)));
        drop(inner);
        self.changed.send_modify(|_| {});
    }

    pub fn heal(&self) {
        self.inner().links.clear();
        self.changed.send_modify(|_| {});
    }

    /// Ends all relays.
    pub fn close(&self) {
        self.changed.send_replace(true);
    }

    /// Sees every change of a link; its value is whether the relays are to end.
    pub fn changes(&self) -> watch::Receiver<bool> {
        self.changed.subscribe()
    }

    /// The state of the way from `from` to `to`; a stranger's way is always open.
    pub fn link(&self, from: Option<Place>, to: Option<Place>) -> Link {
        let (Some(from), Some(to)) = (from, to) else { return Link::Open };
        self.inner().links.get(&(from, to)).copied().unwrap_or_default()
    }

    pub fn count_held(&self) {
        self.held.fetch_add(1, Ordering::Relaxed);
    }

    pub fn count_reset(&self) {
        self.reset.fetch_add(1, Ordering::Relaxed);
    }

    pub fn effect(&self) -> Effect {
        Effect { held: self.held.load(Ordering::Relaxed), reset: self.reset.load(Ordering::Relaxed) }
    }
}
