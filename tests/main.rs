//! The one test binary, but for those that need the machine to themselves (`agrees/`, `fidelity/`, `transfer/`).

mod access;
mod act;
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
