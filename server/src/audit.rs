//! One line for each call that operates or administers: who, from where, what, under which operation, and what came
//! of it. Never what stands in the request; but why, where the caller says so beside it. A write of keys whose caller
//! says why is audited too.
//!
//! A call has its line whatever becomes of it. Whoever sends one and goes away may have set something going: that it was
//! abandoned is written when its answer is dropped, and a stream is not over before its last word.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response};
use http_body::{Frame, SizeHint};
use tonic::body::Body;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use crate::access::{Caller, Class};
use crate::doors::{Actor, Arrival, Call, Guard};
use crate::rpc::status::Refusal;

/// Lines of the audit have this target, and are written whatever the log's level is.
pub const TARGET: &str = "audit";

const STATUS: &str = "grpc-status";
const REASON: &str = "x-reason-bin";
/// As much as the history keeps.
const LONGEST_REASON: usize = 512;

/// Why a call is made, if that is one line of text.
pub fn reason(headers: &HeaderMap) -> String {
    let told = headers.get(REASON).and_then(|value| {
        let headers = HeaderMap::from_iter([(HeaderName::from_static(REASON), value.clone())]);
        let bytes = MetadataMap::from_headers(headers).get_bin(REASON)?.to_bytes().ok()?;
        String::from_utf8(bytes.to_vec()).ok()
    });
    told.filter(|text| text.len() <= LONGEST_REASON && !text.contains(char::is_control)).unwrap_or_default()
}

/// Judges who makes a call; that it was refused is on record.
pub fn judged(
    guard: &Guard,
    class: Class,
    request: &Request<Body>,
    request_id: &str,
) -> Result<Actor, Refusal> {
    let judged = guard.judge(&Call::of(class, request));
    if let Err(refusal) = &judged
        && class.is_privileged()
    {
        let who = refusal.facts.get("actor").map_or("unknown", String::as_str);
        refused(request.uri().path(), who, address(request), request_id, refusal);
    }
    judged
}

pub fn address(request: &Request<Body>) -> Option<SocketAddr> {
    request.extensions().get::<Arrival>().map(|arrival| arrival.address)
}

/// It was refused before anything saw it.
pub fn refused(path: &str, who: &str, address: Option<SocketAddr>, request_id: &str, refusal: &Refusal) {
    write(who, address, path, request_id, &refusal.reason, "");
}

/// A call that was let in, until it is known what came of it.
#[derive(Debug)]
pub struct Pending {
    path: String,
    caller: Caller,
    is_written: bool,
}

impl Pending {
    pub fn new(path: &str, caller: &Caller) -> Self {
        Self { path: path.to_owned(), caller: caller.clone(), is_written: false }
    }

    /// An error stands in the headers; what goes well has its status behind the last word.
    pub fn follow(mut self, response: Response<Body>) -> Response<Body> {
        if let Some(code) = code(response.headers()) {
            self.write(&format!("{code:?}"));
            return response;
        }
        response.map(|body| Body::new(Followed { body, pending: self }))
    }

    fn write(&mut self, result: &str) {
        if !std::mem::replace(&mut self.is_written, true) {
            let Caller { actor, address, request_id, reason, .. } = &self.caller;
            write(&actor.to_string(), *address, &self.path, request_id, result, reason);
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.write("Abandoned");
    }
}

fn code(headers: &HeaderMap) -> Option<Code> {
    headers.get(STATUS).map(|value| Code::from_bytes(value.as_bytes()))
}

/// An answer on its way.
#[derive(Debug)]
struct Followed {
    body: Body,
    pending: Pending,
}

impl http_body::Body for Followed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        match &frame {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(code) = frame.trailers_ref().and_then(code) {
                    self.pending.write(&format!("{code:?}"));
                }
            }
            Poll::Ready(Some(Err(status))) => self.pending.write(&format!("{:?}", status.code())),
            Poll::Ready(None) | Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn write(who: &str, address: Option<SocketAddr>, call: &str, operation: &str, result: &str, reason: &str) {
    let from = address.map(|address| address.to_string()).unwrap_or_default();
    match reason {
        "" => tracing::info!(target: TARGET, who, from, call, operation, result, "audit"),
        reason => tracing::info!(target: TARGET, who, from, call, operation, result, reason, "audit"),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use http_body_util::BodyExt;
    use parking_lot::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn pending() -> Pending {
        let actor = Actor::Node("n1".parse().unwrap());
        let caller = Caller {
            actor,
            address: None,
            request_id: "7".to_owned(),
            forwarded: false,
            reason: String::new(),
        };
        Pending::new("/some.Service/Call", &caller)
    }

    /// What is written while something is done.
    fn written(act: impl Future<Output = ()>) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let said = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        tracing::subscriber::with_default(said, || {
            tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(act);
        });
        String::from_utf8(lines.0.lock().clone()).unwrap()
    }

    fn answer(trailers: &[(&'static str, &'static str)]) -> Response<Body> {
        let trailers = trailers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let trailers = HeaderMap::from_iter(trailers);
        let body = http_body_util::Full::new(Bytes::from_static(b"answer"));
        let body = body.map_err(|never| match never {});
        Response::new(Body::new(body.with_trailers(std::future::ready(Some(Ok(trailers))))))
    }

    #[test]
    fn what_came_of_a_call_is_written_at_its_end() {
        let line = written(async {
            let response = pending().follow(answer(&[("grpc-status", "10")]));
            response.into_body().collect().await.unwrap();
        });
        assert!(line.contains("result=\"Aborted\"") && line.contains("who=\"node:n1\""), "{line}");
        assert_eq!(line.lines().count(), 1, "{line}");
    }

    #[test]
    fn an_error_in_the_headers_is_the_result() {
        let line = written(async {
            drop(pending().follow(Status::not_found("no").into_http()));
        });
        assert!(line.contains("result=\"NotFound\"") && line.lines().count() == 1, "{line}");
    }

    #[test]
    fn a_call_that_nobody_waits_for_is_on_record() {
        let before = written(async { drop(pending()) });
        let amid = written(async {
            let mut body = pending().follow(answer(&[("grpc-status", "0")])).into_body();
            body.frame().await.unwrap().unwrap();
        });
        for line in [before, amid] {
            assert!(line.contains("result=\"Abandoned\"") && line.lines().count() == 1, "{line}");
        }
    }

    #[test]
    fn a_reason_is_a_line_of_text_or_nothing() {
        let told = |bytes: &[u8]| {
            let mut map = MetadataMap::new();
            map.insert_bin(REASON, tonic::metadata::MetadataValue::from_bytes(bytes));
            reason(&map.into_headers())
        };
        assert_eq!(told("TICKET-17: größer".as_bytes()), "TICKET-17: größer");
        for bad in [&b"a\nb"[..], b"\xff", &[b'x'; LONGEST_REASON + 1]] {
            assert_eq!(told(bad), "");
        }
        assert_eq!(reason(&HeaderMap::new()), "");
    }
}
