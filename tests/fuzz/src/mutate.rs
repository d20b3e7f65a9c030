//! Changes that failing hardware makes, and that somebody makes who knows the format.

use rand::rngs::StdRng;
use rand::{Rng, RngExt};

/// Lengths and counts that are believed too easily.
const ODD: [u64; 8] = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];

/// One input: mostly an accepted one with a few changes, now and then nothing but noise.
pub fn input(seeds: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
    let seed = if seeds.is_empty() { None } else { seeds.get(random.random_range(0..seeds.len())) };
    match seed {
        Some(seed) if random.random_range(0..16) > 0 => {
            let mut bytes = seed.clone();
            for _ in 0..random.random_range(1..5) {
                change(&mut bytes, seeds, random);
            }
            bytes
        }
        _ => noise(random.random_range(0..256), random),
    }
}

fn noise(len: usize, random: &mut StdRng) -> Vec<u8> {
    let mut bytes = vec![0; len];
    random.fill_bytes(&mut bytes);
    bytes
}

fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut StdRng) {
    let at = random.random_range(0..=bytes.len());
    match random.random_range(0..9) {
        0 => flip(bytes, at, random),
        1 => set(bytes, at, &[random.random()]),
        2 => bytes.truncate(at),
        3 => drop(bytes.splice(at..at, noise(random.random_range(0..32), random))),
        4 => set(bytes, at, &vec![0; random.random_range(0..64)]),
        5 => number(bytes, at, random),
        6 => drop(bytes.drain(at..(at + random.random_range(0..16)).min(bytes.len()))),
        7 => splice(bytes, at, seeds, random),
        _ => {
            let copied = bytes.get(..at).unwrap_or_default().to_vec();
            bytes.extend(copied);
        }
    }
}

fn set(bytes: &mut [u8], at: usize, to: &[u8]) {
    bytes.iter_mut().skip(at).zip(to).for_each(|(byte, to)| *byte = *to);
}

fn flip(bytes: &mut [u8], at: usize, random: &mut StdRng) {
    let bit = 1 << random.random_range(0..8);
    bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bit);
}

/// Writes an odd number of one to eight bytes, big- or little-endian.
fn number(bytes: &mut [u8], at: usize, random: &mut StdRng) {
    let odd = ODD.get(random.random_range(0..ODD.len())).copied().unwrap_or_default();
    let near = odd.wrapping_add(random.random_range(0..3)).wrapping_sub(1);
    let width = 1 << random.random_range(0..4);
    let big: Vec<u8> = near.to_be_bytes().into_iter().skip(8 - width).collect();
    let little: Vec<u8> = near.to_le_bytes().into_iter().take(width).collect();
    set(bytes, at, if random.random() { &big } else { &little });
}

/// Goes on with a part of another accepted input.
fn splice(bytes: &mut Vec<u8>, at: usize, seeds: &[Vec<u8>], random: &mut StdRng) {
    if let Some(other) = seeds.get(random.random_range(0..seeds.len())) {
        bytes.truncate(at);
        bytes.extend(other.iter().skip(random.random_range(0..=other.len())));
    }
}
