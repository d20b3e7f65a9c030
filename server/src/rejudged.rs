//! Long answers, whose callers are judged again while they last.
//!
//! A call is judged when it comes in. An answer of many parts can take hours, and meanwhile a role is taken away, a certificate
//! expires, an authority is taken out. So before a part is handed over the call is judged anew, at most once a second; one
//! that would not be let in any more ends with that refusal.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use elastickv_sys::clock::{Moment, SharedClock};
use http::{Extensions, HeaderMap, Request, Response, header};
use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

use crate::access::Class;
use crate::doors::{Arrival, Call, Guard};
use crate::rpc::status::Refusal;

const BETWEEN: Duration = Duration::from_secs(1);

/// Whether a call is answered in many parts.
pub fn is_long(path: &str) -> bool {
    matches!(
        path,
        "/elastickv.v1.Backup/Fetch"
            | "/elastickv.v1.Encryption/WatchOperation"
            | "/elastickv.v1.Jobs/Verify"
            | "/elastickv.v1.Jobs/Watch"
    )
}

/// A call as it came in, to be judged again.
pub struct Rejudged {
    guard: Arc<Guard>,
    class: Class,
    path: String,
    headers: HeaderMap,
    extensions: Extensions,
}

impl fmt::Debug for Rejudged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejudged").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Rejudged {
    /// Nothing where the answer is short, or nobody is judged.
    pub fn of(guard: &Arc<Guard>, class: Class, request: &Request<Body>) -> Option<Self> {
        let path = request.uri().path();
        if guard.locked.is_none() || !is_long(path) {
            return None;
        }
        let mut extensions = Extensions::new();
        if let Some(arrival) = request.extensions().get::<Arrival>() {
            extensions.insert(arrival.clone());
        }
        let headers = request.headers().clone();
        Some(Self { guard: guard.clone(), class, path: path.to_owned(), headers, extensions })
    }

    fn judge(&self) -> Result<(), Refusal> {
        let Self { class, path, headers, extensions, .. } = self;
        self.guard.judge(&Call { class: *class, path, extensions, headers }).map(drop)
    }

    pub fn follow(self, response: Response<Body>) -> Response<Body> {
        let clock = self.guard.clock.clone();
        response.map(|body| Body::new(Followed::new(body, clock, Box::new(move || self.judge()))))
    }
}

type Judge = Box<dyn Fn() -> Result<(), Refusal> + Send>;

struct Followed {
    body: Body,
    clock: SharedClock,
    judge: Judge,
    judged: Moment,
    is_over: bool,
}

impl Followed {
    fn new(body: Body, clock: SharedClock, judge: Judge) -> Self {
        Self { body, judged: clock.now(), clock, judge, is_over: false }
    }
}

impl http_body::Body for Followed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let now = self.clock.now();
        if frame.as_ref().is_some_and(|frame| frame.as_ref().is_ok_and(Frame::is_data))
            && now.since(self.judged) >= BETWEEN
        {
            self.judged = now;
            if let Err(refusal) = (self.judge)() {
                self.is_over = true;
                return Poll::Ready(Some(Ok(Frame::trailers(last_words(refusal)))));
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

fn last_words(refusal: Refusal) -> HeaderMap {
    let (mut parts, _) = Status::from(refusal).into_http::<Body>().into_parts();
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use elastickv_sys::clock::ManualClock;
    use http_body_util::{BodyExt, StreamBody};
    use prost::Message;
    use tonic::Code;

    use super::*;
    use crate::access::class_of;

    #[tokio::test]
    async fn an_answer_ends_once_its_caller_would_not_be_let_in() {
        let clock = ManualClock::at_unix_ms(1);
        let allowed = Arc::new(AtomicBool::new(true));
        let parts = (0..9).map(|part: u8| Ok::<_, Status>(Frame::data(Bytes::from(vec![part]))));
        let body = Body::new(StreamBody::new(futures_util::stream::iter(parts)));
        let asked = allowed.clone();
        let judge = Box::new(move || match asked.load(Ordering::SeqCst) {
            true => Ok(()),
            false => Err(Refusal::new(Code::PermissionDenied, "NotPermitted", "it was taken away")),
        });
        let mut body = Body::new(Followed::new(body, clock.clone(), judge));
        let mut next = async || body.frame().await.map(|frame| frame.unwrap().into_data());
        assert!(next().await.unwrap().is_ok());
        clock.advance(BETWEEN);
        assert!(next().await.unwrap().is_ok(), "still allowed");
        allowed.store(false, Ordering::SeqCst);
        assert!(next().await.unwrap().is_ok(), "it was judged just now");
        clock.advance(BETWEEN);
        let last = next().await.unwrap().unwrap_err().into_trailers().unwrap();
        assert_eq!(last["grpc-status"], "7");
        assert!(last.get("content-type").is_none());
        assert!(next().await.is_none());
    }

    #[test]
    fn every_answer_in_parts_is_watched() {
        let files = prost_types::FileDescriptorSet::decode(elastickv_proto::DESCRIPTORS).unwrap();
        let mut long = 0;
        for file in &files.file {
            for service in &file.service {
                for method in &service.method {
                    let package =
                        file.package().to_owned() + if file.package().is_empty() { "" } else { "." };
                    let path = format!("/{package}{}/{}", service.name(), method.name());
                    // Nodes are judged by each message they send.
                    let is_nodes = class_of(&path) == Some(Class::Peer);
                    assert_eq!(is_long(&path), method.server_streaming() && !is_nodes, "{path}");
                    long += usize::from(is_long(&path));
                }
            }
        }
        assert!(long > 2, "{long}");
    }
}
