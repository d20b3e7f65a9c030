//! The outside world of a cluster: real processes, real sockets, real clients, and the trouble that
//! befalls them.
//!
//! Nothing in here knows the inside of a server. A test starts the built binary in a scratch directory
//! ([`cluster`]), talks to it as any client would ([`client`]), kills, stops and cuts off its nodes
//! ([`process`], [`links`]), lets writers run meanwhile ([`workload`]) and afterwards holds every answer
//! they got against what the cluster still has ([`verify`]). Or it lets transactions, transfers and single
//! reads run ([`histories`]), and `elastickv-check` judges whether any store could have answered so. Waiting is always for a condition with a
//! deadline ([`wait`]), never for a while. Whatever a test starts dies with it, also when the test itself
//! is killed ([`scratch`]).

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this crate stands outside the server: it owns the clock, the files and the terminal of a test"
)]

pub mod authority;
pub mod bulk;
pub mod canaries;
pub mod client;
pub mod cluster;
pub mod debian;
pub mod histories;
pub mod http;
pub mod links;
pub mod members;
pub mod nemesis;
pub mod nonces;
pub mod points;
pub mod ports;
pub mod process;
pub mod python;
pub mod scale;
pub mod scratch;
pub mod summary;
pub mod tmpfs;
pub mod turn;
pub mod verify;
pub mod wait;
pub mod witness;
pub mod workload;
pub mod workspace;
