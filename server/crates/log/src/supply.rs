//! Having the next segment before it is needed.
//!
//! Making a segment takes milliseconds, for all of it is zeroed and synced, so it is made by a thread of its
//! own while the one in use is being filled. That is also how room on the disk is reserved: when there is
//! none for the next segment, this is known while there still is some in the current one.
//!
//! A disk that had no room is asked again after a while, by the same thread that waits out the while. It can
//! be told to ask at once, when a purge has made room or an entry can not do without.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::Duration;

use elastickv_sys::task;

use crate::format::{Header, SegmentId, Seq};
use crate::recovery::Home;
use crate::segment::Segment;
use crate::{LogError, Options};

/// Called when a segment was made, or could not be.
pub(crate) type Nudge = Arc<dyn Fn() + Send + Sync>;

pub(crate) struct Supply {
    home: Home,
    options: Options,
    nudge: Nudge,
    next: Option<Seq>,
    next_size: u64,
    ready: VecDeque<Arc<Segment>>,
    coming: Option<Coming>,
    full: bool,
}

/// A segment that another thread is making, or will make after a pause.
struct Coming {
    made: Receiver<Result<Segment, LogError>>,
    /// Something sent ends the pause; that the sender is gone ends it and the work.
    at_once: Sender<()>,
}

impl Supply {
    /// Goes on behind the newest segment there is.
    pub(crate) fn behind(
        newest: &Segment,
        spares: VecDeque<Arc<Segment>>,
        home: Home,
        options: Options,
        nudge: Nudge,
    ) -> Self {
        let next = newest.seq.next();
        let next_size = u64::from(newest.size);
        let mut supply =
            Self { home, options, nudge, next, next_size, ready: spares, coming: None, full: false };
        supply.grow();
        supply
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn ready(&self) -> &VecDeque<Arc<Segment>> {
        &self.ready
    }

    pub(crate) fn take(&mut self) -> Option<Arc<Segment>> {
        self.ready.pop_front()
    }

    /// Whether the disk had no room when it was asked last.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// Begins to make the next segment, if it is neither there nor on its way.
    pub(crate) fn ahead(&mut self) -> Result<(), LogError> {
        if self.ready.is_empty() && self.coming.is_none() { self.begin(Duration::ZERO) } else { Ok(()) }
    }

    /// There may be room again.
    pub(crate) fn ask_again(&self) {
        if let Some(coming) = self.coming.as_ref().filter(|_| self.full) {
            // If it is not waiting any more it is asking anyway.
            let _ = coming.at_once.send(());
        }
    }

    /// Takes in what was made meanwhile. That there was no room is noted, and is no error.
    pub(crate) fn collect(&mut self) -> Result<(), LogError> {
        let Some(coming) = &self.coming else { return Ok(()) };
        let made = match coming.made.try_recv() {
            Err(TryRecvError::Empty) => return Ok(()),
            Err(TryRecvError::Disconnected) => Err(LogError::WriterGone),
            Ok(made) => made,
        };
        self.coming = None;
        match self.accept(made) {
            Err(error) if error.is_full() => Ok(()),
            other => other,
        }
    }

    /// Waits for the segment on its way, or makes one in which a record of this length fits.
    pub(crate) fn make(&mut self, smallest: u64) -> Result<(), LogError> {
        self.ask_again();
        let made = match self.coming.take() {
            Some(coming) => coming.made.recv().unwrap_or(Err(LogError::WriterGone)),
            None => {
                let header = self.header(self.next_size.max(smallest))?;
                Segment::create(self.home.files.as_ref(), &self.home.dir, header)
            }
        };
        self.accept(made)
    }

    fn begin(&mut self, pause: Duration) -> Result<(), LogError> {
        let header = self.header(self.next_size)?;
        let (home, nudge) = (self.home.clone(), Arc::clone(&self.nudge));
        let (at_once, ends) = channel();
        let (sender, made) = channel();
        let work = move || {
            if !pause.is_zero() && ends.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
            // Whoever waited for this may be gone; the segment is then found when the log is opened.
            let _ = sender.send(Segment::create(home.files.as_ref(), &home.dir, header));
            drop(sender);
            nudge();
        };
        match task::thread("log-segment", work) {
            Ok(_) => self.coming = Some(Coming { made, at_once }),
            // It will be made when it is needed, which only takes longer.
            Err(error) => {
                tracing::warn!(group = %self.home.group, %error, "no thread to make a segment ahead")
            }
        }
        Ok(())
    }

    fn accept(&mut self, made: Result<Segment, LogError>) -> Result<(), LogError> {
        self.full = made.as_ref().is_err_and(LogError::is_full);
        if self.full {
            self.begin(self.options.retry_room_after)?;
        }
        let segment = made?;
        self.next = segment.seq.next();
        self.next_size = u64::from(segment.size);
        self.grow();
        self.ready.push_back(Arc::new(segment));
        Ok(())
    }

    fn grow(&mut self) {
        let (smallest, largest) = (self.options.first_segment_bytes, self.options.largest_segment_bytes);
        self.next_size = self.next_size.saturating_mul(2).clamp(smallest, largest);
    }

    fn header(&self, size: u64) -> Result<Header, LogError> {
        let seq = self.next.ok_or(LogError::Exhausted)?;
        let size = u32::try_from(size.next_multiple_of(8)).map_err(|_| LogError::Exhausted)?;
        let id = SegmentId::from_random(self.options.random.u64());
        Ok(Header { id, group: self.home.group, seq, size })
    }
}

impl Drop for Supply {
    /// Nobody may make files in a directory that somebody else is about to open.
    fn drop(&mut self) {
        if let Some(Coming { made, at_once }) = self.coming.take() {
            drop(at_once);
            let _ = made.recv();
        }
    }
}
