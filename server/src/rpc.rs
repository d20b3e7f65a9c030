//! The services, one file each, and what they share: conversion and errors.

pub mod admin;
pub mod cluster;
pub mod convert;
pub mod distribution;
pub mod health;
pub mod peer;
pub mod raft_admin;
pub mod raw_kv;
pub mod route;
pub mod status;
pub mod txn;
mod wire;
