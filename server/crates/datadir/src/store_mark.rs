//! The load mark in the state store: a record in a keyspace of its own, so that no snapshot brings it along and
//! none takes it away.

use std::io;

use bytes::Bytes;
use elastickv_engine::{Batch, EngineError, KeyspaceName, SharedEngine};
use elastickv_keyring::{LoadTrace, Piece, PieceError};

const KEYSPACE: &str = "node.load";
const KEY: &[u8] = b"load";

#[derive(Debug)]
pub struct StorePiece {
    engine: SharedEngine,
    keyspace: KeyspaceName,
}

impl StorePiece {
    pub fn of(engine: SharedEngine) -> Self {
        let keyspace = KeyspaceName::new(KEYSPACE).expect("letters and a dot make a keyspace name");
        Self { engine, keyspace }
    }

    fn stored(&self) -> Result<Option<Bytes>, EngineError> {
        if !self.engine.keyspaces()?.contains(&self.keyspace) {
            return Ok(None);
        }
        self.engine.view()?.get(&self.keyspace, KEY)
    }

    fn store(&self, trace: LoadTrace) -> Result<(), EngineError> {
        self.engine.create_keyspace(&self.keyspace)?;
        let mut batch = Batch::default();
        batch.put(&self.keyspace, KEY, trace.encode().to_vec());
        self.engine.write(batch)?;
        self.engine.persist()
    }
}

fn told(error: EngineError) -> PieceError {
    match error {
        EngineError::Full { .. } => io::Error::new(io::ErrorKind::StorageFull, error).into(),
        other => other.into(),
    }
}

impl Piece for StorePiece {
    fn read(&self) -> Result<Option<LoadTrace>, PieceError> {
        let stored = self.stored().map_err(told)?;
        Ok(stored.map(|bytes| LoadTrace::decode(&bytes)).transpose()?)
    }

    fn write(&self, trace: LoadTrace) -> Result<(), PieceError> {
        self.store(trace).map_err(told)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use elastickv_engine::{FjallEngine, FjallOptions};
    use elastickv_keyring::LoadMark;
    use elastickv_types::{LoadToken, LocalEpoch};

    use super::*;

    #[test]
    fn a_store_keeps_its_mark() {
        let dir = tempfile::tempdir().unwrap();
        let mark = LoadMark::Starting { token: LoadToken::new(2), previous: Some(LoadToken::new(1)) };
        let trace = LoadTrace { mark, reached: Some(LocalEpoch::new(9)) };
        let open = || {
            let engine = FjallEngine::open(dir.path(), FjallOptions::default()).unwrap();
            StorePiece::of(Arc::new(engine))
        };
        let piece = open();
        assert_eq!(piece.read().unwrap(), None);
        piece.write(trace).unwrap();
        assert_eq!(piece.read().unwrap(), Some(trace));
        drop(piece);
        assert_eq!(open().read().unwrap(), Some(trace));
    }
}
