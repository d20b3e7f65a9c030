//! The memory of a running server, searched for a data key.
//!
//! A key that is open stands there as the schedule of its cipher, which begins with the key itself and goes on with the
//! first round keys that were derived from it; beside it stands what the tags are made of, the cipher's image of zero. What
//! is looked for is both halves of the key, both of those round keys, and that image in each form that is known: a copy that
//! was forgotten anywhere, on a stack or in memory that was given back, has at least one of them whole.
//!
//! The server stands still while it is searched, and every byte that it may write to is read.

use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::BlockCipherEncrypt;
use aho_corasick::AhoCorasick;
use anyhow::{Context, Result, ensure};
use elastickv_crypto::WrapContext;
use elastickv_tests::cluster::Node;
use elastickv_types::{ClusterId, KeyId, Purpose};
use serde_json::Value;

const KEY_BYTES: usize = 32;
const PIECE_BYTES: usize = 16;
/// Read at a time; with as much overlap as keeps a piece whole.
const STRIDE: usize = 1 << 20;

/// The bytes of a data key, as the operator's wrapping key opens them.
pub struct Secret([u8; KEY_BYTES]);

/// How often each piece of a key was found: its halves, the two round keys behind them, and the key of the tags.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Found {
    schedule: [usize; 4],
    tags: usize,
    /// Memory that was looked through.
    bytes: u64,
}

impl Secret {
    /// Unwraps a key that a node's sidecar holds, without any of the server's code.
    pub fn of(node: &Node, kek: &Path, id: u32) -> Result<Self> {
        let sidecar: Value = serde_json::from_slice(&fs::read(node.data_dir.join("encryption/keys.json"))?)?;
        let entry = &sidecar["keys"][id.to_string()];
        let purpose = match entry["purpose"].as_str().context("the sidecar does not hold the key")? {
            "raft" => Purpose::Raft,
            _ => Purpose::Storage,
        };
        let cluster: ClusterId = sidecar["cluster_id"].as_str().context("no cluster")?.parse()?;
        let key = KeyId::from_u32(id).context("an id is not zero")?;
        let wrapped = base64(entry["wrapped"].as_str().context("no wrapping")?)?;
        ensure!(wrapped.len() == 12 + KEY_BYTES + 16, "a wrapping of {} bytes", wrapped.len());
        let (nonce, sealed) = wrapped.split_at(12);
        let (sealed, tag) = sealed.split_at(KEY_BYTES);
        let mut secret: [u8; KEY_BYTES] = sealed.try_into()?;
        let aad = WrapContext { cluster, key, purpose }.aad();
        let cipher = Aes256Gcm::new_from_slice(&fs::read(kek)?).map_err(|_| anyhow::anyhow!("no KEK"))?;
        cipher
            .decrypt_inout_detached(
                nonce.try_into()?,
                &aad,
                InOutBuf::from(secret.as_mut_slice()),
                tag.try_into()?,
            )
            .map_err(|_| anyhow::anyhow!("the KEK does not open key {id}"))?;
        Ok(Self(secret))
    }

    /// The head of the schedule, and then the key of the tags: as it is, turned around, and as it is multiplied by.
    fn pieces(&self) -> [[u8; PIECE_BYTES]; 7] {
        let words = head_of_schedule(&self.0);
        let mut pieces = [[0; PIECE_BYTES]; 7];
        for (piece, words) in pieces.iter_mut().zip(words.chunks(4)) {
            piece.chunks_mut(4).zip(words).for_each(|(into, word)| into.copy_from_slice(word));
        }
        let of_tags = self.of_tags();
        let turned = u128::from_be_bytes(of_tags);
        [pieces[4], pieces[5], pieces[6]] = [of_tags, turned.to_le_bytes(), doubled(turned).to_le_bytes()];
        pieces
    }

    /// What the cipher makes of a block of zeros.
    fn of_tags(&self) -> [u8; PIECE_BYTES] {
        let mut block = [0; PIECE_BYTES].into();
        Aes256::new(&self.0.into()).encrypt_block(&mut block);
        block.into()
    }

    /// Looks through whatever a process may write to. It stands still meanwhile.
    pub fn search(&self, node: &Node) -> Result<Found> {
        node.process.stop()?;
        let found =
            self.search_what_stands_still(node).with_context(|| format!("the memory of {}", node.name));
        node.process.go_on()?;
        found
    }

    fn search_what_stands_still(&self, node: &Node) -> Result<Found> {
        let id = node.process.id().context("it does not run")?;
        let maps = fs::read_to_string(format!("/proc/{id}/maps"))?;
        // A server with keys keeps its memory from other processes of its own user.
        let memory = File::open(format!("/proc/{id}/mem")).context("only root may read it")?;
        let search = AhoCorasick::new(self.pieces())?;
        let (mut found, zeros) = (Found::default(), vec![0; STRIDE + PIECE_BYTES]);
        for (from, to) in maps.lines().filter_map(writable) {
            let mut at = from;
            while at < to {
                let end = to.min(at + STRIDE as u64 + PIECE_BYTES as u64 - 1);
                let mut bytes = vec![0; (end - at) as usize];
                memory.read_exact_at(&mut bytes, at).with_context(|| format!("{at:#x} is not readable"))?;
                // Most of it was reserved and never touched.
                let touched = if zeros.starts_with(&bytes) { &[][..] } else { &bytes };
                for hit in search.find_overlapping_iter(touched) {
                    *found.schedule.get_mut(hit.pattern().as_usize()).unwrap_or(&mut found.tags) += 1;
                }
                found.bytes += end.min(at + STRIDE as u64) - at;
                at += STRIDE as u64;
            }
        }
        Ok(found)
    }
}

impl Found {
    /// The key is there, and so is all that is derived from it.
    pub fn is_whole(&self) -> bool {
        self.schedule.iter().all(|count| *count > 0) && self.tags > 0
    }

    pub fn is_nothing(&self) -> bool {
        self.schedule == [0; 4] && self.tags == 0
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schedule: [first, second, third, fourth], tags, bytes } = self;
        let mib = bytes >> 20;
        write!(f, "{first}+{second} halves, {third}+{fourth} round keys, {tags} keys of tags in {mib} MiB")
    }
}

/// Multiplied by x in the field of the tags, as RFC 8452 (appendix A) writes it.
fn doubled(element: u128) -> u128 {
    const FIELD: u128 = 0xc200_0000_0000_0000_0000_0000_0000_0001;
    element << 1 ^ if element >> 127 == 1 { FIELD } else { 0 }
}

/// Where a line of the maps begins and ends, if it is of memory that can be read and written.
fn writable(line: &str) -> Option<(u64, u64)> {
    let (range, rest) = line.split_once(' ')?;
    let (from, to) = range.split_once('-')?;
    let kernel = ["[vvar]", "[vsyscall]", "[vdso]"].iter().any(|name| line.ends_with(name));
    let ours = rest.starts_with("rw") && !kernel;
    ours.then_some((u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?))
}

fn base64(text: &str) -> Result<Vec<u8>> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = Vec::with_capacity(text.len() * 6);
    for letter in text.trim_end_matches('=').bytes() {
        let value = LETTERS.iter().position(|known| *known == letter).context("no Base64")?;
        bits.extend((0..6).rev().map(|bit| (value >> bit) as u8 & 1));
    }
    Ok(bits.as_chunks::<8>().0.iter().map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect())
}

/// The first sixteen words of the schedule of AES-256 (FIPS 197, section 5.2).
fn head_of_schedule(key: &[u8; KEY_BYTES]) -> [[u8; 4]; 16] {
    let mut words = [[0; 4]; 16];
    key.chunks(4).zip(&mut words).for_each(|(from, word)| word.copy_from_slice(from));
    for at in 8..16 {
        let [a, b, c, d] = words[at - 1];
        let mixed = match at {
            8 => [substituted(b) ^ 1, substituted(c), substituted(d), substituted(a)],
            12 => [a, b, c, d].map(substituted),
            _ => [a, b, c, d],
        };
        words[at] = std::array::from_fn(|byte| words[at - 8][byte] ^ mixed[byte]);
    }
    words
}

/// The substitution box: the inverse in GF(2^8), then an affine map.
fn substituted(byte: u8) -> u8 {
    let inverse = (0..=255).find(|other| product(byte, *other) == 1).unwrap_or(0_u8);
    (0..5).fold(0x63, |sum, turn| sum ^ inverse.rotate_left(turn))
}

fn product(mut left: u8, mut right: u8) -> u8 {
    let mut sum = 0;
    while right > 0 {
        if right & 1 == 1 {
            sum ^= left;
        }
        left = left << 1 ^ if left & 0x80 > 0 { 0x1b } else { 0 };
        right >>= 1;
    }
    sum
}

/// The example of FIPS 197, appendix A.3.
#[test]
fn the_head_of_a_schedule_is_that_of_the_standard() -> Result<()> {
    let key = hex::decode("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")?;
    let words = head_of_schedule(key.as_slice().try_into()?);
    let expected = "9ba354118e6925afa51a8b5f2067fcdea8b09c1a93d194cdbe49846eb75d5b9a";
    assert_eq!(hex::encode(words[8..].concat()), expected);
    // The pair of RFC 8452, appendix A.
    let element = |text: &str| anyhow::Ok(u128::from_le_bytes(hex::decode(text)?.as_slice().try_into()?));
    assert_eq!(
        doubled(element("01000000000000000000000000000000")?),
        element("02000000000000000000000000000000")?
    );
    assert_eq!(
        doubled(element("9c98c04df9387ded828175a92ba652d8")?),
        element("3931819bf271fada0503eb52574ca572")?
    );
    assert_eq!(base64("YW55IGNhcm5hbCBwbGVhcw==")?, b"any carnal pleas");
    Ok(())
}
