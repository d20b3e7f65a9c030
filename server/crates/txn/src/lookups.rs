//! Threads that look rows up.
//!
//! A lookup may have to wait for the disk, and so does not belong on the threads that answer everybody. Handing
//! each over to a thread and waking it costs more than most lookups take. So a thread that is awake takes what
//! came meanwhile, one after the other, and sleeps only when nothing is left: the more there is to do, the less
//! it costs.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use elastickv_sys::task;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

type Lookup = Box<dyn FnOnce() + Send>;

/// Those that a thread takes at once. The others are left to the threads beside it.
const TAKEN: usize = 16;
const MOST_THREADS: usize = 8;

/// What is asked for goes on to be looked up while any clone is left.
#[derive(Clone, Debug)]
pub struct Lookups(Arc<Open>);

/// Ends the threads when it is dropped.
#[derive(Debug)]
struct Open(Arc<Shared>);

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    comes: Condvar,
}

/// Not bounded by itself: each caller brings one and waits for it.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<Lookup>,
    closed: bool,
}

impl Lookups {
    /// Starts a thread for each core, up to some.
    pub fn start() -> io::Result<Self> {
        let open = Open(Arc::default());
        let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MOST_THREADS);
        for number in 0..threads {
            let shared = open.0.clone();
            task::thread(&format!("lookup-{number}"), move || shared.work())?;
        }
        Ok(Self(Arc::new(open)))
    }

    /// What a lookup found; `None` if it panicked.
    pub async fn run<T: Send + 'static>(&self, lookup: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        // A simulator has one thread, and its time stands still meanwhile.
        if !task::has_threads() {
            return Some(lookup());
        }
        let (found, answer) = oneshot::channel();
        self.0.0.push(Box::new(move || drop(found.send(lookup()))));
        answer.await.ok()
    }
}

impl Shared {
    fn push(&self, lookup: Lookup) {
        self.queue.lock().waiting.push_back(lookup);
        self.comes.notify_one();
    }

    fn work(&self) {
        let mut taken = Vec::with_capacity(TAKEN);
        while self.take(&mut taken) {
            for lookup in taken.drain(..) {
                if catch_unwind(AssertUnwindSafe(lookup)).is_err() {
                    tracing::error!("looking a row up panicked");
                }
            }
        }
    }

    /// Waits for lookups. False once there will be none any more.
    fn take(&self, taken: &mut Vec<Lookup>) -> bool {
        let mut queue = self.queue.lock();
        while queue.waiting.is_empty() {
            if queue.closed {
                return false;
            }
            self.comes.wait(&mut queue);
        }
        let most = queue.waiting.len().min(TAKEN);
        taken.extend(queue.waiting.drain(..most));
        true
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.queue.lock().closed = true;
        self.0.comes.notify_all();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} lookups wait", self.queue.lock().waiting.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn all_are_answered_and_a_panic_is_one_lookups_own() {
        let lookups = Lookups::start().unwrap();
        let asked: Vec<_> = (0..1_000_u32)
            .map(|number| {
                let lookups = lookups.clone();
                task::spawn(async move {
                    let found = lookups.run(move || {
                        assert!(number % 100 != 7, "this one is to panic");
                        number
                    });
                    (number, found.await)
                })
            })
            .collect();
        for one in asked {
            let (number, found) = one.await.unwrap();
            assert_eq!(found, (number % 100 != 7).then_some(number));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_threads_end_with_the_last_clone() {
        let lookups = Lookups::start().unwrap();
        let shared = Arc::downgrade(&lookups.0.0);
        assert_eq!(lookups.clone().run(|| 1).await, Some(1));
        assert!(shared.upgrade().is_some());
        drop(lookups);
        let gone = async {
            while shared.strong_count() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), gone).await.unwrap();
    }
}
