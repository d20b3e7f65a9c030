//! Which command of keys passes which point, on the leader and on a follower; and why not, where it can not be.

use elastickv_sys::points::Point;

use super::command::Command::{self, *};

/// Which node of the cluster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    Leader,
    /// Any other; where a node starts, that one.
    Follower,
}

impl Role {
    pub const ALL: [Role; 2] = [Role::Leader, Role::Follower];
}

#[derive(Clone, Copy, Debug)]
pub enum Where {
    By(&'static [Command]),
    Never(&'static str),
}

#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub point: Point,
    pub leader: Where,
    pub follower: Where,
}

impl Row {
    pub fn of(self, role: Role) -> Where {
        match role {
            Role::Leader => self.leader,
            Role::Follower => self.follower,
        }
    }
}

/// Those that are operations, with a beginning and a record.
const OPERATIONS: &[Command] = &[Bootstrap, EnableStorage, EnableRaft, RotateStorage, RotateRaft, Rewrap];
/// Those, and the registration of a load.
const ENTRIES: &[Command] =
    &[Bootstrap, EnableStorage, EnableRaft, RotateStorage, RotateRaft, Rewrap, Restart];
/// Those that write small files on a follower.
const REPLACING: &[Command] =
    &[RestartClear, Bootstrap, EnableStorage, EnableRaft, RotateStorage, RotateRaft, Rewrap, Restart];
const MAKING: &[Command] = &[Bootstrap, RotateStorage, RotateRaft, Rewrap];
const BRINGING: &[Command] = &[Bootstrap, RotateStorage, RotateRaft];
const ROTATING: &[Command] = &[RotateStorage, RotateRaft];

const CARRIED_OUT: Where = Where::Never("only a leader carries operations out");
const STARTED: Where = Where::Never("a node that starts leads nothing");
const WHOLE: Where = Where::Never("nobody sends a snapshot to a leader");
const FITTING: Where = Where::Never("no command proposes in a form that is not legal; changes of leaders do");

/// What happens on the leader alone.
const fn led(point: Point, commands: &'static [Command]) -> Row {
    Row { point, leader: Where::By(commands), follower: CARRIED_OUT }
}

/// What happens wherever entries are applied.
const fn applied(point: Point, commands: &'static [Command]) -> Row {
    Row { point, leader: Where::By(commands), follower: Where::By(commands) }
}

const fn started(point: Point) -> Row {
    Row { point, leader: STARTED, follower: Where::By(&[RestartClear, Restart]) }
}

/// What a start does where there are keys.
const fn started_with_keys(point: Point) -> Row {
    Row { point, leader: STARTED, follower: Where::By(&[Restart]) }
}

const fn installed(point: Point) -> Row {
    Row { point, leader: WHOLE, follower: Where::By(&[Snapshot]) }
}

/// What happens wherever entries are applied, and where a start writes its small files.
const fn replaced(point: Point) -> Row {
    Row { point, leader: Where::By(OPERATIONS), follower: Where::By(REPLACING) }
}

pub const TABLE: &[Row] = &[
    led(Point::BeginDue, OPERATIONS),
    led(Point::BeginAnswered, OPERATIONS),
    led(Point::GateJudged, OPERATIONS),
    led(Point::KeysMade, MAKING),
    led(Point::KeyHeld, ROTATING),
    led(Point::StepDue, OPERATIONS),
    led(Point::StepAnswered, OPERATIONS),
    led(Point::RowDue, &[Restart]),
    led(Point::RowAnswered, &[Restart]),
    led(Point::AnswerDue, OPERATIONS),
    led(Point::WrappingsProven, &[Rewrap]),
    led(Point::EntryHanded, ENTRIES),
    applied(Point::EntryCommitted, ENTRIES),
    applied(Point::MarkerCommitted, &[EnableRaft]),
    Row { point: Point::MisfitMet, leader: FITTING, follower: FITTING },
    applied(Point::SidecarDue, OPERATIONS),
    replaced(Point::FileWritten),
    replaced(Point::FileSynced),
    replaced(Point::FileRenamed),
    replaced(Point::NameSynced),
    applied(Point::SidecarDurable, OPERATIONS),
    applied(Point::BatchWritten, ENTRIES),
    applied(Point::BatchDurable, OPERATIONS),
    applied(Point::KeyringPublished, ENTRIES),
    applied(Point::EntriesAnswered, ENTRIES),
    applied(Point::KeyUnwrapped, BRINGING),
    applied(Point::KeyOpened, BRINGING),
    started(Point::StartChecked),
    started_with_keys(Point::StartRecorded),
    started(Point::StoreTold),
    started(Point::LogTold),
    started(Point::StartSettled),
    started_with_keys(Point::LoadDue),
    started_with_keys(Point::LoadAccepted),
    installed(Point::SnapshotKeysAdopted),
    installed(Point::SnapshotFilled),
    installed(Point::SnapshotSwitched),
    installed(Point::SnapshotDurable),
];

/// The points at which a command can end a node in this role.
pub fn points_of(command: Command, role: Role) -> impl Iterator<Item = Point> {
    let by = move |row: &&Row| match row.of(role) {
        Where::By(commands) => commands.contains(&command),
        Where::Never(_) => false,
    };
    TABLE.iter().filter(by).map(|row| row.point)
}

#[test]
fn every_point_stands_in_the_table_once_and_what_can_not_be_says_why() {
    let points: Vec<_> = TABLE.iter().map(|row| row.point).collect();
    assert_eq!(points, Point::ALL);
    for where_ in TABLE.iter().flat_map(|row| Role::ALL.map(|role| row.of(role))) {
        match where_ {
            Where::By(commands) => assert!(!commands.is_empty()),
            Where::Never(reason) => assert!(!reason.is_empty()),
        }
    }
}
