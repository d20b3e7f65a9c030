//! Tasks and threads, each with a name that shows in logs and debuggers.

use std::future::Future;
use std::io;

pub use tokio::task::JoinHandle;

/// Runs a future on the current runtime.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future)
}

/// Runs work that blocks, beside the runtime's own threads.
pub fn blocking<F, T>(work: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    tokio::task::spawn_blocking(work)
}

/// Starts a thread of its own; the name is cut to the fifteen bytes the kernel keeps.
pub fn thread<F, T>(name: &str, work: F) -> io::Result<std::thread::JoinHandle<T>>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    std::thread::Builder::new().name(name.chars().take(15).collect()).spawn(work)
}

/// Runs work that may block for a moment where it stands. Other tasks of a runtime with several
/// threads go on meanwhile; in a simulator, which has one, there is nothing to make room for.
pub fn in_place<T>(work: impl FnOnce() -> T) -> T {
    match has_threads() {
        true => tokio::task::block_in_place(work),
        false => work(),
    }
}

/// Whether this runs on a runtime with several threads: every server has one, a simulator does not.
pub fn has_threads() -> bool {
    let flavor = tokio::runtime::Handle::try_current().map(|handle| handle.runtime_flavor());
    matches!(flavor, Ok(tokio::runtime::RuntimeFlavor::MultiThread))
}
