//! A line for each call that took long: what it was, how long, as what it ended, and where writes lately spent their time.
//! Never what stands in it.
//!
//! Calls that operate or administer are left out: they take as long as the work they stand for, and the audit has them. Of a
//! storm a second's worth is written, and how many were left out.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use parking_lot::Mutex;
use tonic::Code;

use crate::access::Class;
use crate::node::Node;
use elastickv_sys::clock::Moment;

/// So many lines are written within a second.
const MOST: u64 = 20;
const WINDOW: Duration = Duration::from_secs(1);

/// How many lines there were lately.
#[derive(Debug, Default)]
pub struct SlowLog(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    began: Option<Moment>,
    written: u64,
    left_out: u64,
}

impl SlowLog {
    /// Whether to write a line now, and how many were left out since the last one.
    fn admit(&self, now: Moment) -> Option<u64> {
        let mut window = self.0.lock();
        if window.began.is_none_or(|began| now.since(began) >= WINDOW) {
            window.began = Some(now);
            window.written = 0;
        }
        if window.written >= MOST {
            window.left_out += 1;
            return None;
        }
        window.written += 1;
        Some(std::mem::take(&mut window.left_out))
    }
}

/// One call, from its arrival to its answer, or until its caller gives up.
#[derive(Debug)]
pub struct Timed {
    node: Arc<Node>,
    class: Class,
    path: String,
    request_id: String,
    forwarded: bool,
    began: Moment,
    open: bool,
}

impl Timed {
    pub fn begin(node: Arc<Node>, class: Class, path: String, request_id: String, forwarded: bool) -> Self {
        let began = node.clock.now();
        Self { node, class, path, request_id, forwarded, began, open: true }
    }

    /// It was answered.
    pub fn answered(mut self, headers: Option<&HeaderMap>) {
        self.open = false;
        let status = headers.and_then(|headers| headers.get("grpc-status"));
        let code = status.map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()));
        let took = self.node.clock.now().since(self.began);
        self.node.metrics.called(&self.path, took);
        self.note(took, &format!("{code:?}"));
    }

    fn note(&self, took: Duration, result: &str) {
        if !matches!(self.class, Class::State | Class::Read | Class::Write)
            || self.node.config.slow_request.is_none_or(|limit| took < limit)
        {
            return;
        }
        self.node.metrics.was_slow(&self.path);
        let Some(left_out) = self.node.slow.admit(self.node.clock.now()) else { return };
        let (call, operation, forwarded) = (&self.path, &self.request_id, self.forwarded);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let (lately, waiting) = (self.node.metrics.stages_lately(), self.node.coordinator.waiting());
        tracing::warn!(call, ms, result, operation, forwarded, lately, waiting, left_out, "slow request");
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        if self.open {
            self.note(self.node.clock.now().since(self.began), "given up by its caller");
        }
    }
}

#[cfg(test)]
mod tests {
    use elastickv_sys::clock::SystemClock;

    use super::*;

    #[test]
    fn of_a_storm_a_second_is_written_and_the_rest_counted() {
        let (log, begun) = (SlowLog::default(), SystemClock::shared().now());
        let written = (0..100).filter(|_| log.admit(begun).is_some()).count();
        assert_eq!(written as u64, MOST);
        assert_eq!(log.admit(begun.after(WINDOW)), Some(100 - MOST));
        assert_eq!(log.admit(begun.after(WINDOW)), Some(0));
    }
}
