//! Data keys and the two envelopes that they seal.
