//! Named moments of a node's work on keys, at which a test ends the process or makes it stand still.
//!
//! Between any two steps of an operation a process can be killed, and a leader lose its lead. Each such place in the
//! code has a name here and says so when it is passed ([`point!`](crate::point)); what is to happen there a test
//! writes into a directory that both share:
//!
//! ```text
//! passed        a line for each point that was passed, in their order; its name, and what was done there
//! NAME          an order for the next passing of the point of this name, and for that one alone
//!   kill        the process ends as by a power switch
//!   hold        whoever passes waits there until the file is gone
//!   kill 3      the third passing from now on
//! ```
//!
//! A server that is delivered has no points: both macros stand for nothing in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use parking_lot::Mutex;
use rustix::process::{Signal, getpid, kill_process};

use crate::task;

macro_rules! points {
    ($($(#[$doc:meta])* $name:ident $text:literal,)+) => {
        /// Where a process can be ended or held.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Point { $($(#[$doc])* $name,)+ }

        impl Point {
            pub const ALL: &[Point] = &[$(Point::$name,)+];

            /// Its order's file, and its line among those that were passed.
            pub fn name(self) -> &'static str {
                match self { $(Point::$name => $text,)+ }
            }
        }
    };
}

points! {
    /// A leader is about to propose that an operation begins.
    BeginDue "begin-due",
    /// It has begun.
    BeginAnswered "begin-answered",
    /// Every member was asked, and the gate let the operation pass.
    GateJudged "gate-judged",
    /// New keys are drawn and wrapped, or all keys are wrapped anew; nobody else knows of it.
    KeysMade "keys-made",
    /// Whoever has to hold the installed key holds it.
    KeyHeld "key-held",
    /// A step, a marker or an end is about to be proposed.
    StepDue "step-due",
    /// It was applied by the leader.
    StepAnswered "step-answered",
    /// The leader is about to propose a writer's row.
    RowDue "row-due",
    /// The row is applied by the leader.
    RowAnswered "row-answered",
    /// The operation is over, and everybody who can has applied it; its asker is about to be told.
    AnswerDue "answer-due",
    /// Every member has shown that it opens the keys as they are wrapped now.
    WrappingsProven "wrappings-proven",
    /// An entry of an operation, or of a registration, was handed over to be replicated.
    EntryHanded "entry-handed",
    /// Such an entry is committed and is about to be decided here.
    EntryCommitted "entry-committed",
    /// The same, of a marker.
    MarkerCommitted "marker-committed",
    /// An entry in a form that is not legal where it stands was met.
    MisfitMet "misfit-met",
    /// Decided, nothing is written; the sidecar comes first.
    SidecarDue "sidecar-due",
    /// A small file is replaced: what takes its place is written beside it,
    FileWritten "file-written",
    /// and synced,
    FileSynced "file-synced",
    /// and has its name,
    FileRenamed "file-renamed",
    /// and the name is durable.
    NameSynced "name-synced",
    /// The sidecar is ahead of the store.
    SidecarDurable "sidecar-durable",
    /// The store has the batch, and may lose it yet.
    BatchWritten "batch-written",
    /// The store can not lose it any more; the keyring is the old one.
    BatchDurable "batch-durable",
    /// Readers have the new keyring; nobody was answered.
    KeyringPublished "keyring-published",
    /// Whoever proposed the entries was answered.
    EntriesAnswered "entries-answered",
    /// A key was unwrapped and is not held open yet.
    KeyUnwrapped "key-unwrapped",
    /// It is.
    KeyOpened "key-opened",
    /// A start was found to be in order; nothing is written.
    StartChecked "start-checked",
    /// The sidecar says that a start is under way.
    StartRecorded "start-recorded",
    /// The store has the new token.
    StoreTold "store-told",
    /// The log's directory has it.
    LogTold "log-told",
    /// The sidecar says that the start is over.
    StartSettled "start-settled",
    /// This load is about to ask a leader to let it in as a writer.
    LoadDue "load-due",
    /// It was let in.
    LoadAccepted "load-accepted",
    /// A snapshot is installed: its keys are this node's,
    SnapshotKeysAdopted "snapshot-keys-adopted",
    /// its rows are stored beside the old ones,
    SnapshotFilled "snapshot-filled",
    /// they have taken the others' place,
    SnapshotSwitched "snapshot-switched",
    /// and that is durable.
    SnapshotDurable "snapshot-durable",
}

/// What a test can make a process do wrong, once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// Users' writes are proposed clear, as by a proposer that does not know of its group's cutover.
    ProposeClear,
}

impl Wrong {
    pub fn name(self) -> &'static str {
        match self {
            Wrong::ProposeClear => "propose-clear",
        }
    }
}

/// Moments that come again and again, whatever is done about keys. A test can make whoever comes there wait; who only
/// passes is not noted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stall {
    /// Users' writes are sealed as an entry, and nobody else knows of it.
    WritesSealed,
    /// A snapshot is about to be written, and the rows that it is of are in view.
    SnapshotBegun,
}

impl Stall {
    pub fn name(self) -> &'static str {
        match self {
            Stall::WritesSealed => "writes-sealed",
            Stall::SnapshotBegun => "snapshot-begun",
        }
    }
}

/// The file of the points that were passed.
pub const PASSED: &str = "passed";
const LOOK: Duration = Duration::from_millis(1);

#[derive(Debug)]
struct Orders {
    dir: PathBuf,
    passed: Mutex<File>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Kill,
    Hold,
}

static ORDERS: OnceLock<Orders> = OnceLock::new();

/// Follows the orders in a directory from now on.
pub fn follow(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let passed = OpenOptions::new().create(true).append(true).open(dir.join(PASSED))?;
    ORDERS.get_or_init(|| Orders { dir: dir.to_owned(), passed: Mutex::new(passed) });
    Ok(())
}

/// A point is passed, as ordered.
pub fn pass(point: Point) {
    let Some(orders) = ORDERS.get() else { return };
    match orders.pass(point.name()) {
        None => {}
        Some(Order::Kill) => end_at_once(),
        Some(Order::Hold) => wait_while(&orders.dir.join(point.name())),
    }
}

/// Waits here for as long as there is an order to.
pub fn stall(stall: Stall) {
    let Some(orders) = ORDERS.get() else { return };
    let order = orders.dir.join(stall.name());
    if order.exists() {
        note(&mut orders.passed.lock(), stall.name(), "held");
        wait_while(&order);
    }
}

fn wait_while(order: &Path) {
    task::in_place(|| {
        while order.exists() {
            std::thread::sleep(LOOK);
        }
    });
}

/// Whether this one time something wrong is to be done.
pub fn is_ordered(wrong: Wrong) -> bool {
    let Some(orders) = ORDERS.get() else { return false };
    let mut passed = orders.passed.lock();
    let ordered = fs::remove_file(orders.dir.join(wrong.name())).is_ok();
    if ordered {
        note(&mut passed, wrong.name(), "done");
    }
    ordered
}

impl Orders {
    /// Notes the passing and takes the order for it. One that is obeyed by dying must not be there any more when
    /// the process starts again.
    fn pass(&self, name: &str) -> Option<Order> {
        let mut passed = self.passed.lock();
        let file = self.dir.join(name);
        let order = fs::read_to_string(&file).ok().and_then(|text| parse(&text));
        match order {
            Some((order, 0 | 1)) => {
                let (word, taken) = match order {
                    Order::Kill => ("killed", fs::remove_file(&file)),
                    Order::Hold => ("held", Ok(())),
                };
                note(&mut passed, name, word);
                taken.ok().map(|()| order)
            }
            Some((order, more)) => {
                let word = if order == Order::Kill { "kill" } else { "hold" };
                // Not to be written is not to be obeyed, and whoever waits for it says so.
                drop(fs::write(&file, format!("{word} {}", more - 1)));
                note(&mut passed, name, "passed");
                None
            }
            None => {
                note(&mut passed, name, "passed");
                None
            }
        }
    }
}

fn parse(text: &str) -> Option<(Order, u32)> {
    let mut words = text.split_whitespace();
    let order = match words.next()? {
        "kill" => Order::Kill,
        "hold" => Order::Hold,
        _ => return None,
    };
    let which = words.next().map_or(Ok(1), str::parse).ok()?;
    Some((order, which))
}

/// A test that finds a line missing fails; there is nobody here to tell.
fn note(passed: &mut File, name: &str, word: &str) {
    drop(passed.write_all(format!("{name} {word}\n").as_bytes()));
}

/// By a signal that nothing in this process can see coming: no destructor, no flush, no last word.
fn end_at_once() {
    if kill_process(getpid(), Signal::KILL).is_err() {
        std::process::abort();
    }
    loop {
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders(dir: &Path) -> Orders {
        let passed = OpenOptions::new().create(true).append(true).open(dir.join(PASSED)).unwrap();
        Orders { dir: dir.to_owned(), passed: Mutex::new(passed) }
    }

    #[test]
    fn an_order_is_for_one_passing_of_its_point() {
        let dir = tempfile::tempdir().unwrap();
        let orders = orders(dir.path());
        let order = |text: &str| fs::write(dir.path().join("step-due"), text).unwrap();
        assert_eq!(orders.pass("step-due"), None);
        order("kill 2");
        assert_eq!(orders.pass("gate-judged"), None, "another point");
        assert_eq!(orders.pass("step-due"), None, "the second one");
        assert_eq!(orders.pass("step-due"), Some(Order::Kill));
        assert_eq!(orders.pass("step-due"), None, "whoever comes after the kill is not killed again");
        order("hold");
        assert_eq!(orders.pass("step-due"), Some(Order::Hold));
        let passed = fs::read_to_string(dir.path().join(PASSED)).unwrap();
        let expected = "step-due passed\ngate-judged passed\nstep-due passed\nstep-due killed\nstep-due passed\nstep-due held\n";
        assert_eq!(passed, expected);
    }

    #[test]
    fn names_are_different() {
        let mut names: Vec<_> = Point::ALL.iter().map(|point| point.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Point::ALL.len());
    }
}
