//! Test builds only: who watches nonces, and what it takes for one to come twice.
//!
//! Every nonce is written down before it is used, by a call of its own that ends in the operating system: a process that
//! is killed leaves nothing unwritten that it used. Records are 16 bytes, the key's id and the nonce; one of zeroes is a
//! place that a killed process had taken and not filled.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use elastickv_crypto::{FreshNonce, Usage};
use elastickv_sys::files::{File, Open, SharedFiles};
use elastickv_types::KeyId;

const RECORD_BYTES: u64 = 16;

#[derive(Debug)]
struct Record {
    file: Arc<dyn File>,
    end: AtomicU64,
}

static RECORD: OnceLock<Record> = OnceLock::new();
static REPEATING: AtomicBool = AtomicBool::new(false);
static SALTS_ALIKE: AtomicBool = AtomicBool::new(false);

/// Writes every nonce of this process to a file, behind those of the processes before it.
pub fn record_nonces(files: &SharedFiles, path: &Path) -> io::Result<()> {
    let how = if files.exists(path)? { Open::Write } else { Open::New };
    let file = files.open(path, how)?;
    let end = AtomicU64::new(file.len()?.next_multiple_of(RECORD_BYTES));
    RECORD.get_or_init(|| Record { file, end });
    Ok(())
}

/// Takes away all that keeps nonces apart: starts are not told from the one before, and salts are all alike.
pub fn repeat_nonces() {
    REPEATING.store(true, Ordering::SeqCst);
    repeat_salts();
}

/// Takes away the salts alone: epochs have to keep nonces apart.
pub fn repeat_salts() {
    SALTS_ALIKE.store(true, Ordering::SeqCst);
}

pub(crate) fn is_repeating() -> bool {
    REPEATING.load(Ordering::SeqCst)
}

pub(crate) fn are_salts_alike() -> bool {
    SALTS_ALIKE.load(Ordering::SeqCst)
}

pub(crate) fn note<U: Usage>(key: KeyId, nonce: &FreshNonce<U>) {
    let Some(record) = RECORD.get() else { return };
    let bytes: Vec<u8> = key.get().to_be_bytes().into_iter().chain(nonce.bytes()).collect();
    let at = record.end.fetch_add(RECORD_BYTES, Ordering::Relaxed);
    record.file.write_all_at(&bytes, at).expect("a nonce that is not written down must not be used");
}
