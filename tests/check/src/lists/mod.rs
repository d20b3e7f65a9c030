//! Transactions that read lists and append to them, held against strict serializability.
//!
//! A list tells its own history: whoever reads `[3 1 7]` proves that 3 was appended before 1 and 1 before 7.
//! As every element is appended by one transaction only, the longest list that was read gives the order of
//! versions of its key ([`versions`]), and every other read must be a beginning of it. From these orders
//! follow the dependencies between transactions ([`dependencies`]):
//!
//! - *write, write*: the one appended right before the other;
//! - *write, read*: the one appended the last element that the other read;
//! - *read, write*: the other appended the first element that the one did not read;
//! - *real time*: the one had its answer before the other began.
//!
//! Each says that the one takes effect before the other, so a cycle of them has no possible order. Without
//! one there is an order that explains everything seen, and it respects real time.
//!
//! A transaction of unknown outcome counts as not having happened until one of its elements is read by a
//! transaction that counts. Then it has happened, whole, at some time after it began: it is a part of the
//! graph, but nothing comes after it in real time.
//!
//! Beside cycles there are things that no order is needed to see: elements of aborted transactions, parts of
//! transactions, elements that stand twice or that are missing where they must be.
//!
//! Memory and time are linear in what was read, plus, for each key, its last readers times the appends to it
//! that nobody read. A history that ends with a read of every key has hardly any of the latter.

mod dependencies;
mod story;
mod versions;

use std::fmt;

use crate::graph::shortest_cycle;
use crate::{Call, Findings, Kind};
use dependencies::{Dependencies, Link, Why};
use versions::Versions;

/// A key that holds a list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key(pub u64);

/// What is appended to a key, once in the whole run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Element(pub u64);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "k{}", self.0)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One transaction: what it read in its snapshot, and what it appended afterwards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    pub call: Call,
    pub reads: Vec<(Key, Vec<Element>)>,
    pub appends: Vec<(Key, Element)>,
}

/// Judges a history. Transactions are named by their places in it.
pub fn check(history: &[Transaction]) -> Findings {
    let mut findings = Findings::default();
    let versions = Versions::of(history, &mut findings);
    let dependencies = Dependencies::of(history, &versions);
    for (kind, cycle) in cycles(&dependencies) {
        findings.note(kind, || story::tell(history, &cycle));
    }
    findings
}

/// The fewer sorts of dependencies a cycle needs, the worse it is, and the shorter, the easier to read. So
/// the worst is told, and of the others those that are shorter.
fn cycles(dependencies: &Dependencies) -> Vec<(Kind, Vec<Link>)> {
    let levels: [fn(Why) -> bool; 4] = [
        |why| matches!(why, Why::WriteWrite(..)),
        |why| matches!(why, Why::WriteWrite(..) | Why::WriteRead(..)),
        |why| matches!(why, Why::WriteWrite(..) | Why::WriteRead(..) | Why::ReadWrite(..)),
        |_| true,
    ];
    let mut told: Vec<(Kind, Vec<Link>)> = Vec::new();
    for (level, allows) in levels.iter().enumerate() {
        let length = |why: Why| allows(why).then_some(why.length());
        let Some(cycle) =
            shortest_cycle(&dependencies.graph, length, |node| dependencies.is_transaction(node))
        else {
            continue;
        };
        let cycle = dependencies.merge(&cycle);
        if told.last().is_none_or(|(_, shortest)| cycle.len() < shortest.len()) {
            told.push((kind(level, &cycle), cycle));
        }
    }
    told
}

fn kind(level: usize, cycle: &[Link]) -> Kind {
    let overwritten = cycle.iter().filter(|(_, _, why)| matches!(why, Why::ReadWrite(..))).count();
    match (level, overwritten) {
        (0, _) => Kind::WriteCycle,
        (1, _) => Kind::ReadCycle,
        (2, 1) => Kind::SkewedRead,
        (2, _) => Kind::WriteSkew,
        _ => Kind::RealTimeCycle,
    }
}

#[cfg(test)]
mod tests;
