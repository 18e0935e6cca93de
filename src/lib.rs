//! hactl: administration of Kubernetes workloads that elect a leader through a `coordination.k8s.io/v1` Lease.
//!
//! One noun holds the program together: the [Election](model::Election), a workload that should have exactly one leader,
//! with its Lease if there is one, and everything that takes part in it. Every command begins by resolving Elections
//! and ends by rendering a report. The rooms stand in the order in which data passes them:
//!
//! ```text
//!  API server ─▶ cluster::gather ─▶ model::Snapshot ─▶ model::Election ─▶ report ─▶ view ─▶ terminal ─▶ screen, file
//! ```
//!
//! [`elector`] holds the behaviour of each election library as a state machine, beside the facts of [`model`]; [`sim`]
//! plays elections through with them, from a seed. [`transfer`] holds the protocols by which hactl moves leadership.
//!
//! [`check`] judges objects, wherever they come from: what stands in the way of the next failover, roll-out or drain.
//!
//! [`access`] answers who may do what, by the objects of RBAC that are known.
//!
//! [`source`] reads objects from manifests. Only it and [`cluster`] do I/O on the world, and only [`terminal`] talks to
//! the person; everything in the middle is pure: time comes in as a value. `tests/architecture.rs` keeps the direction
//! of the arrows.

pub mod access;
pub mod check;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod command;
pub mod elector;
pub mod error;
pub mod model;
pub mod report;
pub mod sim;
pub mod source;
pub mod system;
pub mod terminal;
pub mod transfer;
pub mod view;
