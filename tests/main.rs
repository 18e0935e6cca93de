//! The one test binary.

mod architecture;
mod docs;
mod failover;
mod kubelet;
mod status;
mod support;
mod trouble;
mod writes;
