//! What clients wait for their answers, for work in the background that gives way to them.

use std::time::Duration;

use elastickv_lifecycle::Pressure;
use parking_lot::Mutex;

use super::Metrics;

/// Fewer calls say nothing of the slowest hundredth.
const FEWEST: usize = 50;
/// So many of the calls since the last look count.
const MOST: usize = 20_000;

/// The calls of clients since the last look.
#[derive(Debug, Default)]
pub struct Clients(Mutex<Vec<Duration>>);

impl Clients {
    /// Calls that read and write users' data; those of operators and members wait for other things.
    pub fn called(&self, path: &str, took: Duration) {
        if !(path.starts_with("/RawKV/") || path.starts_with("/elastickv.v1.Txn/")) {
            return;
        }
        let mut calls = self.0.lock();
        if calls.len() < MOST {
            calls.push(took);
        }
    }

    fn slowest(&self) -> Option<Duration> {
        let mut calls = std::mem::take(&mut *self.0.lock());
        if calls.len() < FEWEST {
            return None;
        }
        calls.sort_unstable();
        calls.get(calls.len() * 99 / 100).copied()
    }
}

impl Pressure for Metrics {
    fn slowest(&self) -> Option<Duration> {
        self.clients.slowest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_hundredth_is_that_of_clients_since_the_last_look() {
        let clients = Clients::default();
        for ms in 1..=100 {
            clients.called("/RawKV/RawPut", Duration::from_millis(ms));
            clients.called("/elastickv.v1.Cluster/Digest", Duration::from_secs(100));
        }
        assert_eq!(clients.slowest(), Some(Duration::from_millis(100)));
        assert_eq!(clients.slowest(), None);
    }
}
