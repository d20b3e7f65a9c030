//! Raft envelopes: what is proposed, bound to the group in whose log it stands.

use bytes::BytesMut;

use crate::Result;
use crate::context::EntryContext;
use crate::key::{Dek, Raft};
use crate::nonce::FreshNonce;

const PLAIN: u8 = 0;

impl Dek<Raft> {
    /// Appends an envelope of what `write` appends.
    pub fn seal(
        &self,
        nonce: FreshNonce<Raft>,
        context: EntryContext,
        out: &mut BytesMut,
        write: impl FnOnce(&mut BytesMut),
    ) -> Result<()> {
        self.seal_frame(nonce, context, out, |out| {
            write(out);
            PLAIN
        })
    }

    /// Appends the content of an envelope; appends nothing on failure.
    pub fn open(&self, context: EntryContext, envelope: &[u8], out: &mut BytesMut) -> Result<()> {
        self.open_frame(context, envelope, out).map(|_| ())
    }

    /// Leaves of an envelope its content, and nothing on failure.
    pub fn open_in_place(&self, context: EntryContext, envelope: &mut BytesMut) -> Result<()> {
        self.open_frame_in_place(context, envelope).map(|_| ())
    }
}
