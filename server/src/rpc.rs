//! The services, one file each, and what they share: conversion and errors.

pub mod admin;
pub mod backup;
pub mod cluster;
pub mod convert;
pub mod distribution;
pub mod encryption;
pub mod encryption_admin;
pub mod health;
pub mod jobs;
pub mod operations;
pub mod peer;
pub mod raft_admin;
pub mod raw_kv;
mod registration;
pub mod route;
mod single_write;
pub mod starting;
pub mod status;
pub mod transactional_kv;
pub mod txn;
mod wire;
