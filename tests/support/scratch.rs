//! The temporary folder of this test process, which goes away when the process ends, however it ends.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Waits for the end of its stdin, then removes the folder; again and again for a while, because the control plane
/// in it may need some seconds to end.
const JANITOR: &str =
    r#"cat >/dev/null; for n in 1 2 3 4 5 6 7 8 9 10; do rm -rf -- "$0" && exit; sleep 1; done 2>/dev/null"#;

struct Scratch {
    folder: PathBuf,
    // Its stdin is a pipe that the kernel closes when this process is gone.
    _janitor: Child,
}

/// The folder; it is made at the first call.
pub(crate) fn folder() -> &'static Path {
    static SCRATCH: OnceLock<Scratch> = OnceLock::new();
    &SCRATCH.get_or_init(make).folder
}

/// A path in the folder that no other call returns; nothing is made there yet.
pub(crate) fn path(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    folder().join(format!("{name}-{number}"))
}

fn make() -> Scratch {
    let folder = std::env::temp_dir().join(format!("hactl-tests-{}", std::process::id()));
    // A process of the same number may have left one, if its janitor was killed.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("making {}: {error}", folder.display()));
    let janitor = Command::new("sh")
        .args(["-c", JANITOR])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // A terminal's Ctrl-C goes to the whole process group; this one has work to do after it.
        .process_group(0)
        .spawn()
        .expect("sh, to clean up at the end");
    Scratch { folder, _janitor: janitor }
}
