//! Results in files: whole, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file such that whoever looks sees the old one or the new one, and never a part. What is no regular file (a
/// pipe, `/dev/stderr`) is written to as it is.
///
/// # Errors
///
/// The system's words.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    put(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    // These are doors to what is open already, also where that is a file.
    if ["/dev", "/proc"].iter().any(|system| path.starts_with(system)) {
        return OpenOptions::new().append(true).open(path)?.write_all(text.as_bytes());
    }
    // What a link stands for is replaced, and not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let there = fs::metadata(&path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return OpenOptions::new().write(true).open(&path)?.write_all(text.as_bytes());
    }
    let beside = beside(&path)?;
    let written = (|| {
        let mut file = File::create_new(&beside)?;
        file.write_all(text.as_bytes())?;
        if let Some(there) = there {
            fs::set_permissions(&beside, there.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&beside, &path)
    })();
    if written.is_err() {
        // What is left of it is of no use; that it cannot be removed is not the failure.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A name in the same folder, and so on the same file system.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.new", std::process::id()));
    Ok(path.with_file_name(beside))
}
