//! The envelopes against the cipher alone: in place, its key ready, additional data of the same length.
//!
//! `cargo bench -p elastickv-crypto --bench envelope`, and once more with `--features aws-lc`.
//!
//! "raw" has its text in place already when it seals, where an envelope has to be put together first;
//! "copied" is the same call with the text copied there as part of it. Opening copies on both sides. Ours is
//! also held against floors, and against taking anything from the heap.

#![allow(clippy::disallowed_methods, clippy::indexing_slicing, clippy::print_stdout, reason = "a benchmark")]

mod support;

use std::hint::black_box;

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};
use bytes::{BufMut, BytesMut};
use elastickv_crypto::{
    Dek, EntryContext, KeyMaterial, NonceSalt, NonceSource, ROW_HEADER_BYTES, Raft, RowContext, Storage,
    Usage, cipher_name,
};
use elastickv_types::{FullNodeId, GroupId, KeyId, LocalEpoch};
use support::{Contender, race, random};

const SIZES: [usize; 4] = [64, 1 << 10, 16 << 10, 1 << 20];
const ROW_KEY: &[u8] = b"user-000001\x00\x01\xff\xff\xff\xff\xff\xff\xff\xfe";
const ROW_AAD: usize = 6 + ROW_HEADER_BYTES + ROW_KEY.len();
const ENTRY_AAD: usize = 15;
const KEY: [u8; 32] = [7; 32];
const NONCE: [u8; 12] = [3; 12];

/// What part of the raw speed there has to be left, by size.
const FLOORS: [(usize, f64); 2] = [(1 << 10, 0.80), (16 << 10, 0.90)];

fn main() {
    println!("sealing with {}", cipher_name());
    println!(
        "{:>15} {:>8} | {:>9} {:>9} {:>9} {:>9} | ratio raw, copied",
        "", "bytes", "ours ns", "raw", "copied", "aes-gcm"
    );
    for size in SIZES {
        let plain = random(size);
        let (row, entry) = (Row::new(&plain), Entry::new(&plain));
        report(
            "storage seal",
            size,
            vec![
                row.seal(),
                raw::seal(&plain, ROW_AAD),
                raw::seal_copied(&plain, ROW_AAD),
                other::seal(&plain, ROW_AAD),
            ],
        );
        report(
            "storage open",
            size,
            vec![
                row.open(),
                raw::open(&plain, ROW_AAD),
                raw::open(&plain, ROW_AAD),
                other::open(&plain, ROW_AAD),
            ],
        );
        report(
            "raft seal",
            size,
            vec![
                entry.seal(),
                raw::seal(&plain, ENTRY_AAD),
                raw::seal_copied(&plain, ENTRY_AAD),
                other::seal(&plain, ENTRY_AAD),
            ],
        );
        report(
            "raft open",
            size,
            vec![
                entry.open(),
                raw::open(&plain, ENTRY_AAD),
                raw::open(&plain, ENTRY_AAD),
                other::open(&plain, ENTRY_AAD),
            ],
        );
    }
}

fn report(doing: &str, size: usize, mut contenders: Vec<Contender<'_>>) {
    contenders[0]();
    let warm = allocation_counter::measure(|| (0..100).for_each(|_| contenders[0]()));
    assert_eq!(warm.count_total, 0, "{doing} of {size} bytes allocates");
    let times = race(&mut contenders);
    let (strict, copied) = (times[1] / times[0], times[2] / times[0]);
    let floor = FLOORS.iter().find(|(of, _)| *of == size).map_or(0.0, |(_, floor)| *floor);
    let verdict = if strict >= floor { "" } else { "below its floor" };
    println!(
        "{doing:>15} {size:>8} | {:>9.0} {:>9.0} {:>9.0} {:>9.0} | {strict:.2} {copied:.2} {verdict}",
        times[0], times[1], times[2], times[3]
    );
}

fn key<U: Usage>() -> (Dek<U>, NonceSource<U>) {
    let id = KeyId::from_u32(1).expect("not zero");
    let material = KeyMaterial::draw(id, U::PURPOSE, |bytes| bytes.copy_from_slice(&KEY));
    let dek = Dek::new(material).expect("of the right purpose");
    let node = FullNodeId::of_name("n1").short();
    let nonces = NonceSource::new(&dek, node, LocalEpoch::ZERO, NonceSalt::new(1));
    (dek, nonces)
}

struct Row<'a> {
    key: (Dek<Storage>, NonceSource<Storage>),
    plain: &'a [u8],
    sealed: BytesMut,
}

const ROW: RowContext<'static> = RowContext { header: &[2, 0, 0, 0, 0, 0, 0, 0, 0], row_key: ROW_KEY };

impl<'a> Row<'a> {
    fn new(plain: &'a [u8]) -> Self {
        let key = key::<Storage>();
        let mut sealed = BytesMut::new();
        key.0.seal(key.1.draw().expect("fresh"), ROW, plain, &mut sealed).expect("short enough");
        Self { key, plain, sealed }
    }

    fn seal(&self) -> Contender<'_> {
        let mut out = BytesMut::new();
        Box::new(move || {
            out.clear();
            let nonce = self.key.1.draw().expect("fresh");
            self.key.0.seal(nonce, ROW, black_box(self.plain), &mut out).expect("short enough");
            black_box(&out);
        })
    }

    fn open(&self) -> Contender<'_> {
        let mut out = BytesMut::new();
        Box::new(move || {
            out.clear();
            self.key.0.open(ROW, black_box(&self.sealed), &mut out).expect("it was sealed");
            black_box(&out);
        })
    }
}

struct Entry<'a> {
    key: (Dek<Raft>, NonceSource<Raft>),
    plain: &'a [u8],
    sealed: BytesMut,
}

const ENTRY: EntryContext = EntryContext { group: GroupId::CONTROL };

impl<'a> Entry<'a> {
    fn new(plain: &'a [u8]) -> Self {
        let key = key::<Raft>();
        let mut sealed = BytesMut::new();
        let nonce = key.1.draw().expect("fresh");
        key.0.seal(nonce, ENTRY, &mut sealed, |out| out.put_slice(plain)).expect("short enough");
        Self { key, plain, sealed }
    }

    fn seal(&self) -> Contender<'_> {
        let mut out = BytesMut::new();
        Box::new(move || {
            out.clear();
            let nonce = self.key.1.draw().expect("fresh");
            let sealed = self.key.0.seal(nonce, ENTRY, &mut out, |out| out.put_slice(black_box(self.plain)));
            sealed.expect("short enough");
            black_box(&out);
        })
    }

    fn open(&self) -> Contender<'_> {
        let mut out = BytesMut::new();
        Box::new(move || {
            out.clear();
            self.key.0.open(ENTRY, black_box(&self.sealed), &mut out).expect("it was sealed");
            black_box(&out);
        })
    }
}

/// The crate `aes-gcm`.
#[cfg_attr(feature = "aws-lc", allow(dead_code, reason = "only shown for comparison"))]
mod aes_gcm_alone {
    use super::*;

    fn cipher() -> aes_gcm::Aes256Gcm {
        aes_gcm::Aes256Gcm::new(&KEY.into())
    }

    pub fn seal(plain: &[u8], aad: usize) -> Contender<'static> {
        let (cipher, mut text, aad) = (cipher(), plain.to_vec(), vec![1; aad]);
        Box::new(move || {
            let text = InOutBuf::from(black_box(&mut text[..]));
            black_box(cipher.encrypt_inout_detached(&NONCE.into(), &aad, text).expect("short enough"));
        })
    }

    pub fn seal_copied(plain: &[u8], aad: usize) -> Contender<'_> {
        let (cipher, mut text, aad) = (cipher(), plain.to_vec(), vec![1; aad]);
        Box::new(move || {
            text.copy_from_slice(black_box(plain));
            let text = InOutBuf::from(black_box(&mut text[..]));
            black_box(cipher.encrypt_inout_detached(&NONCE.into(), &aad, text).expect("short enough"));
        })
    }

    pub fn open(plain: &[u8], aad: usize) -> Contender<'static> {
        let (cipher, mut text, aad) = (cipher(), plain.to_vec(), vec![1; aad]);
        let sealed = cipher.encrypt_inout_detached(&NONCE.into(), &aad, InOutBuf::from(&mut text[..]));
        let (tag, ciphertext) = (sealed.expect("short enough"), text.clone());
        Box::new(move || {
            text.copy_from_slice(black_box(&ciphertext));
            let opened =
                cipher.decrypt_inout_detached(&NONCE.into(), &aad, InOutBuf::from(&mut text[..]), &tag);
            opened.expect("it was sealed");
            black_box(&text);
        })
    }
}

/// The crate `aws-lc-rs`.
#[cfg(feature = "aws-lc")]
mod aws_lc_alone {
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

    use super::*;

    fn cipher() -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &KEY).expect("of the right length"))
    }

    fn nonce() -> Nonce {
        Nonce::assume_unique_for_key(NONCE)
    }

    pub fn seal(plain: &[u8], aad: usize) -> Contender<'static> {
        let (cipher, mut text, aad) = (cipher(), plain.to_vec(), vec![1; aad]);
        Box::new(move || {
            let sealed =
                cipher.seal_in_place_separate_tag(nonce(), Aad::from(&aad), black_box(&mut text[..]));
            let _ = black_box(sealed.expect("short enough"));
        })
    }

    pub fn seal_copied(plain: &[u8], aad: usize) -> Contender<'_> {
        let (cipher, mut text, aad) = (cipher(), plain.to_vec(), vec![1; aad]);
        Box::new(move || {
            text.copy_from_slice(black_box(plain));
            let sealed =
                cipher.seal_in_place_separate_tag(nonce(), Aad::from(&aad), black_box(&mut text[..]));
            let _ = black_box(sealed.expect("short enough"));
        })
    }

    pub fn open(plain: &[u8], aad: usize) -> Contender<'static> {
        let (cipher, mut text, aad) = (cipher(), plain.to_vec(), vec![1; aad]);
        let tag = cipher.seal_in_place_separate_tag(nonce(), Aad::from(&aad), &mut text[..]);
        let (tag, ciphertext) = (tag.expect("short enough"), text.clone());
        Box::new(move || {
            text.copy_from_slice(black_box(&ciphertext));
            let opened = cipher.open_in_place_separate_tag(nonce(), Aad::from(&aad), tag.as_ref(), &mut text);
            opened.expect("it was sealed");
            black_box(&text);
        })
    }
}

use aes_gcm_alone as other;
#[cfg(not(feature = "aws-lc"))]
use aes_gcm_alone as raw;
#[cfg(feature = "aws-lc")]
use aws_lc_alone as raw;
