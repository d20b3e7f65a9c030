//! How far an import has come, in a file beside the one that is imported.
//!
//! It is written before each batch is sent, with the batch's request id. Whoever goes on sends that batch again
//! under that id, whether or not it arrived before: it takes effect once.

use std::io;
use std::path::{Path, PathBuf};

use elastickv_types::RequestId;
use serde::{Deserialize, Serialize};

use super::source::{Batch, Digest, Place, progress_path};
use super::{Begin, Number};
use crate::error::{CliError, Code};
use crate::local_files;

const SCHEMA: &str = "elastickv.import/v1";

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    schema: String,
    /// The first line of the file: another export under the same name is not gone on with.
    begin: Begin,
    /// Where the batch that was sent last begins and ends.
    from: Number,
    from_line: Number,
    until: Number,
    until_line: Number,
    /// The SHA-256 of the file up to the end of that batch: what was imported must not have changed since.
    digest: String,
    request_id: RequestId,
    /// Pairs before that batch.
    pairs: Number,
    /// Of those, left out because their time was over.
    over: Number,
}

/// A batch that may have been sent.
pub struct Sent {
    pub from: Place,
    pub until: Place,
    /// Of the file up to there.
    pub digest: Digest,
    pub request_id: RequestId,
    pub pairs: u64,
    pub over: u64,
}

pub struct Progress {
    path: PathBuf,
    begin: Begin,
}

impl Progress {
    /// For a file that nobody imports yet.
    pub fn start(source: &Path, begin: &Begin) -> Result<Self, CliError> {
        let path = progress_path(source);
        match local_files::exists(&path) {
            true => Err(CliError::new(Code::ImportUnfinished, format!("{} is there", path.display()))),
            false => Ok(Self { path, begin: begin.clone() }),
        }
    }

    /// Where an earlier import has come to; none when there was no earlier one, or it was finished.
    pub fn resume(source: &Path, begin: &Begin) -> Result<(Self, Option<Sent>), CliError> {
        let path = progress_path(source);
        let progress = Self { path, begin: begin.clone() };
        let bytes = match local_files::read_input(&progress.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((progress, None)),
            Err(error) => return Err(progress.failed(&error)),
        };
        let record: Option<Record> = serde_json::from_slice(&bytes).ok();
        match record.filter(|record| record.begin == *begin).and_then(Record::sent) {
            Some(sent) => Ok((progress, Some(sent))),
            None => Err(progress.foreign()),
        }
    }

    /// The file is not the one that was imported up to there.
    pub fn foreign(&self) -> CliError {
        let text = format!("{} is not of this file", self.path.display());
        CliError::new(Code::BadInput, text).hint("remove it, and import without --resume from the beginning")
    }

    /// Notes what is about to be sent.
    pub fn note(&self, batch: &Batch, id: RequestId, pairs: u64, over: u64) -> Result<(), CliError> {
        let record = Record {
            schema: SCHEMA.to_owned(),
            begin: self.begin.clone(),
            from: Number(batch.from.offset),
            from_line: Number(batch.from.line),
            until: Number(batch.until.offset),
            until_line: Number(batch.until.line),
            digest: batch.digest.to_hex(),
            request_id: id,
            pairs: Number(pairs),
            over: Number(over),
        };
        let bytes = serde_json::to_vec(&record).map_err(io::Error::other);
        bytes.and_then(|bytes| local_files::replace(&self.path, &bytes)).map_err(|error| self.failed(&error))
    }

    /// There is nothing left to go on with.
    pub fn finish(self) -> Result<(), CliError> {
        local_files::remove(&self.path).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> CliError {
        CliError::new(Code::LocalFile, format!("{}: {error}", self.path.display()))
    }
}

impl Record {
    /// None where it is of another format.
    fn sent(self) -> Option<Sent> {
        let digest = Digest::from_hex(&self.digest).filter(|_| self.schema == SCHEMA)?;
        Some(Sent {
            from: Place { offset: self.from.0, line: self.from_line.0 },
            until: Place { offset: self.until.0, line: self.until_line.0 },
            digest,
            request_id: self.request_id,
            pairs: self.pairs.0,
            over: self.over.0,
        })
    }
}
