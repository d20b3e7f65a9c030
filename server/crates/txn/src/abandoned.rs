//! Taking back transactions that were given up.
//!
//! A lock that has ended is taken away by the next write that meets it. Where nobody writes the key again it would
//! stand for ever, and all of them together would leave no room for others. So the leader looks for such locks now
//! and then, and takes their transactions back.

use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::GroupHandle;
use elastickv_fsm::{Lock, UnixMillis};
use tokio::sync::oneshot;

use crate::clock::HybridClock;
use crate::proposer::Proposer;
use crate::steps::Step;

const LOOK: Duration = Duration::from_secs(1);

/// Goes on for as long as a clone of it is there.
#[derive(Clone, Debug)]
pub struct Abandoned(#[expect(dead_code, reason = "held, never read")] Arc<oneshot::Sender<()>>);

impl Abandoned {
    pub fn start(group: GroupHandle, clock: HybridClock, proposer: Proposer) -> Self {
        let (alive, gone) = oneshot::channel();
        let work = take_back(group, clock, proposer);
        elastickv_sys::task::spawn(async move {
            tokio::select! {
                () = work => {}
                _ = gone => {}
            }
        });
        Self(Arc::new(alive))
    }
}

async fn take_back(group: GroupHandle, clock: HybridClock, proposer: Proposer) {
    loop {
        tokio::time::sleep(LOOK).await;
        while group.leading_term().is_some()
            && let Some(Lock { start_ts, expires_at }) = group.locked().first
            && expires_at <= UnixMillis::new(clock.reading().unix_ms())
        {
            // Whatever is in its way, a full disk above all, may have passed when it looks again.
            if proposer.step(Step::RollBack { start_ts }).await.is_err() {
                break;
            }
        }
    }
}
