//! A wrapping key in a file: 32 bytes, for the eyes of one user.
//!
//! The path is not trusted. What it names is opened without waiting and judged on the open file, so that it
//! can not be exchanged in between; links are followed, because orchestrators mount secrets through them, and
//! it is the file behind them that is judged. One byte more than a key has is asked for and no more.

use std::path::Path;

use elastickv_crypto::WrappingKey;
use elastickv_sys::private::{self, Facts, Kind, Unjudged};
use elastickv_sys::random::{Random, SharedRandom};
use zeroize::Zeroizing;

use crate::error::FileFault;
use crate::local::{LocalKek, is_zero};
use crate::{KekError, Result};

const FOR_OTHERS: u32 = 0o077;
/// Of these, what systemd sets on a credential that it lets one user read by an access list.
const BY_LIST: u32 = 0o040;
/// Where it puts the credentials of a unit, in a directory that nobody but the unit's user can enter.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
const ROOT: u32 = 0;

pub(crate) fn open(path: &Path, random: SharedRandom) -> Result<LocalKek> {
    let key = WrappingKey::load(|bytes| read(path, bytes))?;
    let place = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(LocalKek::new(key, "file", &place, random))
}

fn read(path: &Path, key: &mut [u8; WrappingKey::BYTES]) -> Result<()> {
    let refused = |fault| KekError::File { path: path.to_owned(), fault };
    let io = |doing| move |error| KekError::io(doing, path, &error);
    let file = Unjudged::open(path).map_err(io("can not open"))?;
    let facts = file.facts().map_err(io("can not look at"))?;
    judge(facts, private::acting_user(), is_credential(path)).map_err(refused)?;
    let mut found = Zeroizing::new([0; WrappingKey::BYTES + 1]);
    let len = file.read(found.as_mut_slice()).map_err(io("can not read"))?;
    let bytes: &[u8; WrappingKey::BYTES] = found
        .get(..len)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| refused(FileFault::Length { len: facts.len.max(len as u64) }))?;
    if is_zero(bytes) {
        return Err(refused(FileFault::Zero));
    }
    key.copy_from_slice(bytes);
    Ok(())
}

fn is_credential(path: &Path) -> bool {
    let dir = std::env::var_os(CREDENTIALS).filter(|dir| Path::new(dir).is_absolute());
    dir.is_some_and(|dir| path.parent() == Some(Path::new(&dir)))
}

/// Decides on everything that can be known before a byte is read.
pub(crate) fn judge(facts: Facts, user: u32, credential: bool) -> Result<(), FileFault> {
    match facts.kind {
        Kind::File => {}
        Kind::Directory => return Err(FileFault::Directory),
        Kind::Pipe => return Err(FileFault::Pipe),
        Kind::Device => return Err(FileFault::Device),
        Kind::Socket | Kind::Other => return Err(FileFault::Kind),
    }
    if facts.owner != user && facts.owner != ROOT {
        return Err(FileFault::Owner { owner: facts.owner, expected: user });
    }
    let harmless = if credential && facts.owner == ROOT { BY_LIST } else { 0 };
    if facts.mode & FOR_OTHERS & !harmless != 0 {
        return Err(FileFault::Mode { mode: facts.mode });
    }
    match facts.len == WrappingKey::BYTES as u64 {
        true => Ok(()),
        false => Err(FileFault::Length { len: facts.len }),
    }
}

/// Makes a new key in a file that must not exist.
pub fn generate(path: &Path, random: &dyn Random) -> Result<()> {
    let mut key = Zeroizing::new([0; WrappingKey::BYTES]);
    random.fill(key.as_mut_slice());
    assert!(!is_zero(key.as_slice()), "the source of randomness gave only zeroes");
    private::create(path, key.as_slice()).map_err(|error| KekError::io("can not make", path, &error))
}
