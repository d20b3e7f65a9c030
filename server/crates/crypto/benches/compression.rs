//! LZ4 against Snappy, and what trying costs beside sealing.
//!
//! `cargo bench -p elastickv-crypto --bench compression`

#![allow(clippy::disallowed_methods, clippy::indexing_slicing, clippy::print_stdout, reason = "a benchmark")]

mod support;

use std::hint::black_box;

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};
use lz4_flex::block::{CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size};
use support::{json, race, random, text};

const SIZES: [usize; 8] = [16, 64, 128, 256, 1 << 10, 4 << 10, 64 << 10, 1 << 20];

fn main() {
    println!("ns a call · compressed share of the value · sealing raw for comparison");
    println!(
        "{:>8} {:>8} | {:>10} {:>10} {:>6} | {:>10} {:>10} {:>6} | {:>10}",
        "kind", "bytes", "lz4 pack", "unpack", "share", "snappy", "unpack", "share", "seal"
    );
    for (kind, make) in [("text", text as fn(usize) -> Vec<u8>), ("json", json), ("random", random)] {
        SIZES.iter().for_each(|&size| compare(kind, &make(size)));
    }
}

fn compare(kind: &str, value: &[u8]) {
    let mut table = if value.len() < 65_535 { CompressTable::small() } else { CompressTable::large() };
    let mut lz4 = vec![0; get_maximum_output_size(value.len())];
    let lz4_len = compress_into_with_table(value, &mut lz4, &mut table).expect("room for all");
    let mut encoder = snap::raw::Encoder::new();
    let mut snappy = vec![0; snap::raw::max_compress_len(value.len())];
    let snappy_len = encoder.compress(value, &mut snappy).expect("room for all");
    let (packed_lz4, packed_snappy) = (lz4[..lz4_len].to_vec(), snappy[..snappy_len].to_vec());
    let (mut from_lz4, mut from_snappy) = (vec![0; value.len()], vec![0; value.len()]);
    let mut decoder = snap::raw::Decoder::new();
    let cipher = aes_gcm::Aes256Gcm::new(&[7; 32].into());
    let mut sealed = value.to_vec();
    let times = race(&mut [
        Box::new(|| {
            let packed = compress_into_with_table(black_box(value), &mut lz4, &mut table);
            black_box(packed.expect("room for all"));
        }),
        Box::new(|| {
            black_box(decompress_into(black_box(&packed_lz4), &mut from_lz4).expect("it was packed"));
        }),
        Box::new(|| {
            black_box(encoder.compress(black_box(value), &mut snappy).expect("room for all"));
        }),
        Box::new(|| {
            let unpacked = decoder.decompress(black_box(&packed_snappy), &mut from_snappy);
            black_box(unpacked.expect("it was packed"));
        }),
        Box::new(|| {
            let text = InOutBuf::from(&mut sealed[..]);
            black_box(cipher.encrypt_inout_detached(&[3; 12].into(), &[0; 32], text).expect("short enough"));
        }),
    ]);
    let share = |len: usize| len as f64 / value.len() as f64;
    println!(
        "{kind:>8} {:>8} | {:>10.0} {:>10.0} {:>6.3} | {:>10.0} {:>10.0} {:>6.3} | {:>10.0}",
        value.len(),
        times[0],
        times[1],
        share(lz4_len + 4),
        times[2],
        times[3],
        share(snappy_len),
        times[4]
    );
}
