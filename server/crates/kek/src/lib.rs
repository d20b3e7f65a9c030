//! Keys that wrap data keys, wherever they are kept.
