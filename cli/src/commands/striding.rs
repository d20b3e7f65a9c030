//! Work on files that takes as long as they are, on a thread of its own, while the operator is told how far it has come.

use std::sync::Arc;
use std::time::Duration;

use elastickv_offline::Strides;
use elastickv_sys::task;
use tokio::time::{MissedTickBehavior, interval};

use crate::client::Session;
use crate::error::{CliError, Code};
use crate::model::{bytes_text, duration_text};

const LOOK: Duration = Duration::from_millis(100);

/// Does the work to its end; who is interrupted leaves the process, and the thread with it.
pub async fn striding<T: Send + 'static>(
    session: &Session,
    doing: &str,
    strides: &Arc<Strides>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CliError> {
    let mut work = task::blocking(work);
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            done = &mut work => {
                return done.map_err(|error| CliError::new(Code::Unexpected, error.to_string()));
            }
            _ = looks.tick() => session.progress().say(so_far(doing, strides.so_far(), session.elapsed())),
        }
    }
}

/// `searching  42 %  1.2 of 2.9 GiB  310 MiB/s  5s left`
pub fn so_far(doing: &str, (done, all): (u64, u64), elapsed: Duration) -> String {
    let Some(share) = (done * 100).checked_div(all) else { return doing.to_owned() };
    let rate = done as f64 / elapsed.as_secs_f64().max(1e-3);
    let left = Duration::from_secs_f64(((all.saturating_sub(done)) as f64 / rate.max(1.0)).min(1e9));
    let (done, all, rate) = (bytes_text(done), bytes_text(all), bytes_text(rate as u64));
    format!("{doing}  {share} %  {done} of {all}  {rate}/s  {} left", duration_text(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_how_far_and_how_long() {
        let mib = |n: u64| n << 20;
        let text = so_far("searching", (mib(300), mib(1200)), Duration::from_secs(10));
        assert_eq!(text, "searching  25 %  300 MiB of 1.2 GiB  30.0 MiB/s  30s left");
        assert_eq!(so_far("searching", (0, 0), Duration::ZERO), "searching");
        assert_eq!(
            so_far("searching", (0, 1), Duration::ZERO),
            "searching  0 %  0 B of 1 B  0 B/s  1.0s left"
        );
    }
}
