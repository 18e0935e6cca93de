//! Manifests: YAML and JSON in files, in folders and on the standard input, to objects that know where they stand.
//!
//! ```text
//!  bytes ─▶ split: documents ─▶ yaml, scalar: a tree ─▶ document: objects and problems ─▶ found
//! ```
//!
//! No more than one document is held at a time, and what is broken in one is kept from the others. Only `files` reads the
//! world; the rest is pure.

mod document;
mod files;
mod scalar;
mod split;
mod yaml;

#[cfg(test)]
mod tests;

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::model::object::Object;

use super::problem::Problem;

/// What there is in manifests.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// An object; those of a `List` come one by one.
    Object(Object),
    /// Something that is wrong. If the document was read all the same (see [`Kind::was_read`](super::problem::Kind::was_read)),
    /// its objects follow.
    Problem(Problem),
}

/// Reads files and folders, and the standard input for `-`, and tells what it finds in the order in which it stands there.
///
/// Nothing ends it early: what cannot be read is a [`Problem`]. The standard input is read where it is first asked for.
pub fn read(inputs: &[PathBuf], stdin: &mut dyn Read, found: &mut dyn FnMut(Found)) {
    let (mut walk, mut stdin) = (files::Walk::new(found), Some(stdin));
    for input in inputs {
        if input != Path::new("-") {
            walk.named(input);
        } else if let Some(stdin) = stdin.take() {
            walk.stream("-", false, stdin);
        }
    }
}
