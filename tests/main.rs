//! The one test binary, but for the one that measures (`fidelity/`).

mod act;
mod architecture;
mod docs;
mod failover;
mod history;
mod kubelet;
mod repair;
mod status;
mod support;
mod trouble;
mod writes;
