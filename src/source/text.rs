//! Small files that are text: settings, and what an earlier run has left.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Result};

/// A file that was named.
///
/// # Errors
///
/// Usage (2) where there is no such file, unknown (3) where it cannot be read.
pub fn named(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::usage(format!("there is no file {}", path.display())),
        ErrorKind::InvalidData => Error::usage(format!("{} is no text", path.display())),
        _ => Error::unknown(format!("{} cannot be read: {error}", path.display())),
    })
}

/// A file that may be there.
///
/// # Errors
///
/// Where it is, and cannot be read.
pub fn if_there(path: &Path) -> Result<Option<String>> {
    if path.is_file() { named(path).map(Some) } else { Ok(None) }
}
