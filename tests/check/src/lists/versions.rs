//! The order of versions of each key, and what is wrong without any cycle.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Element, Key, Transaction};
use crate::{Findings, Kind, Outcome};

type Writers = HashMap<(Key, Element), u32>;

/// What is known of one key.
#[derive(Debug, Default)]
pub(super) struct KeyVersions {
    /// The longest list that was read, each element with the transaction of the graph that appended it.
    pub order: Vec<(Element, Option<u32>)>,
    /// Appends that happened, but that nobody read.
    pub unread: Vec<(Element, u32)>,
    /// Who read a beginning of the order, and how much of it.
    pub readers: Vec<(u32, usize)>,
}

#[derive(Debug)]
pub(super) struct Versions {
    pub keys: BTreeMap<Key, KeyVersions>,
    /// Whether a transaction has certainly happened.
    pub effective: Vec<bool>,
}

impl Versions {
    pub fn of(history: &[Transaction], findings: &mut Findings) -> Self {
        let writers = writers(history, findings);
        let effective = effective(history);
        let mut judge = Judge { history, writers, effective, findings };
        let mut keys: BTreeMap<_, _> =
            judge.reads().into_iter().map(|(key, reads)| (key, judge.key(key, &reads))).collect();
        judge.add_unread(&mut keys);
        judge.note_lost(&keys);
        judge.note_parts(&keys);
        Self { keys, effective: judge.effective }
    }
}

fn numbered(history: &[Transaction]) -> impl Iterator<Item = (u32, &Transaction)> {
    (0..).zip(history)
}

fn writers(history: &[Transaction], findings: &mut Findings) -> Writers {
    let mut writers = Writers::new();
    for (number, transaction) in numbered(history) {
        for &(key, element) in &transaction.appends {
            if let Some(other) = writers.insert((key, element), number) {
                findings.note(Kind::ReusedElement, || {
                    format!("T{other} and T{number} both append {element} to {key}")
                });
            }
        }
    }
    writers
}

/// The committed transactions, and those of unknown outcome of which something was read by one of these.
fn effective(history: &[Transaction]) -> Vec<bool> {
    let mut effective: Vec<_> = history.iter().map(|of| of.call.outcome == Outcome::Committed).collect();
    let mut unknown: Writers = numbered(history)
        .filter(|(_, transaction)| transaction.call.outcome == Outcome::Unknown)
        .flat_map(|(number, transaction)| transaction.appends.iter().map(move |&append| (append, number)))
        .collect();
    let mut to_look_at: Vec<_> = history.iter().filter(|of| of.call.outcome == Outcome::Committed).collect();
    while let Some(transaction) = to_look_at.pop().filter(|_| !unknown.is_empty()) {
        for (key, list) in &transaction.reads {
            for &element in list {
                let Some(writer) = unknown.remove(&(*key, element)) else { continue };
                if let Some(known) = effective.get_mut(writer as usize).filter(|known| !**known) {
                    *known = true;
                    to_look_at.extend(history.get(writer as usize));
                }
            }
        }
    }
    effective
}

struct Judge<'h, 'f> {
    history: &'h [Transaction],
    writers: Writers,
    effective: Vec<bool>,
    findings: &'f mut Findings,
}

impl<'h> Judge<'h, '_> {
    fn is_effective(&self, number: u32) -> bool {
        self.effective.get(number as usize).copied().unwrap_or(false)
    }

    fn effective_ones(&self) -> impl Iterator<Item = (u32, &'h Transaction)> {
        numbered(self.history).filter(|(number, _)| self.is_effective(*number))
    }

    /// By key, who read which list.
    fn reads(&self) -> BTreeMap<Key, Vec<(u32, &'h [Element])>> {
        let mut reads: BTreeMap<Key, Vec<_>> = BTreeMap::new();
        for (number, transaction) in self.effective_ones() {
            for (key, list) in &transaction.reads {
                reads.entry(*key).or_default().push((number, list.as_slice()));
            }
        }
        reads
    }

    fn key(&mut self, key: Key, reads: &[(u32, &[Element])]) -> KeyVersions {
        let longest = reads.iter().max_by_key(|(_, list)| list.len());
        let order = longest.map(|&(reader, list)| self.order(key, reader, list)).unwrap_or_default();
        let mut readers = Vec::new();
        for &(reader, list) in reads {
            self.note_own_effect(key, reader, list);
            let same = list.iter().zip(&order).take_while(|(one, (other, _))| *one == other).count();
            if same == list.len() {
                readers.push((reader, same));
                continue;
            }
            self.order(key, reader, list);
            let of = longest.map_or(reader, |(reader, _)| *reader);
            self.findings.note(Kind::Diverged, || {
                let there = order.get(same).map_or_else(String::new, |(element, _)| element.to_string());
                let here = list.get(same).map_or_else(String::new, Element::to_string);
                format!("{key}, after {same} elements: T{of} read {there}, T{reader} read {here}")
            });
        }
        KeyVersions { order, unread: Vec::new(), readers }
    }

    /// Names the writer of each element, and notes the elements that may not be where they are.
    fn order(&mut self, key: Key, reader: u32, list: &[Element]) -> Vec<(Element, Option<u32>)> {
        let mut before = HashSet::new();
        let writer_of = |&element: &Element| {
            let writer = self.writers.get(&(key, element)).copied();
            if !before.insert(element) {
                self.findings.note(Kind::DuplicateAppend, || {
                    let by =
                        writer.map_or_else(String::new, |writer| format!(", appended once, by T{writer},"));
                    format!("{key}: {element}{by} stands twice in what T{reader} read")
                });
                return (element, None);
            }
            let Some(writer) = writer else {
                self.findings.note(Kind::ForeignElement, || {
                    format!("{key}: T{reader} read {element}, which nobody wrote")
                });
                return (element, None);
            };
            let effective = self.effective.get(writer as usize).copied().unwrap_or(false);
            if !effective {
                self.findings.note(Kind::AbortedRead, || {
                    format!("{key}: T{reader} read {element}, but T{writer}, which wrote it, was aborted")
                });
            }
            (element, effective.then_some(writer))
        };
        list.iter().map(writer_of).collect()
    }

    fn note_own_effect(&mut self, key: Key, reader: u32, list: &[Element]) {
        let own = self.history.get(reader as usize).map(|of| of.appends.as_slice()).unwrap_or_default();
        for (_, element) in own.iter().filter(|(of, element)| *of == key && list.contains(element)) {
            self.findings.note(Kind::OwnEffectRead, || {
                format!("{key}: T{reader} read {element} in its snapshot, before it appended it")
            });
        }
    }

    fn add_unread(&self, keys: &mut BTreeMap<Key, KeyVersions>) {
        let read: BTreeMap<_, HashSet<_>> = keys
            .iter()
            .map(|(key, versions)| (*key, versions.order.iter().map(|(element, _)| *element).collect()))
            .collect();
        for (number, transaction) in self.effective_ones() {
            for &(key, element) in &transaction.appends {
                if !read.get(&key).is_some_and(|read| read.contains(&element)) {
                    keys.entry(key).or_default().unread.push((element, number));
                }
            }
        }
    }

    /// An acknowledged append that nobody read, though somebody began to read after the acknowledgement.
    fn note_lost(&mut self, keys: &BTreeMap<Key, KeyVersions>) {
        let call = |number: u32| self.history.get(number as usize).map(|of| of.call);
        for (key, versions) in keys {
            let last = versions.readers.iter().filter_map(|(reader, _)| Some((*reader, call(*reader)?)));
            let Some((reader, last)) = last.max_by_key(|(_, call)| call.begun) else { continue };
            for &(element, writer) in &versions.unread {
                if call(writer).is_some_and(|call| call.precedes(&last)) {
                    self.findings.note(Kind::LostAppend, || {
                        format!(
                            "{key}: T{writer} appended {element}, T{reader} began after that and misses it"
                        )
                    });
                }
            }
        }
    }

    /// Reads that end between the first and the last append of one transaction to one key.
    fn note_parts(&mut self, keys: &BTreeMap<Key, KeyVersions>) {
        for (writer, key) in self.written_twice() {
            let Some(versions) = keys.get(&key) else { continue };
            let missing = versions.unread.iter().any(|(_, by)| *by == writer);
            let places = || versions.order.iter().zip(0..).filter(|((_, by), _)| *by == Some(writer));
            let Some((first, last)) = places().map(|(_, at)| at).min().zip(places().map(|(_, at)| at).max())
            else {
                continue;
            };
            let last = if missing { usize::MAX } else { last };
            for (reader, seen) in &versions.readers {
                if first < *seen && *seen <= last {
                    self.findings.note(Kind::IntermediateRead, || {
                        format!("{key}: T{reader} read some of what T{writer} appended, but not all")
                    });
                }
            }
        }
    }

    fn written_twice(&self) -> HashSet<(u32, Key)> {
        let mut once = HashSet::new();
        self.effective_ones()
            .flat_map(|(number, transaction)| transaction.appends.iter().map(move |(key, _)| (number, *key)))
            .filter(|&append| !once.insert(append))
            .collect()
    }
}
