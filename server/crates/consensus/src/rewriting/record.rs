//! How far this node has come with a job, as it is stored beside the rows.
//!
//! ```text
//! "rewrite"      01 ‖ job 16 ‖ generation u64 ‖ under u32 ‖ part u8 ‖ total rows u64 ‖ total bytes u64 ‖ rows u64
//!                ‖ bytes u64 ‖ unopened u64 ‖ place        the last row that was looked at; nothing before the first
//!                part: 1 rows · 2 locks · 3 erasing · 4 done, the log is sealed · 5 done, the log is clear
//! "sealed-only"  01 ‖ generation u64
//! ```
//!
//! `under` was added to the first before any build was let out, so there is one layout of version 1.
//!
//! Both are in the batch of what they tell of. Another generation of rows, or another job, begins anew.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use elastickv_engine::View;
use elastickv_fsm::{Generation, GroupKeyspaces, PerformError};
use elastickv_mvcc::rewrite::Amount;
use elastickv_types::{KeyId, OperationId};

pub const RECORD: &[u8] = b"rewrite";
pub const SEALED_ONLY: &[u8] = b"sealed-only";
const VERSION: u8 = 1;
const FIXED_BYTES: usize = 70;

/// What a node is at with a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Rows,
    Locks,
    /// Everything is sealed; what it was before is being removed from files.
    Erasing,
    Done {
        /// The log holds no user's entry in clear.
        log_sealed: bool,
    },
}

impl Part {
    const ALL: [Part; 5] = [
        Part::Rows,
        Part::Locks,
        Part::Erasing,
        Part::Done { log_sealed: true },
        Part::Done { log_sealed: false },
    ];

    fn as_u8(self) -> u8 {
        match self {
            Part::Rows => 1,
            Part::Locks => 2,
            Part::Erasing => 3,
            Part::Done { log_sealed: true } => 4,
            Part::Done { log_sealed: false } => 5,
        }
    }

    fn from_u8(raw: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_u8() == raw)
    }
}

/// How far this node has come with a job, in a generation of rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rewriting {
    pub job: OperationId,
    pub generation: Generation,
    /// The key that was active when it began. Once another one is, there may be rows under this one behind the place
    /// that it has come to.
    pub under: KeyId,
    pub part: Part,
    /// What there was to do at the beginning.
    pub total: Amount,
    pub done: Amount,
    /// Rows that do not open, and stay as they are.
    pub unopened: u64,
    pub place: Option<Bytes>,
}

impl Rewriting {
    pub fn new(job: OperationId, generation: Generation, under: KeyId, total: Amount) -> Self {
        let (part, done) = (Part::Rows, Amount::default());
        Self { job, generation, under, part, total, done, unopened: 0, place: None }
    }

    pub fn encode(&self) -> Bytes {
        let place = self.place.as_deref().unwrap_or_default();
        let mut out = BytesMut::with_capacity(FIXED_BYTES + place.len());
        out.put_u8(VERSION);
        out.put_slice(self.job.as_bytes());
        out.put_u64(self.generation.get());
        out.put_u32(self.under.get());
        out.put_u8(self.part.as_u8());
        for amount in [self.total, self.done] {
            out.put_u64(amount.rows);
            out.put_u64(amount.bytes);
        }
        out.put_u64(self.unopened);
        out.put_slice(place);
        out.freeze()
    }

    pub fn decode(mut raw: Bytes) -> Result<Self, &'static str> {
        if raw.len() < FIXED_BYTES {
            return Err("it is too short");
        }
        if raw.get_u8() != VERSION {
            return Err("its version is not known to this build");
        }
        let job = OperationId::from_slice(&raw.split_to(16)).ok_or("its job has no id")?;
        let generation = Generation::from_u64(raw.get_u64());
        let under = KeyId::from_u32(raw.get_u32()).ok_or("its key has no id")?;
        let part = Part::from_u8(raw.get_u8()).ok_or("it is at a part that is not known to this build")?;
        let mut amount = || Amount { rows: raw.get_u64(), bytes: raw.get_u64() };
        let (total, done) = (amount(), amount());
        let unopened = raw.get_u64();
        let place = (!raw.is_empty()).then_some(raw);
        Ok(Self { job, generation, under, part, total, done, unopened, place })
    }

    /// What is stored; nothing where it is of another generation.
    pub fn read(
        view: &dyn View,
        keyspaces: &GroupKeyspaces,
        generation: Generation,
    ) -> Result<Option<Self>, PerformError> {
        let Some(raw) = view.get(keyspaces.meta(), RECORD)? else { return Ok(None) };
        let read = Self::decode(raw)
            .map_err(|reason| PerformError::Record { record: "rewrite", reason: reason.to_owned() })?;
        Ok(Some(read).filter(|read| read.generation == generation))
    }
}

pub fn sealed_only(generation: Generation) -> Bytes {
    let mut out = BytesMut::with_capacity(9);
    out.put_u8(VERSION);
    out.put_u64(generation.get());
    out.freeze()
}

/// Whether every row of this generation was found sealed.
pub fn read_sealed_only(
    view: &dyn View,
    keyspaces: &GroupKeyspaces,
    generation: Generation,
) -> Result<bool, PerformError> {
    match view.get(keyspaces.meta(), SEALED_ONLY)? {
        None => Ok(false),
        Some(raw) if raw.len() == 9 && raw.first() == Some(&VERSION) => Ok(raw == sealed_only(generation)),
        Some(_) => Err(PerformError::Record {
            record: "sealed-only",
            reason: "it is not known to this build".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../../../docs/formats/jobs.md");

    fn drawn(name: &str) -> Bytes {
        let block = PAGE.split("```").find_map(|block| block.strip_prefix(&format!("hex {name}\n")));
        let digits: String = block.expect("it is drawn").split_whitespace().collect();
        hex::decode(digits).unwrap().into()
    }

    fn sample() -> Rewriting {
        Rewriting {
            job: OperationId::from_bytes(
                *b"\x01\x91\xf2\xa4\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00\x00\x07",
            ),
            generation: Generation::from_u64(3),
            under: KeyId::from_u32(9).unwrap(),
            part: Part::Rows,
            total: Amount { rows: 300, bytes: 90_000 },
            done: Amount { rows: 200, bytes: 60_000 },
            unopened: 1,
            place: Some(Bytes::from_static(b"user:17\x00\x01\xff\xff\xff\xff\xff\xff\xff\xf8")),
        }
    }

    #[test]
    fn the_records_are_the_drawn_ones() {
        assert_eq!(hex::encode(sample().encode()), hex::encode(drawn("rewrite")));
        assert_eq!(Rewriting::decode(drawn("rewrite")), Ok(sample()));
        assert_eq!(sealed_only(Generation::from_u64(3)), drawn("sealed-only"));
        let fresh = Rewriting { place: None, part: Part::Done { log_sealed: false }, ..sample() };
        assert_eq!(Rewriting::decode(fresh.encode()), Ok(fresh));
    }

    #[test]
    fn what_is_not_drawn_is_refused() {
        let with = |at: usize, byte: u8| {
            let mut raw = sample().encode().to_vec();
            raw[at] = byte;
            Rewriting::decode(raw.into())
        };
        assert!(with(0, 2).is_err() && with(28, 0).is_err() && with(29, 0).is_err() && with(29, 6).is_err());
        assert!(Rewriting::decode(sample().encode().slice(..FIXED_BYTES - 1)).is_err());
    }
}
