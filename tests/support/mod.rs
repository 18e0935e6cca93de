//! What tests stand on: a real control plane, a small kubelet, workloads, and the program under test.
//!
//! Everything here may be called from an ordinary `#[test]` function. Start with [`Testbed::shared`],
//! take a [`Namespace`] of your own, put workloads and Leases into it ([`fixtures`]), hurt them
//! ([`kubelet`]), and run the real binary with [`hactl`].
//!
//! Linux only. `cargo test` runs all tests in one process and so needs one control plane; a runner with a
//! process for each test would start one for each.

// A file `support.rs` would not do: the example and the benchmark include this module by `#[path]`, and
// Rust looks for the sub-modules of such a module in the folder of its file. There, too, it is called `support` and
// stands at the root: its parts name each other by `crate::support`.

// Each target that includes this module uses another part of it.
#![allow(dead_code, unused_imports)]
// Tests live in real time.
#![allow(clippy::disallowed_methods)]

pub(crate) mod browser;
pub(crate) mod fixtures;
pub(crate) mod gate;
mod hactl;
pub(crate) mod ill;
pub(crate) mod kubelet;
pub(crate) mod lateness;
pub(crate) mod process;
pub(crate) mod programs;
pub(crate) mod scratch;
pub(crate) mod screen;
mod testbed;
pub(crate) mod wait;

pub(crate) use self::hactl::{Hactl, Output, Running, hactl};
pub(crate) use self::process::{Signal, signal as send_signal};
pub(crate) use self::testbed::{Component, Namespace, Testbed, client};
pub(crate) use self::wait::{block_on, wait_until};
