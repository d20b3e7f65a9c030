use elastickv_sys::clock::{Clock, ManualClock};
use proptest::prelude::*;

use super::*;

const START: u64 = 1_700_000_000_000;

fn ms(ms: u64) -> Timestamp {
    Timestamp::from_unix_ms(ms)
}

fn one(clock: &HybridClock) -> Timestamp {
    clock.draw(1, Timestamp::MAX).unwrap().first
}

#[test]
fn stamps_rise_whatever_the_wall_clock_does() {
    let manual = ManualClock::at_unix_ms(START);
    let clock = HybridClock::new(manual.clone());
    let first = one(&clock);
    assert_eq!(first, ms(START));
    manual.jump_to_unix_ms(START - 3_600_000);
    let second = one(&clock);
    assert_eq!(second, first.next().unwrap());
    manual.advance(Duration::from_millis(5));
    assert_eq!(one(&clock), ms(START + 5));
    manual.jump_to_unix_ms(START + 3_600_000);
    assert_eq!(one(&clock).unix_ms(), START + 5);
}

#[test]
fn a_moved_wall_clock_is_told_with_its_direction() {
    let manual = ManualClock::at_unix_ms(START);
    let clock = HybridClock::new(manual.clone());
    manual.advance(Duration::from_secs(100));
    assert_eq!(clock.skew_ms(), 0);
    manual.jump_to_unix_ms(START + 100_000 - 3_600_000);
    assert_eq!(clock.skew_ms(), -3_600_000);
    manual.jump_to_unix_ms(START + 100_501);
    assert_eq!(clock.skew_ms(), 501);
}

#[test]
fn a_raised_clock_goes_on_from_there_and_falls_back_at_half_speed() {
    let manual = ManualClock::at_unix_ms(START);
    let clock = HybridClock::new(manual.clone());
    clock.raise(ms(START + 10_000));
    assert!(one(&clock) > ms(START + 10_000));
    manual.advance(Duration::from_secs(4));
    assert_eq!(one(&clock), ms(START + 12_000), "half speed");
    manual.advance(Duration::from_secs(16));
    assert_eq!(one(&clock), ms(START + 20_000), "wall time has come by");
    manual.advance(Duration::from_secs(7));
    assert_eq!((one(&clock), clock.wall()), (ms(START + 27_000), ms(START + 27_000)));
}

#[test]
fn what_is_raised_below_its_time_changes_nothing() {
    let manual = ManualClock::at_unix_ms(START);
    let clock = HybridClock::new(manual.clone());
    clock.raise(ms(START + 10_000));
    manual.advance(Duration::from_secs(2));
    clock.raise(ms(START + 10_500));
    assert_eq!(one(&clock), ms(START + 11_000));
}

/// Held in one millisecond, a clock would soon have no stamps left but those of the next ones.
#[test]
fn a_raised_clock_has_stamps_enough() {
    let manual = ManualClock::at_unix_ms(START);
    let clock = HybridClock::new(manual.clone());
    clock.raise(ms(START + 10_000));
    for _ in 0..1_000 {
        manual.advance(Duration::from_millis(1));
        clock
            .draw(10_000, ms(START + 10_500).saturating_add_ms(1))
            .expect("half a second, ten million stamps");
    }
}

#[test]
fn nothing_is_drawn_beyond_a_limit_or_the_last_timestamp() {
    let clock = HybridClock::new(ManualClock::at_unix_ms(10));
    assert_eq!(clock.draw(1, ms(9)), None);
    let below = clock.draw(3, Timestamp::from_u64(ms(10).get() + 2)).unwrap();
    assert_eq!((below.first, below.last.get()), (ms(10), ms(10).get() + 2));
    assert_eq!(clock.draw(1, below.last), None);
    clock.raise(Timestamp::MAX);
    assert_eq!(clock.draw(1, Timestamp::MAX), None);
    assert_eq!(clock.reading(), Timestamp::MAX);
}

#[derive(Clone, Debug)]
enum Event {
    Advance(u64),
    Jump(u64),
    Raise(i64),
    Read,
    Draw(u64, i64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0u64..20_000).prop_map(Event::Advance),
        2 => (0..2 * START).prop_map(Event::Jump),
        2 => (-20_000i64..20_000).prop_map(Event::Raise),
        2 => Just(Event::Read),
        6 => (1u64..200_000, -5_000i64..20_000).prop_map(|(count, limit)| Event::Draw(count, limit)),
    ]
}

/// Relative to the wall time that a clock expects.
fn near(wall: Timestamp, ms: i64) -> Timestamp {
    match ms < 0 {
        true => wall.saturating_sub_ms(ms.unsigned_abs()),
        false => wall.saturating_add_ms(ms.unsigned_abs()),
    }
}

proptest! {
    #[test]
    fn whatever_happens_stamps_rise_within_their_limits(events in prop::collection::vec(event(), 1..200)) {
        let manual = ManualClock::at_unix_ms(START);
        let clock = HybridClock::new(manual.clone());
        let mut above = Timestamp::ZERO;
        // What raising, and counting on past a millisecond, may put the clock ahead of wall time by.
        let mut highest = ms(START);
        for event in events {
            match event {
                Event::Advance(by) => manual.advance(Duration::from_millis(by)),
                Event::Jump(to) => manual.jump_to_unix_ms(to),
                Event::Raise(to) => {
                    let to = near(clock.wall(), to);
                    clock.raise(to);
                    above = above.max(to);
                    highest = highest.max(to);
                }
                Event::Read => {
                    let reading = clock.reading();
                    prop_assert!(reading >= above && reading >= clock.wall());
                    above = reading;
                }
                Event::Draw(count, limit) => {
                    let limit = near(clock.wall(), limit);
                    let Some(drawn) = clock.draw(count, limit) else {
                        prop_assert!(clock.reading().checked_add(count).unwrap() > limit);
                        above = above.max(clock.reading());
                        continue;
                    };
                    prop_assert!(drawn.first > above && drawn.last <= limit);
                    prop_assert_eq!(drawn.last.get() - drawn.first.get() + 1, count);
                    above = drawn.last;
                    highest = highest.max(drawn.last);
                }
            }
            let run = manual.now().since(Moment::default());
            let bound = highest.saturating_add_ms(millis(run) + 1);
            prop_assert!(clock.reading() <= bound, "it runs ahead of all that was told it");
            above = above.max(clock.reading());
        }
    }

    #[test]
    fn a_lead_halves_its_speed_and_is_lost_in_twice_its_time(lead in 2u64..100_000, part in 0.0f64..1.0) {
        let manual = ManualClock::at_unix_ms(START);
        let clock = HybridClock::new(manual.clone());
        clock.raise(ms(START + lead));
        let run = (2.0 * lead as f64 * part) as u64;
        manual.advance(Duration::from_millis(run));
        let shown = clock.reading().unix_ms() - START;
        prop_assert!((lead + run / 2..=lead + run.div_ceil(2)).contains(&shown), "{shown}");
        manual.advance(Duration::from_millis(2 * lead - run));
        prop_assert_eq!(clock.reading(), clock.wall());
    }
}
