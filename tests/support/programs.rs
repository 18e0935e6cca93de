//! The programs of the testbed, built from their sources on first use.
//!
//! Both builds run each time: they are quick when nothing has changed, and so nothing is ever stale.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The version that the components report; the one in `tests/testbed/go.mod`.
pub(crate) const VERSION: &str = "-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3 \
     -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36";

/// The folder with `controlplane`, and with the electors in Go: `manager` and `client-go`.
pub(crate) fn go() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = target().join("bin");
        if !folder.join("controlplane").exists() {
            say("building the testbed: a real Kubernetes control plane from its Go modules; \
                 the first time this takes about 4 minutes");
        }
        let mut build = Command::new("go");
        build
            .args(["build", "-trimpath", "-ldflags", VERSION, "-o"])
            .arg(folder.join("")) // the slash tells go that this is a folder
            .arg("./cmd/...")
            .current_dir(sources().join("testbed"));
        run(build, "go", "install Go, from https://go.dev/dl or your distribution");
        folder
    })
}

/// The folder with the electors in Rust.
pub(crate) fn electors() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = target().join("electors");
        if !folder.exists() {
            say("building the testbed's electors in Rust; the first time this takes some minutes");
        }
        let mut build = Command::new("cargo");
        build
            .args(["build", "--locked", "--manifest-path"])
            .arg(sources().join("electors/Cargo.toml"))
            .arg("--target-dir")
            .arg(&folder);
        for (name, _) in env::vars_os().filter(|(name, _)| is_for_this_package(name)) {
            build.env_remove(name);
        }
        run(build, "cargo", "install Rust, from https://rustup.rs");
        folder.join("debug")
    })
}

/// Variables that cargo, or a tool around it such as one for coverage, has set for *this* package and its build.
fn is_for_this_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let names_cargo_itself = ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR"];
    (name.starts_with("CARGO") && !names_cargo_itself.iter().any(|kept| name.starts_with(kept)))
        || name.starts_with("RUSTC")
        || name.starts_with("RUSTFLAGS")
        || name.starts_with("LLVM_PROFILE")
}

/// Runs one build, its output in a log file that is shown if it fails.
fn run(mut build: Command, tool: &str, install: &str) {
    let folder = target();
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("making {}: {error}", folder.display()));
    // Two test runs may start at once.
    let lock = File::create(folder.join("lock")).expect("a lock file in the target folder");
    lock.lock().expect("the lock on the build of the testbed");

    let log = folder.join(format!("{tool}-build.log"));
    let output = File::create(&log).expect("a log file in the target folder");
    build.stdin(Stdio::null()).stdout(output.try_clone().expect("the log file twice")).stderr(output);
    match build.status() {
        Ok(status) if status.success() => {}
        Ok(status) => panic!(
            "building the testbed: {tool} ended with {status}:\n{}",
            fs::read_to_string(&log).unwrap_or_default()
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => panic!(
            "the tests run against a real control plane, and building it needs `{tool}`: {install} \
             (README.md says what else they need)"
        ),
        Err(error) => panic!("building the testbed: {tool}: {error}"),
    }
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// `target/testbed`, in the target folder that this very program was built into.
fn target() -> PathBuf {
    let program = env::current_exe().expect("the path of this program");
    program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists())
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), Path::to_path_buf)
        .join("testbed")
}

/// Tells the person why nothing seems to happen; the test harness does not swallow this.
pub(super) fn say(what: &str) {
    let _ = writeln!(io::stderr(), "{what}");
}
