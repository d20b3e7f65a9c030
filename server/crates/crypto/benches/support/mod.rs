//! Timing that stands on a machine shared with others: contenders take turns in short legs, forwards and
//! backwards, and of each the median leg counts. Ratios are of legs of one run.

#![allow(dead_code, reason = "each benchmark uses its part")]

use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;
const LEG: Duration = Duration::from_millis(4);

pub type Contender<'a> = Box<dyn FnMut() + 'a>;

/// Nanoseconds a call of each contender.
pub fn race(contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let calls: Vec<u32> = contenders.iter_mut().map(calls_in_a_leg).collect();
    let mut legs = vec![Vec::new(); contenders.len()];
    let order: Vec<usize> = (0..contenders.len()).chain((0..contenders.len()).rev()).collect();
    for at in order.repeat(ROUNDS) {
        let started = Instant::now();
        (0..calls[at]).for_each(|_| contenders[at]());
        legs[at].push(started.elapsed().as_nanos() as f64 / f64::from(calls[at]));
    }
    legs.into_iter().map(median).collect()
}

fn calls_in_a_leg(call: &mut Contender<'_>) -> u32 {
    let mut calls = 1;
    loop {
        let started = Instant::now();
        (0..calls).for_each(|_| call());
        match started.elapsed() {
            took if took < LEG => calls *= 2,
            _ => return calls,
        }
    }
}

fn median(mut legs: Vec<f64>) -> f64 {
    legs.sort_by(f64::total_cmp);
    legs[legs.len() / 2]
}

/// Bytes that nothing can compress, the same in each run.
pub fn random(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        black_box(state).to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(len).collect()
}

const WORDS: &str = "the of and to in a is that for it as was with be by on not he his but at are this have from \
    or had an they which one you were all her she there would their we him been has when who will no more if out \
    so up said what its about than into them can only other time new some could these two may first then do any \
    like my now over such our man me even most made after also well years through where state people great \
    system right government world house public under national power history water almost company example";

/// Sentences of common words, the common ones more often.
pub fn text(len: usize) -> Vec<u8> {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let picks = random(len + 16);
    let mut out = Vec::with_capacity(len + 16);
    for pick in picks.chunks_exact(2) {
        let at = usize::from(pick[0]) * usize::from(pick[1]) * words.len() / (256 * 256);
        out.extend_from_slice(words[at].as_bytes());
        out.push(b' ');
        if out.len() >= len {
            break;
        }
    }
    out.truncate(len);
    out
}

/// Records as services store them.
pub fn json(len: usize) -> Vec<u8> {
    let digits = random(len + 16);
    let mut out = Vec::with_capacity(len + 256);
    for (at, pick) in digits.chunks_exact(8).enumerate() {
        let number = u64::from_le_bytes(pick.try_into().expect("eight bytes"));
        let record = format!(
            "{{\"id\":{},\"user\":\"user-{:06}\",\"email\":\"u{:x}@example.com\",\"created_at\":\"2026-04-{:02}T{:02}:{:02}:00Z\",\"active\":{},\"balance\":{}.{:02},\"tags\":[\"a{}\",\"beta\"]}},",
            1000 + at,
            number % 1_000_000,
            number >> 40,
            number % 28 + 1,
            number % 24,
            number % 60,
            number % 2 == 0,
            number % 10_000,
            number % 100,
            number % 7,
        );
        out.extend_from_slice(record.as_bytes());
        if out.len() >= len {
            break;
        }
    }
    out.truncate(len);
    out
}
