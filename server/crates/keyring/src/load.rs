//! One start of the process, and how the parts of a data directory tell that they belong together.
//!
//! A start draws a load token and writes it into every part of the directory: sidecar, state store, Raft log.
//! Parts that were put back from a copy at different times then name different starts, and nobody goes on with
//! them. A crash while the tokens are being written must not look like that. So one part leads:
//!
//! ```text
//! lead ← starting {token, previous}    others ← token    lead ← settled {token}
//! ```
//!
//! and as long as it says *starting*, the others may name either token, and the next start goes on with the
//! same one: nothing was sealed under it yet. The sidecar leads where there is one; before that, the store.
//!
//! Beside its token a start tells the others the highest epoch that it is going to seal in, under whatever key. That
//! is for the day on which the sidecar is lost: no load of this directory went further, whoever heard of it or not.

use std::fmt;
use std::io;
use std::path::PathBuf;

use elastickv_sys::durable;
use elastickv_sys::files::SharedFiles;
use elastickv_types::{LoadToken, LocalEpoch};

use crate::error::{KeyringError, Result};

/// What a part of the data directory says about the last start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoadMark {
    /// A start is under way; the others may still name the start before it.
    Starting { token: LoadToken, previous: Option<LoadToken> },
    /// Every part names this start.
    Settled { token: LoadToken },
}

impl LoadMark {
    pub fn token(self) -> LoadToken {
        match self {
            LoadMark::Starting { token, .. } | LoadMark::Settled { token } => token,
        }
    }

    pub fn previous(self) -> Option<LoadToken> {
        match self {
            LoadMark::Starting { previous, .. } => previous,
            LoadMark::Settled { .. } => None,
        }
    }

    /// Whether another part may say this beside it.
    fn agrees_with(self, other: Option<LoadMark>) -> bool {
        match (self, other.map(LoadMark::token)) {
            (LoadMark::Starting { previous, .. }, None) => previous.is_none(),
            (LoadMark::Settled { .. }, None) => false,
            (_, Some(other)) => other == self.token() || Some(other) == self.previous(),
        }
    }

    /// The mark of a start that follows this one, or goes on with it.
    pub(crate) fn begin(last: Option<LoadMark>, draw: impl FnOnce() -> LoadToken) -> LoadMark {
        match last {
            Some(unfinished @ LoadMark::Starting { .. }) => unfinished,
            Some(LoadMark::Settled { token }) => LoadMark::Starting { token: draw(), previous: Some(token) },
            None => LoadMark::Starting { token: draw(), previous: None },
        }
    }

    pub(crate) fn settled(self) -> LoadMark {
        LoadMark::Settled { token: self.token() }
    }
}

/// What store and log keep of a start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoadTrace {
    pub mark: LoadMark,
    /// The highest epoch of this load under any key; `None` before there were keys.
    pub reached: Option<LocalEpoch>,
}

impl From<LoadMark> for LoadTrace {
    fn from(mark: LoadMark) -> Self {
        Self { mark, reached: None }
    }
}

const MAGIC: &[u8; 8] = b"ekv-load";
const WITHOUT_EPOCH: u8 = 1;
const WITH_EPOCH: u8 = 2;
const STARTING: u8 = 1;
const PREVIOUS: u8 = 2;

/// Bytes that are not a load mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    #[error("a load mark has {found} bytes, not {}", LoadTrace::BYTES)]
    Length { found: usize },
    #[error("a load mark does not match its checksum")]
    Checksum,
    #[error("a load mark has version {found}, which this build does not know")]
    Version { found: u8 },
    #[error("a load mark is spelt as none is written")]
    Spelling,
}

/// ```text
/// 0   magic     8    "ekv-load"
/// 8   version   u8   1 without an epoch · 2 with one
/// 9   flags     u8   1 starting · 2 there is a previous token
/// 10  reached   u16  the highest epoch; 0 where there is none
/// 12  checksum  u32  CRC32C of the other 28 bytes
/// 16  token     u64
/// 24  previous  u64  0 where there is none
/// ```
impl LoadTrace {
    pub const BYTES: usize = 32;

    pub fn encode(self) -> [u8; Self::BYTES] {
        let Self { mark, reached } = self;
        let starting = if matches!(mark, LoadMark::Starting { .. }) { STARTING } else { 0 };
        let flags = starting | if mark.previous().is_some() { PREVIOUS } else { 0 };
        let version = if reached.is_some() { WITH_EPOCH } else { WITHOUT_EPOCH };
        let [high, low] = reached.map_or(0, LocalEpoch::get).to_be_bytes();
        let head = [version, flags, high, low];
        let token = mark.token().get().to_be_bytes();
        let previous = mark.previous().map_or(0, LoadToken::get).to_be_bytes();
        let checksum = checksum(&[MAGIC, &head, &token, &previous]).to_be_bytes();
        let mut bytes = [0; Self::BYTES];
        let fields = MAGIC.iter().chain(&head).chain(&checksum).chain(&token).chain(&previous);
        bytes.iter_mut().zip(fields).for_each(|(into, byte)| *into = *byte);
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, MarkError> {
        let whole: &[u8; Self::BYTES] =
            bytes.try_into().map_err(|_| MarkError::Length { found: bytes.len() })?;
        let (magic, rest) = whole.split_first_chunk::<8>().ok_or(MarkError::Spelling)?;
        let (head, rest) = rest.split_first_chunk::<4>().ok_or(MarkError::Spelling)?;
        let (sum, rest) = rest.split_first_chunk::<4>().ok_or(MarkError::Spelling)?;
        let (token, rest) = rest.split_first_chunk::<8>().ok_or(MarkError::Spelling)?;
        let previous = rest.first_chunk::<8>().ok_or(MarkError::Spelling)?;
        if u32::from_be_bytes(*sum) != checksum(&[magic, head, token, previous]) {
            return Err(MarkError::Checksum);
        }
        let [version, flags, high, low] = *head;
        let reached = match version {
            WITHOUT_EPOCH => None,
            WITH_EPOCH => Some(LocalEpoch::new(u16::from_be_bytes([high, low]))),
            found => return Err(MarkError::Version { found }),
        };
        let token = LoadToken::new(u64::from_be_bytes(*token));
        let previous = LoadToken::new(u64::from_be_bytes(*previous));
        let mark = match flags {
            0 => LoadMark::Settled { token },
            STARTING => LoadMark::Starting { token, previous: None },
            _ => LoadMark::Starting { token, previous: Some(previous) },
        };
        let trace = Self { mark, reached };
        // Magic, flags, zeroes and what is absent have one spelling.
        if trace.encode() == *whole { Ok(trace) } else { Err(MarkError::Spelling) }
    }
}

fn checksum(parts: &[&[u8]]) -> u32 {
    parts.iter().fold(0, |sum, part| crc32c::crc32c_append(sum, part))
}

/// Why a part of the data directory does not answer, in the words of whoever keeps it. What an error of the system
/// says of its kind is kept.
pub type PieceError = Box<dyn std::error::Error + Send + Sync>;

/// A part of the data directory that is not this crate's and keeps a load mark.
pub trait Piece: Send + Sync {
    /// What it says; `None` when it was never told, or is being built anew.
    fn read(&self) -> Result<Option<LoadTrace>, PieceError>;
    /// Returns once the trace is on the disk.
    fn write(&self, trace: LoadTrace) -> Result<(), PieceError>;
}

/// A load mark in a file of its own, as a log directory keeps it.
#[derive(Debug)]
pub struct FilePiece {
    files: SharedFiles,
    path: PathBuf,
}

impl FilePiece {
    pub fn at(files: SharedFiles, path: PathBuf) -> Self {
        Self { files, path }
    }
}

impl Piece for FilePiece {
    fn read(&self) -> Result<Option<LoadTrace>, PieceError> {
        if !self.files.exists(&self.path)? {
            return Ok(None);
        }
        let bytes = self.files.read(&self.path, LoadTrace::BYTES as u64)?;
        Ok(Some(LoadTrace::decode(&bytes)?))
    }

    fn write(&self, trace: LoadTrace) -> Result<(), PieceError> {
        Ok(durable::replace(&*self.files, &self.path, &trace.encode())?)
    }
}

/// The parts beside the sidecar.
#[derive(Clone, Copy)]
pub struct Others<'a> {
    pub store: &'a dyn Piece,
    pub log: &'a dyn Piece,
}

impl fmt::Debug for Others<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Others(..)")
    }
}

impl Others<'_> {
    pub(crate) fn told(self) -> Result<Told> {
        let store = self.store.read().map_err(|error| unanswered("state store", error))?;
        let log = self.log.read().map_err(|error| unanswered("log directory", error))?;
        Ok(Told { store, log })
    }

    pub(crate) fn tell_store(self, trace: LoadTrace) -> Result<()> {
        self.store.write(trace).map_err(|error| unanswered("state store", error))
    }

    pub(crate) fn tell_log(self, trace: LoadTrace) -> Result<()> {
        self.log.write(trace).map_err(|error| unanswered("log directory", error))
    }
}

fn unanswered(piece: &'static str, error: PieceError) -> KeyringError {
    let kind = error.downcast_ref::<io::Error>().map_or(io::ErrorKind::Other, io::Error::kind);
    KeyringError::Piece { piece, kind, text: error.to_string() }
}

/// What the parts beside the sidecar said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub store: Option<LoadTrace>,
    pub log: Option<LoadTrace>,
}

impl Told {
    /// The highest epoch that the last load may have sealed in under any key, and so no earlier one went beyond.
    pub fn reached(self) -> Option<LocalEpoch> {
        [self.store, self.log].into_iter().flatten().filter_map(|trace| trace.reached).max()
    }

    /// The mark that leads, if the parts are of one time. Only tokens are compared: epochs tell nothing here.
    ///
    /// A store that says nothing beside a log that does is being built anew. A log that says nothing has lost
    /// what it held.
    pub fn agree(self, sidecar: Option<LoadMark>) -> Result<Option<LoadMark>> {
        let contradiction = |pieces| Err(KeyringError::RolledBack { pieces });
        let mark = |trace: LoadTrace| trace.mark;
        match (sidecar, self.store.map(mark), self.log.map(mark)) {
            (Some(lead), store, log) => {
                let store_fits = store.is_none() || lead.agrees_with(store);
                match (store_fits, lead.agrees_with(log)) {
                    (true, true) => Ok(Some(lead)),
                    (true, false) => contradiction(Pieces::Log),
                    (false, true) => contradiction(Pieces::Store),
                    (false, false) if store == log => contradiction(Pieces::Sidecar),
                    (false, false) => contradiction(Pieces::Every),
                }
            }
            (None, Some(lead), log) if lead.agrees_with(log) => Ok(Some(lead)),
            (None, Some(_), _) => contradiction(Pieces::StoreAndLog),
            (None, None, log) => Ok(log),
        }
    }
}

/// Which parts of the data directory name another start than the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pieces {
    Sidecar,
    Store,
    Log,
    StoreAndLog,
    Every,
}

impl fmt::Display for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Pieces::Sidecar => "the sidecar names another start than store and log",
            Pieces::Store => "the state store names another start than sidecar and log",
            Pieces::Log => "the log names another start than the sidecar, or none",
            Pieces::StoreAndLog => "state store and log name different starts",
            Pieces::Every => "sidecar, state store and log name different starts",
        })
    }
}
