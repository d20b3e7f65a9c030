//! Who seals under which key: the registry of writers.
//!
//! A nonce holds the short id of its node and the epoch of its load. Two loads may never share both
//! under one key, so each load is registered before it seals, and this is where it is decided:
//!
//! | existing row | proposed | result |
//! |---|---|---|
//! | none | any | insert |
//! | same full id | epoch above the last | the last becomes it, with its token |
//! | same full id | same epoch, same token | nothing changes: the same load again |
//! | same full id | same epoch, other token | `LocalEpochRollback`: a second load of one epoch |
//! | same full id | epoch below the last | `LocalEpochRollback` |
//! | other full id | any | `NodeIdCollision` |

use std::cmp::Ordering;
use std::collections::BTreeMap;

use elastickv_types::{FullNodeId, KeyId, ShortNodeId};

use crate::command::{Registration, Writer};
use crate::plan::Rejection;

#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Registry(BTreeMap<(KeyId, ShortNodeId), Writer>);

impl Registry {
    /// The row of a node, and of this node alone: one of another node with the same short id is not
    /// taken for it.
    pub fn of(&self, key: KeyId, node: FullNodeId) -> Option<&Writer> {
        self.at(key, node.short()).filter(|row| row.node == node)
    }

    pub fn iter(&self) -> impl Iterator<Item = (KeyId, &Writer)> {
        self.0.iter().map(|((key, _), row)| (*key, row))
    }

    /// Whether the table lets a load in, and whether a row changes by it.
    pub fn judge(&self, proposed: &Registration) -> Result<bool, Rejection> {
        let Registration { key, writer } = *proposed;
        let Some(row) = self.at(key, writer.node.short()) else { return Ok(true) };
        if row.node != writer.node {
            return Err(Rejection::NodeIdCollision { key, node: writer.node, holder: row.node });
        }
        match writer.epoch.cmp(&row.epoch) {
            Ordering::Greater => Ok(true),
            Ordering::Equal if writer.token == row.token => Ok(false),
            Ordering::Equal | Ordering::Less => {
                let (node, proposed, last) = (writer.node, writer.epoch, row.epoch);
                Err(Rejection::LocalEpochRollback { key, node, proposed, last })
            }
        }
    }

    pub(super) fn at(&self, key: KeyId, short: ShortNodeId) -> Option<&Writer> {
        self.0.get(&(key, short))
    }

    pub(crate) fn put(&mut self, key: KeyId, row: Writer) {
        self.0.insert((key, row.node.short()), row);
    }

    /// Removes the rows of a key and tells whose they were.
    pub(super) fn remove(&mut self, key: KeyId) -> Vec<ShortNodeId> {
        let gone: Vec<_> = self.0.keys().filter(|(of, _)| *of == key).copied().collect();
        gone.into_iter()
            .map(|row| {
                self.0.remove(&row);
                row.1
            })
            .collect()
    }
}
