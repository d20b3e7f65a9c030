//! Names for requests.

use bytes::Bytes;
use uuid::Uuid;

/// A name that no other request has: sent again with the same one, a write takes effect once.
pub fn request_id() -> Bytes {
    Bytes::copy_from_slice(Uuid::now_v7().as_bytes())
}
