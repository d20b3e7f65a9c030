//! Transactions on lists.
//!
//! A list is kept in one of two ways. In one row, whose value is all of its elements: whoever appends must
//! have read it, and two who read the same are in conflict. Or in a range of rows, one an element, in the
//! order of their commit timestamps: whoever appends writes a row that was not there, so only the range that
//! was scanned can tell that something changed, and it can also be done without reading.
//!
//! A list that is long enough gives way to a new one, so that reading it stays cheap.

use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use elastickv_check::lists::{Element, Key, Transaction};
use elastickv_proto::v1;
use rand::RngExt;

use super::actor::Actor;
use super::caller::Failed;
use crate::client::request_id;

/// Lists in use at a time.
pub(super) const SLOTS: usize = 32;

/// A list of so many elements gives way to the next.
const LONG: usize = 48;

/// Rows a page, so that lists take several.
const PAGE: u32 = 20;

/// A transaction in conflict is tried so often.
const ATTEMPTS: u64 = 12;

/// Lists read in one transaction when all is over.
const AT_ONCE: usize = 8;

/// What a transaction is going to do.
#[derive(Debug, Default)]
struct Wish {
    reads: Vec<Key>,
    appends: Vec<(Key, Element)>,
}

/// What came of it.
#[derive(Default)]
struct Done {
    reads: Vec<(Key, Vec<Element>)>,
    commit: Option<v1::CommitResponse>,
}

fn is_kept_in_rows(key: Key) -> bool {
    key.0 % 2 == 1
}

fn key_of_list(key: Key) -> Bytes {
    format!("list/{:08}", key.0).into()
}

fn range_of_rows(key: Key) -> v1::KeyRange {
    v1::KeyRange { start: format!("row/{:08}/", key.0).into(), end: format!("row/{:08}0", key.0).into() }
}

fn key_of_row(key: Key, element: Element) -> Bytes {
    // Not in the order of the elements: rows come and go in the middle of the range.
    format!("row/{:08}/{:016x}", key.0, element.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)).into()
}

fn encode(elements: &[Element]) -> Bytes {
    elements.iter().flat_map(|element| element.0.to_be_bytes()).collect()
}

fn decode(value: &[u8]) -> Vec<Element> {
    let (elements, _) = value.as_chunks();
    elements.iter().map(|bytes| Element(u64::from_be_bytes(*bytes))).collect()
}

impl Actor {
    pub(super) async fn transact_on_lists(&mut self) {
        let wish = self.wish();
        let begun = Instant::now();
        let result = self.fulfil(&wish).await;
        let call = self.ended(begun, &result.as_ref().map_err(|(failed, _)| failed.clone()));
        let (reads, commit) = match result {
            Ok(done) => (done.reads, done.commit),
            Err((_, reads)) => (reads, None),
        };
        if let Some(commit) = commit {
            self.stamped(call, commit.commit_ts, commit.already_applied);
        }
        self.record.lists.push(Transaction { call, reads, appends: wish.appends });
    }

    fn wish(&mut self) -> Wish {
        let mut wish = Wish::default();
        let first = self.caller.random.random_range(0..SLOTS);
        let distance = self.caller.random.random_range(1..SLOTS / 3);
        for number in 0..self.caller.random.random_range(1..=3) {
            let slot = (first + number * distance) % SLOTS;
            let generation = self.shared.generations.get(slot).map_or(0, |of| of.load(Ordering::Relaxed));
            let key = Key(generation * SLOTS as u64 + slot as u64);
            let appends = self.caller.random.random_ratio(1, 2);
            if appends {
                wish.appends.push((key, Element(self.shared.numbers.fetch_add(1, Ordering::Relaxed))));
            }
            let blindly = appends && is_kept_in_rows(key) && self.caller.random.random_ratio(1, 3);
            if !blindly {
                wish.reads.push(key);
            }
        }
        wish
    }

    /// Tries until there is no conflict. A failure comes with what was read before it.
    async fn fulfil(&mut self, wish: &Wish) -> Result<Done, (Failed, Vec<(Key, Vec<Element>)>)> {
        let mut attempt = 1;
        loop {
            let mut done = Done::default();
            match self.attempt(wish, &mut done).await {
                Ok(()) => return Ok(done),
                Err(Failed::Outdated(_)) if attempt < ATTEMPTS => self.caller.back_off(attempt).await,
                Err(failed) => return Err((failed, done.reads)),
            }
            attempt += 1;
        }
    }

    async fn attempt(&mut self, wish: &Wish, done: &mut Done) -> Result<(), Failed> {
        let mut start_ts = 0;
        if !wish.reads.is_empty() {
            start_ts = self.begin().await?;
        }
        for &key in &wish.reads {
            let list = self.list(key, start_ts).await?;
            if list.len() >= LONG {
                self.give_way(key);
            }
            done.reads.push((key, list));
        }
        if wish.appends.is_empty() {
            return Ok(());
        }
        let request = commit_request(wish, start_ts, &done.reads);
        done.commit = Some(self.commit(request).await?);
        Ok(())
    }

    fn give_way(&self, key: Key) {
        let (slot, generation) = (key.0 as usize % SLOTS, key.0 / SLOTS as u64);
        if let Some(now) = self.shared.generations.get(slot) {
            now.fetch_max(generation + 1, Ordering::Relaxed);
        }
    }

    async fn list(&mut self, key: Key, ts: u64) -> Result<Vec<Element>, Failed> {
        if is_kept_in_rows(key) {
            return self.rows(key, ts).await;
        }
        let keys = vec![key_of_list(key)];
        let answer = self.read(ts, keys).await?;
        let [result] = answer.results.as_slice() else {
            return Err(Failed::Refused(format!("{} results for one key", answer.results.len())));
        };
        Ok(decode(&result.value))
    }

    async fn rows(&mut self, key: Key, ts: u64) -> Result<Vec<Element>, Failed> {
        let mut request =
            v1::ScanRequest { ts, range: Some(range_of_rows(key)), limit: PAGE, ..Default::default() };
        let mut rows = Vec::new();
        loop {
            let page = self.scan(&request).await?;
            rows.extend(page.pairs.into_iter().map(|pair| (pair.commit_ts, decode(&pair.value))));
            request.token = page.next_token;
            if request.token.is_empty() {
                rows.sort();
                return Ok(rows.into_iter().flat_map(|(_, elements)| elements).collect());
            }
        }
    }

    /// Reads every list there ever was.
    pub(super) async fn read_lists(&mut self) -> Result<(), Failed> {
        let generations = self.shared.generations.iter().map(|of| of.load(Ordering::Relaxed));
        let keys: Vec<_> = (0..)
            .zip(generations)
            .flat_map(|(slot, last)| (0..=last).map(move |generation| Key(generation * SLOTS as u64 + slot)))
            .collect();
        for some in keys.chunks(AT_ONCE) {
            let wish = Wish { reads: some.to_vec(), appends: Vec::new() };
            let begun = Instant::now();
            let result = self.fulfil(&wish).await.map_err(|(failed, _)| failed);
            let call = self.ended(begun, &result);
            self.record.lists.push(Transaction { call, reads: result?.reads, appends: Vec::new() });
        }
        Ok(())
    }
}

fn commit_request(wish: &Wish, start_ts: u64, reads: &[(Key, Vec<Element>)]) -> v1::CommitRequest {
    let mutations = wish.appends.iter().map(|&(key, element)| {
        let (key, value) = if is_kept_in_rows(key) {
            (key_of_row(key, element), encode(&[element]))
        } else {
            let read = reads.iter().find(|(other, _)| *other == key).map(|(_, list)| list.as_slice());
            (key_of_list(key), encode(&[read.unwrap_or_default(), &[element]].concat()))
        };
        v1::Mutation { key, change: Some(v1::mutation::Change::Put(value)), ..Default::default() }
    });
    let (in_rows, whole): (Vec<_>, Vec<_>) = wish.reads.iter().partition(|key| is_kept_in_rows(**key));
    v1::CommitRequest {
        start_ts,
        read_keys: whole.into_iter().map(key_of_list).collect(),
        read_ranges: in_rows.into_iter().map(range_of_rows).collect(),
        mutations: mutations.collect(),
        request_id: request_id(),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_all_elements_and_rows_lie_in_the_range() {
        let elements: Vec<_> = [1, u64::MAX, 7].map(Element).to_vec();
        assert_eq!(decode(&encode(&elements)), elements);
        let (row, range) = (key_of_row(Key(3), Element(9)), range_of_rows(Key(3)));
        assert!(range.start <= row && row < range.end, "{row:?}");
        assert!(range_of_rows(Key(4)).start > range.end && range_of_rows(Key(2)).end < range.start);
    }

    #[test]
    fn what_is_read_is_in_the_read_set_and_what_is_appended_blindly_is_not() {
        let wish = Wish {
            reads: vec![Key(2), Key(3)],
            appends: vec![(Key(2), Element(8)), (Key(3), Element(9)), (Key(5), Element(10))],
        };
        let reads = [(Key(2), vec![Element(7)]), (Key(3), vec![])];
        let request = commit_request(&wish, 11, &reads);
        assert_eq!((request.start_ts, request.read_keys.len(), request.read_ranges.len()), (11, 1, 1));
        let puts: Vec<_> = request
            .mutations
            .iter()
            .map(|mutation| match &mutation.change {
                Some(v1::mutation::Change::Put(value)) => decode(value),
                _ => panic!("it is no put"),
            })
            .collect();
        assert_eq!(puts, [vec![Element(7), Element(8)], vec![Element(9)], vec![Element(10)]]);
    }
}
