//! An alarm for a wall clock that was moved. It moves no stamp; but who moved it should know that until the next
//! start hybrid time goes on from where it was.

use std::time::Duration;

use crate::clock::HybridClock;

const LOOK: Duration = Duration::from_secs(1);
const TOLERATED_MS: u64 = 500;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Notice {
    Moved,
    Right,
}

/// Says something once, and again when it is over.
#[derive(Debug, Default)]
struct Alarm {
    on: bool,
}

impl Alarm {
    fn look(&mut self, skew_ms: i64) -> Option<Notice> {
        let on = skew_ms.unsigned_abs() > TOLERATED_MS;
        let changed = std::mem::replace(&mut self.on, on) != on;
        changed.then_some(if on { Notice::Moved } else { Notice::Right })
    }
}

/// Looks at the wall clock for as long as the process runs.
pub fn watch_for_skew(clock: HybridClock) {
    elastickv_sys::task::spawn(async move {
        let mut alarm = Alarm::default();
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let skew_ms = clock.skew_ms();
            match alarm.look(skew_ms) {
                Some(Notice::Moved) => tracing::warn!(
                    skew_ms,
                    "the wall clock is not where it should be by now; timestamps go on as before until the next start"
                ),
                Some(Notice::Right) => tracing::info!(skew_ms, "the wall clock is where it should be again"),
                None => {}
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alarm_is_raised_once_beyond_half_a_second_either_way() {
        let mut alarm = Alarm::default();
        let skews = [0, 500, 501, 3_600_000, -501, -500, 0, i64::MIN];
        let told: Vec<_> = skews.into_iter().filter_map(|skew| Some((skew, alarm.look(skew)?))).collect();
        assert_eq!(told, [(501, Notice::Moved), (-500, Notice::Right), (i64::MIN, Notice::Moved)]);
    }
}
