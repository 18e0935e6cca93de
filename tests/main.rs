//! The one test binary.

mod architecture;
mod docs;
mod kubelet;
mod status;
mod support;
mod trouble;
