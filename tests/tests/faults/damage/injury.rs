//! One damage to one file, drawn from a seed.

use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rand::rngs::StdRng;
use rand::{Rng, RngExt};

use super::kinds::{Kind, Organ, organs};

const PAGE: u64 = 4096;
const LARGE: u64 = 1 << 20;
/// Draws until one changes something.
const TRIES: usize = 20;

/// What is read while a node runs, the tables most of all.
const IN_PLACE: [Kind; 6] =
    [Kind::StoreTable, Kind::StoreTable, Kind::StoreTable, Kind::StoreJournal, Kind::Segment, Kind::Snapshot];

/// What is done to a file.
#[derive(Clone, PartialEq, Eq, Debug)]
enum How {
    FlipBit { at: u64, bit: u8 },
    Overwrite { at: u64, bytes: usize },
    Truncate { to: u64 },
    Extend { by: usize },
    ZeroPage { at: u64 },
    Delete,
    Swap { with: PathBuf },
    Older,
}

/// A damage that was done.
#[derive(Clone, Debug)]
pub struct Injury {
    pub kind: Kind,
    /// Below the node's directory.
    pub path: PathBuf,
    how: How,
    /// Whether the file holds something else than before.
    pub changed: bool,
}

impl Injury {
    pub fn none() -> Self {
        Self { kind: Kind::Lock, path: PathBuf::from("LOCK"), how: How::Truncate { to: 0 }, changed: false }
    }

    /// The files it was done to.
    pub fn files(&self) -> Vec<&Path> {
        match &self.how {
            How::Swap { with } => vec![&self.path, with],
            _ => vec![&self.path],
        }
    }
}

impl fmt::Display for Injury {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = if self.changed { "" } else { " (which changed nothing)" };
        write!(f, "{:?} of {}{note}", self.how, self.path.display())
    }
}

/// Damages one file of the node in `dir`. `older` holds the node's directory as it once was.
pub fn inflict(random: &mut StdRng, number: usize, dir: &Path, older: &Path) -> Result<Injury> {
    let organs = organs(dir)?;
    let mut last = None;
    for _ in 0..TRIES {
        let kind = draw_kind(random, number, &organs);
        let of_kind: Vec<_> = organs.iter().filter(|organ| organ.kind == kind).collect();
        let organ = of_kind[random.random_range(0..of_kind.len())];
        let before = fs::read(dir.join(&organ.path))?;
        let how = draw(random, organ, &organs, &before, older);
        if !would_change(&how, dir, organ, &before, older)? {
            last = Some(Injury { kind, path: organ.path.clone(), how, changed: false });
            continue;
        }
        perform(random, &how, dir, organ, &before, older)
            .with_context(|| format!("{how:?} of {}", organ.path.display()))?;
        return Ok(Injury { kind, path: organ.path.clone(), how, changed: true });
    }
    last.context("nothing was drawn")
}

/// Changes bytes of a file that the running node in `dir` may have open.
pub fn inflict_in_place(random: &mut StdRng, dir: &Path) -> Result<Injury> {
    let organs = organs(dir)?;
    loop {
        let kind = IN_PLACE[random.random_range(0..IN_PLACE.len())];
        // What fits into one read was read when the node started.
        let is_large = |organ: &&Organ| {
            organ.kind == kind && dir.join(&organ.path).metadata().is_ok_and(|about| about.len() >= LARGE)
        };
        let of_kind: Vec<_> = organs.iter().filter(is_large).collect();
        let Some(organ) = of_kind.get(random.random_range(0..of_kind.len().max(1))) else { continue };
        let before = fs::read(dir.join(&organ.path))?;
        let how = draw(random, organ, &organs, &before, Path::new(""));
        let in_place = matches!(how, How::FlipBit { .. } | How::Overwrite { .. } | How::ZeroPage { .. });
        if in_place && would_change(&how, dir, organ, &before, Path::new(""))? {
            perform(random, &how, dir, organ, &before, Path::new(""))?;
            return Ok(Injury { kind, path: organ.path.clone(), how, changed: true });
        }
    }
}

/// Each kind has its turn once; then the kinds are drawn by their weights.
fn draw_kind(random: &mut StdRng, number: usize, organs: &[Organ]) -> Kind {
    let there = |kind: &Kind| organs.iter().any(|organ| organ.kind == *kind);
    if let Some(kind) = Kind::ALL.get(number).filter(|kind| there(kind)) {
        return *kind;
    }
    let kinds: Vec<_> = Kind::ALL.into_iter().filter(there).collect();
    let mut left = random.random_range(0..kinds.iter().map(|kind| kind.weight()).sum());
    for kind in kinds {
        match left.checked_sub(kind.weight()) {
            Some(rest) => left = rest,
            None => return kind,
        }
    }
    unreachable!("what is left is less than all weights")
}

fn draw(random: &mut StdRng, organ: &Organ, organs: &[Organ], before: &[u8], older: &Path) -> How {
    let len = before.len() as u64;
    let choice = random.random_range(0..9);
    match choice {
        0 | 1 if len > 0 => How::FlipBit { at: place(random, before), bit: random.random_range(0..8) },
        2 if len > 0 => How::Overwrite { at: place(random, before), bytes: random.random_range(1..=64) },
        3 if len > 0 => How::Truncate { to: random.random_range(0..len) },
        4 if len > 0 => How::ZeroPage { at: place(random, before) / PAGE * PAGE },
        5 => How::Delete,
        6 => match peer(random, organ, organs) {
            Some(with) => How::Swap { with },
            None => How::Delete,
        },
        7 if older.join(&organ.path).exists() => How::Older,
        _ => How::Extend { by: random.random_range(1..=2 * PAGE as usize) },
    }
}

/// Mostly a place that holds something: of a file made longer than its content, the rest is zeroes.
fn place(random: &mut StdRng, before: &[u8]) -> u64 {
    let used = before.iter().rposition(|byte| *byte != 0).map_or(before.len(), |last| last + 1);
    let end = if random.random_range(0..8) == 0 { before.len() } else { used };
    random.random_range(0..end as u64)
}

/// Another file to change places with, of the same kind if there is one.
fn peer(random: &mut StdRng, organ: &Organ, organs: &[Organ]) -> Option<PathBuf> {
    let of_kind = |organ: &Organ, kind| organ.kind == kind;
    let mut others: Vec<_> =
        organs.iter().filter(|other| of_kind(other, organ.kind) && other.path != organ.path).collect();
    if others.is_empty() {
        others = organs.iter().filter(|other| other.path != organ.path).collect();
    }
    (!others.is_empty()).then(|| others[random.random_range(0..others.len())].path.clone())
}

fn would_change(how: &How, dir: &Path, organ: &Organ, before: &[u8], older: &Path) -> Result<bool> {
    Ok(match how {
        How::ZeroPage { at } => page(before, *at).iter().any(|byte| *byte != 0),
        How::Swap { with } => fs::read(dir.join(with))? != before,
        How::Older => fs::read(older.join(&organ.path))? != before,
        _ => true,
    })
}

fn page(bytes: &[u8], at: u64) -> &[u8] {
    let end = bytes.len().min((at + PAGE) as usize);
    &bytes[at as usize..end]
}

fn perform(
    random: &mut StdRng,
    how: &How,
    dir: &Path,
    organ: &Organ,
    before: &[u8],
    older: &Path,
) -> Result<()> {
    let path = dir.join(&organ.path);
    let open = || File::options().read(true).write(true).open(&path);
    match how {
        How::FlipBit { at, bit } => {
            let byte = before[*at as usize] ^ (1 << bit);
            open()?.write_all_at(&[byte], *at)?;
        }
        How::Overwrite { at, bytes } => {
            let mut garbage = vec![0; *bytes];
            random.fill_bytes(&mut garbage);
            // The first byte differs for sure.
            garbage[0] = before[*at as usize].wrapping_add(random.random_range(1..=255));
            garbage.truncate(before.len() - *at as usize);
            open()?.write_all_at(&garbage, *at)?;
        }
        How::Truncate { to } => open()?.set_len(*to)?,
        How::Extend { by } => {
            let mut garbage = vec![0; *by];
            random.fill_bytes(&mut garbage);
            open()?.write_all_at(&garbage, before.len() as u64)?;
        }
        How::ZeroPage { at } => {
            let zeroes = vec![0; page(before, *at).len()];
            open()?.write_all_at(&zeroes, *at)?;
        }
        How::Delete => fs::remove_file(&path)?,
        How::Swap { with } => {
            let (other, aside) = (dir.join(with), dir.join(".aside"));
            fs::rename(&path, &aside)?;
            fs::rename(&other, &path)?;
            fs::rename(&aside, &other)?;
        }
        How::Older => {
            let copied = fs::copy(older.join(&organ.path), &path)?;
            ensure!(copied != before.len() as u64 || fs::read(&path)? != before, "it is no older one");
        }
    }
    Ok(())
}
