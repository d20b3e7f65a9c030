//! An engine in memory that tells what was written from what was persisted.
//!
//! After a loss of power a store holds what was persisted and any number of the batches that came
//! later, in their order. `crash` gives an engine in any of these states.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use crate::{
    Batch, Demand, Direction, Engine, EngineError, KeyRange, KeyspaceName, Op, Pairs, Result, View, Wanted,
};

const DIR: &str = "memory";

type Rows = BTreeMap<Bytes, Bytes>;
type Keyspaces = BTreeMap<KeyspaceName, Arc<Rows>>;

#[derive(Debug, Default)]
pub struct ModelEngine {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    persisted: Keyspaces,
    /// What came after, oldest first.
    later: Vec<Batch>,
    now: Keyspaces,
    trouble: Option<Trouble>,
    views: Arc<()>,
}

#[derive(Clone, Copy)]
enum Trouble {
    Full,
    Crashed,
}

impl ModelEngine {
    pub fn new() -> Self {
        Self::default()
    }

    /// Batches that a loss of power may take.
    pub fn unpersisted(&self) -> usize {
        self.state.lock().later.len()
    }

    /// The engine after a loss of power that left that many of the batches written since the last
    /// persist. This one is of no use any more.
    pub fn crash(&self, left: usize) -> Self {
        let mut state = self.state.lock();
        let mut persisted = std::mem::take(&mut state.persisted);
        for batch in state.later.drain(..).take(left) {
            apply(&mut persisted, batch);
        }
        state.trouble = Some(Trouble::Crashed);
        let now = persisted.clone();
        Self { state: Mutex::new(State { persisted, now, ..State::default() }) }
    }

    /// From now on writes find the disk full, or find room again.
    pub fn set_full(&self, full: bool) {
        let mut state = self.state.lock();
        if !matches!(state.trouble, Some(Trouble::Crashed)) {
            state.trouble = full.then_some(Trouble::Full);
        }
    }

    fn writable(&self) -> Result<parking_lot::MutexGuard<'_, State>> {
        let state = self.readable()?;
        match state.trouble {
            Some(Trouble::Full) => {
                Err(EngineError::Full { dir: DIR.into(), reason: "made to be full".into() })
            }
            _ => Ok(state),
        }
    }

    fn readable(&self) -> Result<parking_lot::MutexGuard<'_, State>> {
        let state = self.state.lock();
        match state.trouble {
            Some(Trouble::Crashed) => Err(EngineError::Fault { dir: DIR.into(), reason: "crashed".into() }),
            _ => Ok(state),
        }
    }
}

impl State {
    fn persist(&mut self) {
        self.later.clear();
        self.persisted = self.now.clone();
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("unpersisted", &self.later.len()).finish_non_exhaustive()
    }
}

fn no_keyspace(name: &KeyspaceName) -> EngineError {
    EngineError::NoKeyspace { dir: DIR.into(), keyspace: name.clone() }
}

fn check(keyspaces: &Keyspaces, batch: &Batch) -> Result<()> {
    for op in batch.ops() {
        let (Op::Put { keyspace, key, .. } | Op::Delete { keyspace, key }) = op;
        crate::check_key(DIR, key)?;
        if !keyspaces.contains_key(keyspace) {
            return Err(no_keyspace(keyspace));
        }
    }
    Ok(())
}

/// A change to a keyspace that was dropped later changes nothing.
fn apply(keyspaces: &mut Keyspaces, batch: Batch) {
    for op in batch.into_ops() {
        let (Op::Put { keyspace, .. } | Op::Delete { keyspace, .. }) = &op;
        let Some(rows) = keyspaces.get_mut(keyspace).map(Arc::make_mut) else { continue };
        match op {
            Op::Put { key, value, .. } => rows.insert(key, value),
            Op::Delete { key, .. } => rows.remove(&key),
        };
    }
}

impl Engine for ModelEngine {
    fn create_keyspace(&self, keyspace: &KeyspaceName) -> Result<()> {
        let mut state = self.writable()?;
        if !state.now.contains_key(keyspace) {
            state.now.insert(keyspace.clone(), Arc::default());
            state.persist();
        }
        Ok(())
    }

    fn drop_keyspace(&self, keyspace: &KeyspaceName) -> Result<()> {
        let mut state = self.readable()?;
        if state.now.remove(keyspace).is_some() {
            state.persist();
        }
        Ok(())
    }

    fn keyspaces(&self) -> Result<Vec<KeyspaceName>> {
        Ok(self.readable()?.now.keys().cloned().collect())
    }

    fn write(&self, batch: Batch) -> Result<()> {
        let mut state = self.writable()?;
        check(&state.now, &batch)?;
        apply(&mut state.now, batch.clone());
        state.later.push(batch);
        Ok(())
    }

    fn persist(&self) -> Result<()> {
        self.readable()?.persist();
        Ok(())
    }

    fn view(&self) -> Result<Arc<dyn View>> {
        let state = self.readable()?;
        Ok(Arc::new(ModelView { keyspaces: state.now.clone(), _open: Arc::clone(&state.views) }))
    }

    fn erase_while(&self, wanted: Wanted<'_>) -> Result<()> {
        if wanted() != Demand::Wanted {
            return Err(EngineError::Unwanted { dir: DIR.into() });
        }
        let mut state = self.writable()?;
        let views = Arc::strong_count(&state.views) - 1;
        if views > 0 {
            return Err(EngineError::Waiting { dir: DIR.into(), waits_for: format!("{views} open views") });
        }
        state.persist();
        Ok(())
    }

    fn disk_bytes(&self) -> Result<u64> {
        let rows = |rows: &Arc<Rows>| rows.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
        Ok(self.readable()?.now.values().map(rows).sum::<usize>() as u64)
    }
}

struct ModelView {
    keyspaces: Keyspaces,
    _open: Arc<()>,
}

impl std::fmt::Debug for ModelView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelView").field("keyspaces", &self.keyspaces.len()).finish()
    }
}

impl View for ModelView {
    fn get(&self, keyspace: &KeyspaceName, key: &[u8]) -> Result<Option<Bytes>> {
        let rows = self.keyspaces.get(keyspace).ok_or_else(|| no_keyspace(keyspace))?;
        Ok(rows.get(key).cloned())
    }

    fn range<'v>(&'v self, keyspace: &KeyspaceName, range: KeyRange, way: Direction) -> Result<Pairs<'v>> {
        let rows = self.keyspaces.get(keyspace).ok_or_else(|| no_keyspace(keyspace))?;
        if range.is_empty() {
            return Ok(Box::new(std::iter::empty()));
        }
        let bounds: (Bound<Bytes>, Bound<Bytes>) = (range.start, range.end);
        let pairs = rows.range(bounds).map(|(key, value)| Ok((key.clone(), value.clone())));
        Ok(match way {
            Direction::Forward => Box::new(pairs),
            Direction::Backward => Box::new(pairs.rev()),
        })
    }
}
