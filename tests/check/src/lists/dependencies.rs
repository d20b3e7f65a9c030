//! Which transaction must take effect before which, and why.
//!
//! Real time takes a second sort of node. Every pair of transactions of which one had ended before the
//! other began would be an edge, and that is almost all pairs. Instead there is a line of moments, one for
//! each end, each leading to the next; a transaction leads to the moment of its end, and the last moment
//! before a transaction's beginning leads to it. So real time costs three edges a transaction.

use super::versions::{KeyVersions, Versions};
use super::{Element, Key, Transaction};
use crate::Moment;
use crate::graph::{Graph, Step};

/// Why one node comes before another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Why {
    /// The second was appended next after the first.
    WriteWrite(Key, Element, Element),
    /// This was the last element read.
    WriteRead(Key, Element),
    /// This was the first element not read.
    ReadWrite(Key, Element),
    /// From a transaction to the moment of its end.
    Ended,
    /// From one moment to the next.
    Passed,
    /// From a moment to a transaction that began after it.
    Begun,
    /// From the end of one transaction to the beginning of another: the three above as one.
    RealTime,
}

impl Why {
    /// Going through the line of moments is one step, however long the line.
    pub fn length(self) -> u32 {
        match self {
            Why::WriteWrite(..) | Why::WriteRead(..) | Why::ReadWrite(..) | Why::Ended | Why::RealTime => 1,
            Why::Passed | Why::Begun => 0,
        }
    }
}

/// One step of a cycle between transactions.
pub(super) type Link = (u32, u32, Why);

#[derive(Debug)]
pub(super) struct Dependencies {
    pub graph: Graph<Why>,
    transactions: u32,
}

impl Dependencies {
    pub fn of(history: &[Transaction], versions: &Versions) -> Self {
        let mut edges = Vec::new();
        for (key, versions) in &versions.keys {
            add_key(*key, versions, &mut edges);
        }
        let transactions = history.len() as u32;
        let moments = add_real_time(history, versions, transactions, &mut edges);
        Self { graph: Graph::new(history.len() + moments, edges), transactions }
    }

    pub fn is_transaction(&self, node: u32) -> bool {
        node < self.transactions
    }

    /// The cycle without the moments that it goes through. It must begin with a transaction.
    pub fn merge(&self, cycle: &[Step<Why>]) -> Vec<Link> {
        let mut links = Vec::new();
        let mut ended = None;
        for (from, edge) in cycle {
            match edge.why {
                Why::Ended => ended = Some(*from),
                Why::Passed => {}
                Why::Begun => links.extend(ended.map(|first| (first, edge.to, Why::RealTime))),
                why => links.push((*from, edge.to, why)),
            }
        }
        links
    }
}

fn add_key(key: Key, versions: &KeyVersions, edges: &mut Vec<Link>) {
    let known: Vec<_> = versions
        .order
        .iter()
        .zip(1..)
        .filter_map(|((element, writer), length)| Some((*element, (*writer)?, length)))
        .collect();
    for ((before, one, _), (after, other, _)) in known.iter().zip(known.iter().skip(1)) {
        edges.push((*one, *other, Why::WriteWrite(key, *before, *after)));
    }
    if let Some((before, one, _)) = known.last() {
        let unread = versions.unread.iter();
        edges.extend(unread.map(|(after, other)| (*one, *other, Why::WriteWrite(key, *before, *after))));
    }
    for &(reader, seen) in &versions.readers {
        let next = known.partition_point(|(_, _, length)| *length <= seen);
        if let Some((element, writer, _)) = next.checked_sub(1).and_then(|last| known.get(last)) {
            edges.push((*writer, reader, Why::WriteRead(key, *element)));
        }
        match known.get(next) {
            Some((element, writer, _)) => edges.push((reader, *writer, Why::ReadWrite(key, *element))),
            None => {
                let unread = versions.unread.iter();
                edges.extend(unread.map(|(element, by)| (reader, *by, Why::ReadWrite(key, *element))));
            }
        }
    }
}

/// Adds the line of moments, as nodes from `first` on. Says how many there are.
fn add_real_time(history: &[Transaction], versions: &Versions, first: u32, edges: &mut Vec<Link>) -> usize {
    let effective = || (0..).zip(history).zip(&versions.effective).filter(|(_, effective)| **effective);
    let mut ends: Vec<(Moment, u32)> = effective()
        .filter_map(|((number, transaction), _)| Some((transaction.call.effective_by()?, number)))
        .collect();
    ends.sort_unstable();
    for (at, (_, number)) in (first..).zip(&ends) {
        edges.push((*number, at, Why::Ended));
        if at > first {
            edges.push((at - 1, at, Why::Passed));
        }
    }
    for ((number, transaction), _) in effective() {
        let past = ends.partition_point(|(end, _)| *end < transaction.call.begun) as u32;
        if past > 0 {
            edges.push((first + past - 1, number, Why::Begun));
        }
    }
    ends.len()
}
