//! Taking a running cluster from cleartext to sealed, and its keys from one to the next.
//!
//! ```text
//!   Request ──▶ begin (an entry) ──▶ ┌─ next ─▶ gate ─▶ Proof ─▶ step (an entry) ─┐ ──▶ over, recorded
//!                                    └──────────────────◀─────────────────────────┘
//! ```
//!
//! What is to be done next is read from replicated state each time ([`operations::next`]), so that a leader that
//! comes after goes on where the one before was stopped, at whatever moment that was. A gate asks every member
//! first ([`capability::fanout`]), then judges once ([`capability::judge`]): it gives a [`capability::Proof`], which the
//! functions that make steps demand, or everything that blocks.
//!
//! The cluster is reached through two ports, [`Cluster`] (its groups, from their leader) and [`Fleet`] (its
//! members). This crate knows no wire format and no Raft library, and it is the only one beside the start of a node
//! that has a KEK called.

mod admitting;
pub mod capability;
mod keks;
pub mod operations;
mod ports;
mod registering;
mod rewrite;
#[cfg(test)]
mod tests;

pub use admitting::AdmitError;
pub use capability::{
    Blocked, Check, Counted, Disk, Facts, Finding, Gate, HeldKey, JudgedMember, Judgement, Probe, Problem,
    Report, Verdict,
};
pub use keks::{By, Keks};
pub use operations::{
    Begun, CheckError, KeyTrouble, Operations, Parts, Progress, Request, RequestError, Supplied,
    SuppliedError, SuppliedKey, SuppliedProposer, SuppliedWriter, Waiting, draw_operation,
};
pub use ports::{Cluster, Fleet, GroupStanding, ProbeKey, Question, Silence, Standing, Watcher};
pub use registering::{AskedRow, RegisterError, Registered};
pub use rewrite::{JobError, Local, MemberPart, Pressure, Verified, Verifier, VerifyError};
