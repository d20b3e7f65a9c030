//! From reports to text: tables for people, envelopes for machines. Makes strings, prints nothing.

pub mod envelope;
pub mod failure;
pub mod grid;
pub mod human;
pub mod layout;
pub mod query;
pub mod theme;

pub use grid::{Align, Block, Cell, Column, Grid, Keep, Table, Tone};
pub use query::Query;
pub use theme::{Theme, Width};
