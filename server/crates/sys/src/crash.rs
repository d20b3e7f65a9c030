//! What a power loss may leave of a directory tree.
//!
//! A [`Disk`] is a tree of directories and files that knows of each what is durable and what is not. The
//! assumptions are the weakest that a file system may be relied on for, and no more:
//!
//! - content is durable once its file is synced, a name once its directory is; neither brings the other;
//! - changes of names that were not synced reach the disk in any combination, each of them whole. A rename
//!   inside one directory is one change; one from directory to directory is a change of each;
//! - writes that were not synced arrive whole, in part, as zeroes of their length, or not at all.
//!
//! [`Disk::states`] enumerates what follows from this, or draws from it where it is too much.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

mod content;
mod image;

use content::{Change, Content, WHOLE};
pub use image::Image;

/// A file, whatever its name is at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileNumber(usize);

/// One call that changed something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    CreateDir(PathBuf),
    Create(PathBuf),
    Write { file: FileNumber, offset: u64, bytes: Vec<u8> },
    SetLen { file: FileNumber, len: u64 },
    Sync(FileNumber),
    Rename { from: PathBuf, to: PathBuf },
    Remove(PathBuf),
    SyncDir(PathBuf),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Node {
    Dir(usize),
    File(usize),
}

/// A change of names in one directory that happens whole or not at all.
type Edit = Vec<(OsString, Option<Node>)>;

#[derive(Clone, Debug, Default)]
struct Dir {
    now: BTreeMap<OsString, Node>,
    durable: BTreeMap<OsString, Node>,
    unsynced: Vec<Edit>,
}

impl Dir {
    fn edit(&mut self, edit: Edit) {
        lay(&mut self.now, &edit);
        self.unsynced.push(edit);
    }

    fn sync(&mut self) {
        self.durable.clone_from(&self.now);
        self.unsynced.clear();
    }
}

fn lay(entries: &mut BTreeMap<OsString, Node>, edit: &Edit) {
    for (name, node) in edit {
        match node {
            Some(node) => entries.insert(name.clone(), *node),
            None => entries.remove(name),
        };
    }
}

const ROOT: usize = 0;
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
    dirs: Vec<Dir>,
    files: Vec<Content>,
}

impl Disk {
    /// A disk on which exactly this image is durable.
    pub fn of(image: &Image) -> io::Result<Self> {
        let mut disk = Self { root: image.root.clone(), dirs: vec![Dir::default()], files: Vec::new() };
        for dir in &image.dirs {
            disk.apply(&Op::CreateDir(dir.clone()))?;
        }
        for (path, bytes) in &image.files {
            disk.apply(&Op::Create(path.clone()))?;
            disk.files.iter_mut().last().into_iter().for_each(|content| content.durable.clone_from(bytes));
        }
        disk.dirs.iter_mut().for_each(Dir::sync);
        Ok(disk)
    }

    /// Does what one call did; a call that makes a file says which one it is.
    pub fn apply(&mut self, op: &Op) -> io::Result<Option<FileNumber>> {
        match op {
            Op::CreateDir(path) => {
                let node = Node::Dir(self.dirs.len());
                self.link(path, node)?;
                self.dirs.push(Dir::default());
            }
            Op::Create(path) => {
                let number = self.files.len();
                self.link(path, Node::File(number))?;
                self.files.push(Content::default());
                return Ok(Some(FileNumber(number)));
            }
            Op::Write { file, offset, bytes } => {
                let offset = usize::try_from(*offset).map_err(io::Error::other)?;
                self.content(*file)?.unsynced.push(Change::Write { offset, bytes: bytes.clone() });
            }
            Op::SetLen { file, len } => {
                let len = usize::try_from(*len).map_err(io::Error::other)?;
                self.content(*file)?.unsynced.push(Change::SetLen(len));
            }
            Op::Sync(file) => self.content(*file)?.sync(),
            Op::Rename { from, to } => self.rename(from, to)?,
            Op::Remove(path) => {
                let (dir, name) = self.place(path)?;
                self.dir(dir)?.edit(vec![(name, None)]);
            }
            Op::SyncDir(path) => {
                let dir = self.dir_at(path)?;
                self.dir(dir)?.sync();
            }
        }
        Ok(None)
    }

    pub fn file_at(&self, path: &Path) -> Option<FileNumber> {
        match self.node_at(path) {
            Some(Node::File(number)) => Some(FileNumber(number)),
            Some(Node::Dir(_)) | None => None,
        }
    }

    pub fn has_dir(&self, path: &Path) -> bool {
        self.dir_at(path).is_ok()
    }

    /// Whether the directory in which a file is to be made exists.
    pub fn may_create(&self, path: &Path) -> io::Result<()> {
        self.place(path).map(drop)
    }

    /// A directory and all that is in it, what is inside before what it is in.
    pub fn inside(&self, path: &Path) -> Vec<PathBuf> {
        let Some(Node::Dir(number)) = self.node_at(path) else {
            return self.node_at(path).map(|_| path.to_owned()).into_iter().collect();
        };
        let entries = self.dirs.get(number).into_iter().flat_map(|dir| dir.now.keys());
        let mut paths: Vec<PathBuf> = entries.flat_map(|name| self.inside(&path.join(name))).collect();
        paths.push(path.to_owned());
        paths
    }

    /// How many states there are, or that there are very many.
    pub fn count(&self) -> u64 {
        let edits = self.dirs.iter().flat_map(|dir| &dir.unsynced).count();
        let names = u32::try_from(edits).ok().and_then(|edits| 2_u64.checked_pow(edits)).unwrap_or(u64::MAX);
        let variants = self.files.iter().map(|content| content.variants().len() as u64);
        variants.fold(names, u64::saturating_mul)
    }

    /// All states that a power loss may leave, or, when there are more than `most`, so many drawn of them, those
    /// among them in which nothing and in which everything came through.
    pub fn states(&self, most: u64, seed: u64) -> impl Iterator<Item = Image> + '_ {
        let variants: Vec<_> = self.files.iter().map(Content::variants).collect();
        let (all, mut seeds) = (self.count(), StdRng::seed_from_u64(seed));
        (0..all.min(most)).map(move |number| {
            let choice = match number {
                _ if all <= most => Choice::Counted(number),
                0 => Choice::Nothing,
                1 => Choice::Everything,
                _ => Choice::Drawn(Box::new(StdRng::seed_from_u64(seeds.random()))),
            };
            self.image(choice, &variants)
        })
    }

    fn image(&self, mut choice: Choice, variants: &[Vec<Vec<u8>>]) -> Image {
        let mut names = Vec::new();
        for dir in &self.dirs {
            let mut entries = dir.durable.clone();
            for edit in &dir.unsynced {
                if choice.of(2) == 1 {
                    lay(&mut entries, edit);
                }
            }
            names.push(entries);
        }
        let contents: Vec<&[u8]> = variants
            .iter()
            .map(|of_file| of_file.get(choice.of(of_file.len())).map_or(&[][..], Vec::as_slice))
            .collect();
        let mut image = Image::empty(self.root.clone());
        fill(&mut image, &names, &contents, ROOT, &self.root);
        image
    }

    fn link(&mut self, path: &Path, node: Node) -> io::Result<()> {
        let (dir, name) = self.place(path)?;
        self.dir(dir)?.edit(vec![(name, Some(node))]);
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let node = self.node_at(from).ok_or_else(|| missing(from))?;
        let (source, old) = self.place(from)?;
        let (target, new) = self.place(to)?;
        if source == target {
            self.dir(source)?.edit(vec![(old, None), (new, Some(node))]);
        } else {
            self.dir(target)?.edit(vec![(new, Some(node))]);
            self.dir(source)?.edit(vec![(old, None)]);
        }
        Ok(())
    }

    /// The directory that holds, or would hold, a name.
    fn place(&self, path: &Path) -> io::Result<(usize, OsString)> {
        let (parent, name) = path.parent().zip(path.file_name()).ok_or_else(|| missing(path))?;
        Ok((self.dir_at(parent)?, name.to_owned()))
    }

    fn dir_at(&self, path: &Path) -> io::Result<usize> {
        match self.node_at(path) {
            Some(Node::Dir(number)) => Ok(number),
            Some(Node::File(_)) | None => Err(missing(path)),
        }
    }

    fn node_at(&self, path: &Path) -> Option<Node> {
        let below = path.strip_prefix(&self.root).ok()?;
        below.components().try_fold(Node::Dir(ROOT), |node, part| match node {
            Node::Dir(number) => self.dirs.get(number)?.now.get(part.as_os_str()).copied(),
            Node::File(_) => None,
        })
    }

    fn dir(&mut self, number: usize) -> io::Result<&mut Dir> {
        self.dirs.get_mut(number).ok_or_else(|| io::Error::other("no such directory"))
    }

    fn content(&mut self, file: FileNumber) -> io::Result<&mut Content> {
        self.files.get_mut(file.0).ok_or_else(|| io::Error::other("no such file"))
    }
}

fn missing(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{} is not there", path.display()))
}

fn fill(image: &mut Image, names: &[BTreeMap<OsString, Node>], contents: &[&[u8]], dir: usize, path: &Path) {
    for (name, node) in names.get(dir).into_iter().flatten() {
        let path = path.join(name);
        match node {
            Node::File(number) => {
                let content = contents.get(*number).copied().unwrap_or_default();
                image.files.insert(path, content.to_vec());
            }
            // A directory that lost its old name and one that won a new name are the same one; two names at
            // once are no loop, because a directory is never moved into itself.
            Node::Dir(number) => {
                image.dirs.insert(path.clone());
                fill(image, names, contents, *number, &path);
            }
        }
    }
}

/// Answers the questions of one state, one after the other.
enum Choice {
    Nothing,
    Everything,
    /// The digits of a number, one an answer.
    Counted(u64),
    Drawn(Box<StdRng>),
}

impl Choice {
    fn of(&mut self, answers: usize) -> usize {
        match self {
            Choice::Nothing => 0,
            Choice::Everything => answers.saturating_sub(1).min(WHOLE),
            Choice::Counted(left) => {
                let many = answers.max(1) as u64;
                let answer = *left % many;
                *left /= many;
                answer as usize
            }
            Choice::Drawn(random) => random.random_range(0..answers.max(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "/data";

    fn at(name: &str) -> PathBuf {
        Path::new(ROOT).join(name)
    }

    fn disk(ops: &[Op]) -> Disk {
        let mut disk = Disk::of(&Image::empty(ROOT)).unwrap();
        for op in ops {
            disk.apply(op).unwrap();
        }
        disk
    }

    fn write(offset: u64, bytes: &[u8]) -> Op {
        Op::Write { file: FileNumber(0), offset, bytes: bytes.to_vec() }
    }

    fn named() -> [Op; 2] {
        [Op::Create(at("a")), Op::SyncDir(ROOT.into())]
    }

    #[test]
    fn a_write_that_was_not_synced_is_whole_torn_blank_or_gone() {
        let disk =
            disk(&[&named()[..], &[write(0, b"old"), Op::Sync(FileNumber(0)), write(1, b"new!")]].concat());
        let found: Vec<_> = disk.states(100, 1).map(|image| image.get(&at("a")).unwrap().to_vec()).collect();
        for expected in ["old", "onew!", "ond", "one", "onew", "o\0\0\0\0"] {
            assert!(found.contains(&expected.as_bytes().to_vec()), "{expected:?} is not in {found:?}");
        }
    }

    #[test]
    fn later_writes_may_come_without_earlier_ones() {
        let disk = disk(&[&named()[..], &[write(0, b"a"), write(1, b"b")]].concat());
        assert!(disk.states(100, 1).any(|image| image.get(&at("a")) == Some(b"\0b")));
    }

    #[test]
    fn changes_of_names_come_in_any_combination_and_a_rename_as_a_whole() {
        let rename = Op::Rename { from: at("a"), to: at("b") };
        let disk = disk(&[Op::Create(at("a")), rename, Op::Create(at("c"))]);
        let names = |image: Image| image.files().keys().cloned().collect::<Vec<_>>();
        let found: Vec<_> = disk.states(100, 1).map(names).collect();
        let all = [vec![], vec!["a"], vec!["b"], vec!["a", "c"], vec!["b", "c"], vec!["c"]];
        assert_eq!((disk.count(), found.len()), (8, 8));
        for expected in all.map(|names| names.into_iter().map(at).collect::<Vec<_>>()) {
            assert!(found.contains(&expected), "{expected:?}");
        }
        assert!(!found.contains(&vec![at("a"), at("b")]));
    }

    #[test]
    fn too_many_states_are_drawn_by_a_seed() {
        let creates: Vec<Op> = (0..70).map(|name| Op::Create(at(&format!("{name}")))).collect();
        let disk = disk(&creates);
        assert_eq!(disk.count(), u64::MAX);
        let drawn = |seed| disk.states(50, seed).map(|image| image.files().len()).collect::<Vec<_>>();
        let found = drawn(1);
        assert_eq!((found.len(), found[0], found[1]), (50, 0, 70));
        assert!(found[2..].iter().all(|files| (10..60).contains(files)));
        assert_eq!(found, drawn(1));
        assert_ne!(found, drawn(2));
    }
}
