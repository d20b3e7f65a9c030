//! Clusters of real processes.

fn main() {}
