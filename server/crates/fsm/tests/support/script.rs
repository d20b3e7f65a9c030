//! The words of the scripts.
//!
//! ```text
//! group N                                       begins anew, as group N
//! membership                                    a membership entry
//! begin KIND op=O                               and for each entry: at=MS membership=I sealed=KEY
//! end op=O done|refused|deadline
//! bootstrap op=O storage=K raft=K [last]        cohort=NODE.EPOCH.TOKEN/… created=MS
//! install PURPOSE op=O key=K replaces=K [last]  cohort=… created=MS
//! activate op=O key=K replaces=K [last]
//! rewrap op=O keys=K/… kek=NAME [last]          wrong=K for a key with another commitment
//! close op=O key=K [last]
//! retire op=O key=K closed=I [last]
//! enable-storage op=O [last]
//! enable-raft op=O
//! raise-floor op=O keys=K/…
//! register key=K writer=NODE.EPOCH.TOKEN
//! job start|pause|resume|set-rate|cancel|finish op=O   rate=N, or for finish: sealed
//! write ts=T                                    one put, or put=K@V/… delete=K/… expire=MS many=N
//!                                               id=R drawn=MS, read=T keys=K/… spans=K..K/…
//!                                               ceiling=T oldest=T, nothing
//! with ts=T …                                   a write that goes into one entry with the next ones
//! ceiling ceiling=T oldest=T
//! requests N from=MS ts=T                       N writes with ids, one drawn each millisecond
//! prewrite start=T ts=T until=MS put=… delete=… locks keys, at ts
//! commit start=T ts=T keys=K/…
//! rollback start=T ts=T
//! ended N from=T                                N transactions that are rolled back, one begun each millisecond
//! locks                                         what the store holds of them
//! rows                                          and of rows
//! past N from=MS                                N operations, one a second
//! rotations PURPOSE N from=K                    N rotations, to key K and those after it
//! history                                       how many are remembered
//! state                                         what the group knows by now
//! restart                                       the store is read anew
//! ```
//!
//! An operation's name stands for its id, drawn at `drawn=MS` or the time of the entry. Without `at`, the time of an
//! entry is a second for each index. A request's name stands for its id in the same way; `untimed` tells no time. A
//! timestamp is MS or MS.COUNT.
//!
//! At the end the log is applied anew, entry by entry and many in a batch, and has to come to the same.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

use elastickv_fsm::*;
use elastickv_types::*;
use goldenscript::{ArgumentConsumer, Context};

use super::{Replica, commitment, key, operation, show, wrapping, writes};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Requests and transactions of which not every look is worth its time.
const MANY: usize = 50_000;

pub struct Script {
    replica: Replica,
    operations: BTreeMap<String, OperationId>,
    requests: BTreeMap<String, RequestId>,
    /// Writes that go into the next entry.
    gathered: Vec<Write>,
}

impl Default for Script {
    fn default() -> Self {
        let (operations, requests, gathered) = Default::default();
        let replica = Replica::new(GroupId::CONTROL);
        let mut script = Self { replica, operations, requests, gathered };
        script.replica.set_membership();
        script
    }
}

impl goldenscript::Runner for Script {
    type Command = goldenscript::Command;

    fn run(&mut self, command: &goldenscript::Command, _context: &Context) -> Result<String> {
        let mut args = command.consume_args();
        let output = match command.name.as_str() {
            "group" => {
                let group =
                    GroupId::from_u64(args.next_pos().ok_or("no group")?.parse()?).ok_or("group 0")?;
                self.check_replays();
                self.replica = Replica::new(group);
                self.replica.set_membership();
                String::new()
            }
            "membership" => format!("membership {}\n", self.replica.set_membership()),
            "state" => show::state(self.replica.state(), &self.replica.tables),
            "rows" => show::rows(&self.replica.rows()),
            "locks" => show::locks(&self.replica.locks()),
            "ended" => {
                let count = args.next_pos().ok_or("no count")?.parse()?;
                self.roll_back(count, &mut args)?;
                String::new()
            }
            "with" => {
                let write = writes::write(&mut self.requests, &mut args)?;
                self.gathered.push(write);
                String::new()
            }
            "requests" => {
                let count = args.next_pos().ok_or("no count")?.parse()?;
                self.remember(count, &mut args)?;
                String::new()
            }
            "history" => self.history(),
            "past" => {
                let operations = args.next_pos().ok_or("no count")?.parse()?;
                self.replica.live_through(operations, args.take_key("from").ok_or("no time")?.parse()?);
                String::new()
            }
            "rotations" => {
                let purpose = purpose(&mut args)?;
                let rotations: u32 = args.next_pos().ok_or("no count")?.parse()?;
                let first = take_key(&mut args, "from")?.get();
                (first..first + rotations).for_each(|raw| self.rotate(purpose, key(raw)));
                String::new()
            }
            "restart" => {
                self.replica.restart();
                String::new()
            }
            name => {
                let (form, command) = self.entry(name, &mut args)?;
                self.apply(form, command)
            }
        };
        args.reject_next()?;
        Ok(output)
    }

    fn end_script(&mut self) -> Result<()> {
        self.check_replays();
        Ok(())
    }
}

impl Script {
    fn apply(&mut self, form: Form, command: Command) -> String {
        let applied = self.replica.apply(form, command);
        if self.remembered() < MANY {
            let known = (self.replica.applied.clone(), self.replica.tables.clone());
            assert_eq!(self.replica.stored(), known, "the store tells another state");
        }
        let mut output = format!("{}: {}\n", applied.index, show::answer(&applied.decision.answer));
        for action in &applied.decision.actions {
            writeln!(output, "   {action:?}").unwrap();
        }
        output
    }

    fn entry(&mut self, name: &str, args: &mut ArgumentConsumer<'_>) -> Result<(Form, Command)> {
        let form = match args.take_key("sealed") {
            Some(raw) => Form::Sealed(key(raw.parse()?)),
            None => Form::Clear,
        };
        let command = match name {
            "register" => {
                let key = take_key(args, "key")?;
                let writer = writer(args.take_key("writer").ok_or("no writer")?)?;
                Command::RegisterWriter(Registration { key, writer })
            }
            "write" => {
                let bounds = writes::bounds(args)?;
                let write = writes::write(&mut self.requests, args)?;
                let gathered = std::mem::take(&mut self.gathered).into_iter().chain([write]);
                let writes = Writes::of(&gathered.collect::<Vec<_>>());
                Command::WriteBatch(WriteBatch { bounds, writes })
            }
            "ceiling" => Command::Ceiling(writes::bounds(args)?),
            "prewrite" => Command::PreWrite(writes::prewrite(args)?),
            "commit" => Command::Resolve(writes::resolve(true, args)?),
            "rollback" => Command::Resolve(writes::resolve(false, args)?),
            _ => {
                let origin = self.origin(args)?;
                let membership = self.membership(args)?;
                of_operation(name, origin, membership, args)?
            }
        };
        Ok((form, command))
    }

    fn origin(&mut self, args: &mut ArgumentConsumer<'_>) -> Result<Origin> {
        let at: u64 = match args.take_key("at") {
            Some(raw) => raw.parse()?,
            None => self.replica.next_index().get() * 1000,
        };
        let drawn = args.take_key("drawn").map(str::parse).transpose()?.unwrap_or(at);
        let name = args.take_key("op").ok_or("no operation")?;
        let tail = name.bytes().fold(0, |tail, byte| tail << 8 | u64::from(byte)) & (u64::MAX >> 2);
        let fresh = match name {
            "untimed" => OperationId::from_bytes([0x11; 16]),
            _ => operation(drawn, tail),
        };
        let operation = *self.operations.entry(name.to_owned()).or_insert(fresh);
        let (actor, reason) = (Actor::cut("ops"), Reason::cut("because"));
        Ok(Origin { operation, actor, reason, at: UnixMillis::new(at) })
    }

    fn membership(&self, args: &mut ArgumentConsumer<'_>) -> Result<LogId> {
        let effective = self.replica.state().membership.expect("the first entry was one");
        let named = args.take_key("membership").map(str::parse).transpose()?.map(LogIndex::new);
        Ok(LogId { index: named.unwrap_or(effective.index), ..effective })
    }

    /// A rotation of which nothing is shown.
    fn rotate(&mut self, purpose: Purpose, new: KeyId) {
        let replaces = self.replica.control().keys.active(purpose).expect("it is bootstrapped");
        let at = UnixMillis::new(self.replica.next_index().get() * 1000);
        let id = operation(at.get(), u64::from(new.get()));
        let origin = Origin { operation: id, actor: Actor::cut("ops"), reason: Reason::cut("because"), at };
        let membership = self.replica.state().membership.expect("the first entry was one");
        let (kind, deadline) = (OperationKind::Rotate, at.saturating_add(60_000));
        let phase = Phase::Begin { kind, purpose: Some(purpose), since: at, deadline, membership };
        let install = Install { purpose, key: new_key(new, Cohort::default(), at), replaces };
        let step = |last, step| Command::Step(StepCommand { origin: origin.clone(), last, step });
        for command in [
            Command::Operation(OperationCommand { origin: origin.clone(), phase }),
            step(false, Step::Install(Box::new(install))),
            step(true, Step::Activate { key: new, replaces }),
        ] {
            let decided = self.replica.apply(Form::Clear, command).decision;
            assert!(matches!(decided.answer, Answer::Done(Ok(_))), "key {new}: {:?}", decided.answer);
        }
    }

    fn remembered(&self) -> usize {
        let Tables { sessions, locks } = &self.replica.tables;
        sessions.len() + locks.all_over().count()
    }

    fn check_replays(&self) {
        let sizes: &[usize] = if self.remembered() < MANY { &[1, 2, 1000] } else { &[500] };
        sizes.iter().for_each(|at_once| self.replica.check_replay(*at_once));
    }

    /// Writes with ids, of which nothing is shown.
    fn remember(&mut self, count: u64, args: &mut ArgumentConsumer<'_>) -> Result<()> {
        let from: u64 = args.take_key("from").ok_or("no time")?.parse()?;
        let first = writes::stamp(args.take_key("ts").ok_or("no ts")?)?.get();
        let write = |place: u64| Write {
            commit_ts: Timestamp::from_u64(first + place),
            request_id: Some(writes::request(from + place, 0)),
            reads: None,
            mutations: Mutations::default(),
        };
        for begin in (0..count).step_by(8192) {
            let writes: Vec<_> = (begin..count.min(begin + 8192)).map(write).collect();
            let batch = WriteBatch { writes: Writes::of(&writes), ..WriteBatch::default() };
            let told = writes.iter().map(|write| {
                Ok(Written { commit_ts: write.commit_ts, index: self.replica.next_index(), repeated: false })
            });
            let told = Answer::Writes(told.collect());
            self.replica.apply_knowing(Command::WriteBatch(batch), told);
        }
        Ok(())
    }

    /// Transactions that are over, of which nothing is shown.
    fn roll_back(&mut self, count: u64, args: &mut ArgumentConsumer<'_>) -> Result<()> {
        let from = writes::stamp(args.take_key("from").ok_or("no time")?)?.unix_ms();
        for start in from..from + count {
            let (start_ts, at) = (Timestamp::from_unix_ms(start), Timestamp::from_unix_ms(start + 1));
            let resolve = Resolve { start_ts, at, commit: false, keys: Keys::default() };
            let told = Answer::Resolved(Ok(Resolution::RolledBack { changed: false }));
            self.replica.apply_knowing(Command::Resolve(resolve), told);
        }
        Ok(())
    }

    fn history(&self) -> String {
        let history = &self.replica.control().history;
        let oldest = history.iter().next().map_or("none".to_owned(), |(_, record)| record.at.to_string());
        let forgotten = history.forgotten().map_or("none".to_owned(), |forgotten| forgotten.to_string());
        let (count, newest) = (history.iter().count(), history.newest());
        format!("{count} records from {oldest} to {newest}, forgotten up to {forgotten}\n")
    }
}

fn of_operation(
    name: &str,
    origin: Origin,
    membership: LogId,
    args: &mut ArgumentConsumer<'_>,
) -> Result<Command> {
    let phase = |phase| Command::Operation(OperationCommand { origin: origin.clone(), phase });
    let group = |change| Command::Group(GroupCommand { origin: origin.clone(), change });
    let step = match name {
        "begin" => {
            let kind = args.next_pos().ok_or("no kind")?;
            let kind =
                OperationKind::ALL.into_iter().find(|found| found.as_str() == kind).ok_or("no such kind")?;
            let since = origin.at;
            let deadline = since.saturating_add(60_000);
            return Ok(phase(Phase::Begin { kind, purpose: None, since, deadline, membership }));
        }
        "end" => {
            let ending = match args.next_pos().ok_or("no ending")? {
                "done" => Ending::Done { changed: true, first: LogIndex::new(1) },
                "refused" => Ending::Refused {
                    name: RefusalName::cut("GateRefused"),
                    text: Reason::cut("n3 does not answer"),
                },
                "deadline" => Ending::DeadlinePassed,
                other => return Err(other.into()),
            };
            return Ok(phase(Phase::End(ending)));
        }
        "job" => return Ok(Command::Job(JobCommand { origin, change: job(membership, args)? })),
        "enable-raft" => return Ok(group(GroupChange::EnableRaft { membership })),
        "raise-floor" => {
            let keys = KeySet::new(take_keys(args)?.into_iter().collect()).ok_or("no keys")?;
            return Ok(group(GroupChange::RaiseFloor { keys }));
        }
        "bootstrap" => {
            let cohort = cohort(args)?;
            let (storage, raft) = (take_key(args, "storage")?, take_key(args, "raft")?);
            let created = created(args, origin.at)?;
            let [storage, raft] = [storage, raft].map(|id| new_key(id, cohort.clone(), created));
            Step::Bootstrap(Box::new(Bootstrap { storage, raft, membership }))
        }
        "install" => {
            let purpose = purpose(args)?;
            let key = new_key(take_key(args, "key")?, cohort(args)?, created(args, origin.at)?);
            Step::Install(Box::new(Install { purpose, key, replaces: take_key(args, "replaces")? }))
        }
        "activate" => Step::Activate { key: take_key(args, "key")?, replaces: take_key(args, "replaces")? },
        "rewrap" => {
            let kek = args.take_key("kek").unwrap_or("new").to_owned();
            let wrong = args.take_key("wrong").map(str::parse).transpose()?.map(key);
            let keys = take_keys(args)?.into_iter().map(|key| Rewrapped {
                key,
                commitment: if Some(key) == wrong { Commitment::new([0; 32]) } else { commitment(key) },
                wrapping: wrapping(&kek),
            });
            Step::Rewrap(List::new(keys.collect()).ok_or("too many")?)
        }
        "close" => Step::Close { key: take_key(args, "key")? },
        "retire" => {
            let closed = LogIndex::new(args.take_key("closed").ok_or("no close index")?.parse()?);
            Step::Retire(Retire { key: take_key(args, "key")?, closed, membership })
        }
        "enable-storage" => Step::EnableStorage { membership },
        other => return Err(format!("{other} is no command").into()),
    };
    let last = args.next_pos().map_or(Ok(false), |word| if word == "last" { Ok(true) } else { Err(word) })?;
    Ok(Command::Step(StepCommand { origin, last, step }))
}

fn job(membership: LogId, args: &mut ArgumentConsumer<'_>) -> Result<JobChange> {
    let rate = args.take_key("rate").map(str::parse).transpose()?.and_then(ByteRate::from_u64);
    Ok(match args.next_pos().ok_or("no change")? {
        "start" => JobChange::StartRewrite { rate },
        "pause" => JobChange::Pause,
        "resume" => JobChange::Resume,
        "set-rate" => JobChange::SetRate { rate },
        "cancel" => JobChange::Cancel,
        "finish" => {
            let under = take_key(args, "under")?;
            JobChange::Finish { log_sealed: args.next_pos() == Some("sealed"), membership, under }
        }
        other => return Err(other.into()),
    })
}

fn purpose(args: &mut ArgumentConsumer<'_>) -> Result<Purpose> {
    let purpose = args.next_pos().ok_or("no purpose")?;
    Ok(Purpose::ALL.into_iter().find(|found| found.as_str() == purpose).ok_or("no such purpose")?)
}

fn created(args: &mut ArgumentConsumer<'_>, at: UnixMillis) -> Result<UnixMillis> {
    Ok(args.take_key("created").map(str::parse).transpose()?.map_or(at, UnixMillis::new))
}

fn take_key(args: &mut ArgumentConsumer<'_>, name: &str) -> Result<KeyId> {
    let raw = args.take_key(name).ok_or_else(|| format!("no {name}"))?;
    Ok(key(raw.parse()?))
}

fn take_keys(args: &mut ArgumentConsumer<'_>) -> Result<Vec<KeyId>> {
    let raw = args.take_key("keys").ok_or("no keys")?;
    raw.split('/').map(|raw| Ok(key(raw.parse()?))).collect()
}

fn new_key(id: KeyId, cohort: Cohort, created: UnixMillis) -> NewKey {
    NewKey { id, wrapping: wrapping("old"), commitment: commitment(id), created, cohort }
}

fn cohort(args: &mut ArgumentConsumer<'_>) -> Result<Cohort> {
    let Some(raw) = args.take_key("cohort") else { return Ok(Cohort::default()) };
    let writers = raw.split('/').map(writer).collect::<Result<_>>()?;
    Ok(Cohort::new(writers).ok_or("too many")?)
}

/// `n1` is a name; `0x1d4c0` is a full id, so that two can have one short id.
fn writer(raw: &str) -> Result<Writer> {
    let [node, epoch, token] =
        raw.split('.').collect::<Vec<_>>().try_into().map_err(|_| "not three parts")?;
    let node = match node.strip_prefix("0x") {
        Some(id) => FullNodeId::from_u64(u64::from_str_radix(id, 16)?).ok_or("node 0")?,
        None => FullNodeId::of_name(node),
    };
    let token = LoadToken::new(token.bytes().fold(0, |token, byte| token << 8 | u64::from(byte)));
    Ok(Writer { node, epoch: LocalEpoch::new(epoch.parse()?), token })
}
