//! How much of a fault test is done: enough for every change, or all that was promised.

/// Set to `full` for the long version of every fault test.
const SCALE: &str = "ELASTICKV_SCALE";

/// One of two figures, by what the environment asks for.
pub fn pick<T>(every_change: T, full: T) -> T {
    if std::env::var(SCALE).is_ok_and(|scale| scale == "full") { full } else { every_change }
}
