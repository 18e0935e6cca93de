//! The one test binary, but for those that measure (`fidelity/`, `transfer/`).

mod access;
mod act;
mod agrees;
mod architecture;
mod docs;
mod doctor;
mod failover;
mod history;
mod kubelet;
mod manifest;
mod preflight;
mod repair;
mod status;
mod support;
mod transfer_words;
mod trouble;
mod writes;
