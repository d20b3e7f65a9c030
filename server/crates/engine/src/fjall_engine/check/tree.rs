//! Opens the trees one by one, as fjall will all of them together.
//!
//! fjall holds locks while it opens trees, and a panic under these locks, which damage can cause,
//! becomes an abort of the process when they are dropped. Here such a panic is caught.
//!
//! ```text
//! current: version u64 | checksum u128 | kind of checksum u8        little-endian; xxh3 of the file
//! v<version>                                                        the list of tables
//! tables/<id>: blocks … | toc | "SFA!" 01 00 | checksum u128 of the toc | its place u64 | length u64
//! ```

use std::io;
use std::path::Path;
use std::sync::Arc;

use elastickv_sys::files::{Files, Open};
use lsm_tree::{AbstractTree, AnyTree, Guard, SeqNo, SequenceNumberCounter};
use xxhash_rust::xxh3::xxh3_128;

use super::NAMES;
use crate::Result;
use crate::fjall_engine::culprit;
use crate::fjall_engine::failure::Place;
use crate::fjall_engine::options::FjallOptions;
use crate::fjall_engine::seal::{self, Seal};

pub(in crate::fjall_engine) const KEYSPACES: &str = "keyspaces";
pub(in crate::fjall_engine) const TABLES: &str = "tables";
const CURRENT: &str = "current";
const LONGEST_LIST: u64 = 64 * 1024 * 1024;
const LONGEST_TOC: u64 = 64 * 1024;
/// Of a store's tables so many bytes are read at a start and compared with their checksums, beside all small
/// tables. Reading more would take too long; what is not read now is compared block by block when it is.
const COMPARED: u64 = 256 * 1024 * 1024;
/// What the list of names has before a keyspace's id.
const NAME_PREFIX: &[u8] = b"n";
const TRAILER: u64 = 4 + 1 + 1 + 16 + 8 + 8;

pub(super) struct Tree {
    pub(super) id: u64,
    pub(super) name: String,
    /// The highest sequence number in its tables.
    pub(super) highest: Option<SeqNo>,
    /// The newest seal in its tables, if it is the tree of the seals.
    pub(super) seal: Option<Seal>,
}

/// The trees that the list of names mentions.
pub(super) fn read_all(dir: &Path, place: &Place, options: &FjallOptions) -> Result<Vec<Tree>> {
    let mut budget = COMPARED;
    let below = dir.join(KEYSPACES);
    let list = below.join(NAMES.to_string()).join(CURRENT);
    if !options.files.exists(&list).map_err(|error| place.opening(KEYSPACES, error.into()))? {
        return no_trees_at_all(&below, place, options);
    }
    let names = open(&below, NAMES, &mut budget, place, options)?;
    let mut trees = Vec::new();
    for (id, name) in place.guard_opening(|| listed(&names, place))? {
        let tree = open(&below, id, &mut budget, place, options)?;
        trees.push(place.guard_opening(|| read(id, name, &tree, place))?);
    }
    Ok(trees)
}

/// The list of names is made right after the database's marker, and before any keyspace.
fn no_trees_at_all(below: &Path, place: &Place, options: &FjallOptions) -> Result<Vec<Tree>> {
    let names = options.files.list(below).map_err(|error| place.opening(KEYSPACES, error.into()))?;
    match names.iter().find(|name| **name != NAMES.to_string()) {
        None => Ok(Vec::new()),
        Some(other) => Err(place.unopenable(format!("{KEYSPACES} has {other}, but no list of names"))),
    }
}

fn open(below: &Path, id: u64, budget: &mut u64, place: &Place, options: &FjallOptions) -> Result<AnyTree> {
    let dir = below.join(id.to_string());
    let part = format!("{KEYSPACES}/{id}");
    check_list(&*options.files, &dir).map_err(|error| place.opening(&part, error.into()))?;
    let tables = options.files.list(&dir.join(TABLES)).map_err(|error| place.opening(&part, error.into()))?;
    for name in tables {
        let checked = check_toc(&*options.files, &dir.join(TABLES).join(&name));
        checked.map_err(|error| place.opening(format!("{part}/{TABLES}/{name}"), error.into()))?;
    }
    let counter = SequenceNumberCounter::default;
    let config = lsm_tree::Config::new(dir, counter(), counter())
        .use_cache(Arc::clone(&options.cache.0))
        .use_descriptor_table(None);
    let tree = place.guard_opening(|| config.open().map_err(|error| place.opening(&part, error.into())))?;
    let damaged = culprit::first_damaged(&*options.files, &tree, budget);
    match damaged.map_err(|error| place.opening(&part, error.into()))? {
        None => Ok(tree),
        Some(damage) => Err(place.unopenable(damage)),
    }
}

fn listed(names: &AnyTree, place: &Place) -> Result<Vec<(u64, String)>> {
    let mut listed = Vec::new();
    for pair in names.prefix(NAME_PREFIX, SeqNo::MAX, None) {
        let (key, name) =
            pair.into_inner().map_err(|error| place.opening("the list of names", error.into()))?;
        let id = key.strip_prefix(NAME_PREFIX).and_then(|id| id.try_into().ok()).map(u64::from_be_bytes);
        match (id, String::from_utf8(name.to_vec())) {
            (Some(id), Ok(name)) => listed.push((id, name)),
            _ => return Err(place.unopenable("the list of names has an entry that is none")),
        }
    }
    Ok(listed)
}

fn read(id: u64, name: String, tree: &AnyTree, place: &Place) -> Result<Tree> {
    let mut seal = None;
    if name == seal::KEYSPACE {
        let part = "the seals";
        let bytes = tree.get(seal::KEY, SeqNo::MAX).map_err(|error| place.opening(part, error.into()))?;
        let read =
            |bytes: lsm_tree::Slice| Seal::decode(&bytes).ok_or_else(|| place.unopenable("a seal is none"));
        seal = bytes.map(read).transpose()?;
    }
    Ok(Tree { id, name, highest: tree.get_highest_persisted_seqno(), seal })
}

/// Whether the list of tables is the one that was written.
fn check_list(files: &dyn Files, dir: &Path) -> io::Result<()> {
    let current = files.read(&dir.join(CURRENT), 25)?;
    let Ok([v0, v1, v2, v3, v4, v5, v6, v7, checksum @ .., 0]) = <[u8; 25]>::try_from(current) else {
        return Err(invalid(CURRENT));
    };
    let name = format!("v{}", u64::from_le_bytes([v0, v1, v2, v3, v4, v5, v6, v7]));
    let list = files.read(&dir.join(&name), LONGEST_LIST)?;
    match xxh3_128(&list) == u128::from_le_bytes(checksum) {
        true => Ok(()),
        false => Err(invalid(&name)),
    }
}

/// Whether a table's index of its parts is the one that was written, because lsm-tree makes room for
/// as many parts as it tells before it compares the checksum. A file that does not end like a table
/// is one that was never finished, which is removed, or is missed when its tree is opened.
fn check_toc(files: &dyn Files, path: &Path) -> io::Result<()> {
    let file = files.open(path, Open::Read)?;
    let length = file.len()?;
    let mut trailer = [0; TRAILER as usize];
    let Some(end) = length.checked_sub(TRAILER) else { return Ok(()) };
    file.read_exact_at(&mut trailer, end)?;
    let [b'S', b'F', b'A', b'!', _, _, rest @ ..] = trailer else { return Ok(()) };
    let Some((checksum, rest)) = rest.split_first_chunk() else { return Err(invalid("toc")) };
    let Some((start, _)) = rest.split_first_chunk() else { return Err(invalid("toc")) };
    let toc = end.checked_sub(u64::from_le_bytes(*start)).filter(|toc| *toc <= LONGEST_TOC);
    let mut bytes = vec![0; toc.ok_or_else(|| invalid("toc"))? as usize];
    file.read_exact_at(&mut bytes, u64::from_le_bytes(*start))?;
    match xxh3_128(&bytes) == u128::from_le_bytes(*checksum) {
        true => Ok(()),
        false => Err(invalid("toc")),
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} is not what was written"))
}
