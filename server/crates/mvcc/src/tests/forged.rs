//! Headers changed behind the store's back, by somebody who has its disk and not its keys.

use elastickv_engine::model::ModelEngine;
use elastickv_engine::{Batch, Direction, Engine};
use elastickv_types::Timestamp;

use super::support::{Tagged, count, engine, name, put, ts};
use crate::gc::{self, Budget, Cursor, Rules};
use crate::{RowError, RowHeader, RowKey, Rows, ScanRequest, Watermark};

const BUDGET: Budget = Budget { rows: std::num::NonZeroUsize::MAX, bytes: usize::MAX };

/// The forgeries that would take a value away, or bring one back.
fn forgeries() -> [fn(&mut RowHeader); 3] {
    [|header| header.tombstone = true, |header| header.expire_at = 1, |header| header.expire_at = u64::MAX]
}

/// Key `k` with a version that never ends at 1 and one at 2 whose header was changed.
fn forged(forge: fn(&mut RowHeader)) -> ModelEngine {
    let engine = engine();
    put(&engine, b"k", ts(1 << 16), Some(b"first"), 0);
    put(&engine, b"k", ts(2 << 16), Some(b"second"), 0);
    let raw_key = RowKey::encode(b"k", ts(2 << 16));
    let value = engine.view().unwrap().get(&name("rows"), &raw_key).unwrap().unwrap();
    let (mut header, body) = RowHeader::split(value).unwrap();
    forge(&mut header);
    let mut batch = Batch::default();
    batch.put(&name("rows"), raw_key, header.join(&body));
    engine.write(batch).unwrap();
    engine
}

fn get(engine: &ModelEngine) -> Result<Option<crate::Found>, RowError> {
    let view = engine.view().unwrap();
    let keyspace = name("rows");
    Rows { view: &*view, keyspace: &keyspace, sealer: &Tagged, oldest: Timestamp::ZERO }
        .get(b"k", ts(9 << 16))
}

/// A whole round up to 5; says how many rows did not open.
fn collect(engine: &ModelEngine, rules: Rules) -> usize {
    let view = engine.view().unwrap();
    let keyspace = name("rows");
    let rows = Rows { view: &*view, keyspace: &keyspace, sealer: &Tagged, oldest: Timestamp::ZERO };
    let cursor = Cursor::start(Watermark::unchecked(ts(5 << 16)));
    let step = gc::collect_by(&rows, &cursor, BUDGET, rules).unwrap();
    let mut batch = Batch::default();
    step.deletions.iter().for_each(|key| batch.delete(&keyspace, key.clone()));
    engine.write(batch).unwrap();
    step.unopened
}

#[test]
fn every_reader_is_told_of_a_forged_header() {
    for forge in forgeries() {
        let engine = forged(forge);
        assert!(matches!(get(&engine), Err(RowError::Sealed)));
        let view = engine.view().unwrap();
        let keyspace = name("rows");
        let rows = Rows { view: &*view, keyspace: &keyspace, sealer: &Tagged, oldest: Timestamp::ZERO };
        for (way, keys_only) in [(Direction::Forward, false), (Direction::Backward, true)] {
            let request = ScanRequest { start: "".into(), end: "".into(), at: ts(9 << 16), way, keys_only };
            assert!(matches!(rows.scan(&request, None, super::support::WHOLE), Err(RowError::Sealed)));
        }
        let limit = crate::PageLimit { pairs: count(9), ..super::support::WHOLE };
        assert!(matches!(rows.history(b"k", ts(9 << 16), limit), Err(RowError::Sealed)));
    }
}

#[test]
fn a_forged_header_still_tells_its_reader_after_collecting() {
    for (forge, unopened) in forgeries().into_iter().zip([1, 1, 0]) {
        let engine = forged(forge);
        assert_eq!(collect(&engine, Rules::default()), unopened);
        assert!(matches!(get(&engine), Err(RowError::Sealed)));
    }
}

#[test]
fn control_a_collector_that_believes_headers_loses_the_value_and_tells_nobody() {
    for forge in &forgeries()[..2] {
        let engine = forged(*forge);
        collect(&engine, Rules { headers_are_checked: false, ..Rules::default() });
        assert!(matches!(get(&engine), Ok(None)));
    }
}
