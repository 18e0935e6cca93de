//! From the tests' plain functions into asynchronous code, and waiting with a bound.

use std::future::Future;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};

/// How often [`wait_until`] looks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

// One for the whole process: what runs on it (kubelet, proxies, connections) must outlive single tests.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("testbed")
        .enable_all()
        .build()
        .expect("threads for the runtime")
});

/// Where tasks live that outlive the call that starts them.
pub(crate) fn runtime() -> &'static Handle {
    RUNTIME.handle()
}

/// Runs `future` to its end, from plain and from asynchronous code alike.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    match Handle::try_current() {
        Ok(handle) => tokio::task::block_in_place(|| handle.block_on(future)),
        Err(_) => RUNTIME.block_on(future),
    }
}

/// Repeats `attempt` until it gives something.
///
/// # Panics
/// After `timeout`, naming `what` was waited for.
pub(crate) fn wait_until<T, F, A>(timeout: Duration, what: &str, attempt: F) -> T
where
    F: FnMut() -> A,
    A: Future<Output = Option<T>>,
{
    try_until(timeout, attempt).unwrap_or_else(|| panic!("waited {timeout:?} in vain until {what}"))
}

/// Repeats `attempt` until it gives something, or until the time is over.
pub(crate) fn try_until<T, F, A>(timeout: Duration, mut attempt: F) -> Option<T>
where
    F: FnMut() -> A,
    A: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + timeout;
    block_on(async {
        loop {
            // Asked once more after the last pause, however long an attempt takes.
            let last = Instant::now() >= deadline;
            let result = attempt().await;
            if result.is_some() || last {
                return result;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    })
}
