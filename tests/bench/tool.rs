//! The programs that are compared, and how each is told to say who it is.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Testbed, programs, scratch};

/// Whoever runs is a member of it: nothing is forbidden, and nothing waits its turn.
const GROUP: &str = "system:masters";

/// Lists of these are asked for as metadata only, as hactl does.
const METADATA_ONLY: &str = "/api/v1/nodes?";

/// A program with its arguments and its whole environment.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(&'static str, OsString)>,
}

impl Tool {
    /// With an empty home.
    pub(crate) fn new<A: Into<OsString>>(name: &str, program: &Path, args: impl IntoIterator<Item = A>) -> Self {
        let home = scratch::path("home");
        fs::create_dir(&home).expect("a folder in the temporary folder");
        let mut env = vec![("HOME", home.into_os_string())];
        // kubectl on the PATH may be a program that looks for others there.
        env.extend(std::env::var_os("PATH").map(|path| ("PATH", path)));
        let args = args.into_iter().map(Into::into).collect();
        Self { name: name.to_owned(), program: program.to_owned(), args, env }
    }

    pub(crate) fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// As the administrator of a cluster.
    pub(crate) fn on(mut self, testbed: &Testbed) -> Self {
        self.env.push(("KUBECONFIG", testbed.kubeconfig().into()));
        self
    }

    /// Impersonating `user`, as hactl and kubectl both spell it.
    pub(crate) fn acting_as(mut self, user: &str) -> Self {
        self.args.extend(["--as", user, "--as-group", GROUP].map(OsString::from));
        self
    }
}

/// hactl as cargo has built it for this benchmark.
pub(crate) fn hactl() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_hactl"))
}

/// A kubectl and its version.
#[derive(Clone, Debug)]
pub(crate) struct Kubectl {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
}

/// kubectl at the version of the testbed, and this machine's own if it has one.
pub(crate) fn kubectls() -> Vec<Kubectl> {
    // In this order: whoever lacks Go is told what to do.
    let current = programs::go().with_file_name("kubectl");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = Command::new("go")
        .args(["build", "-trimpath", "-ldflags", programs::VERSION, "-o"])
        .arg(&current)
        .arg(manifest.join("tests/bench/kubectl.go"))
        .current_dir(manifest.join("tests/testbed"))
        .status();
    assert!(built.is_ok_and(|status| status.success()), "building kubectl from its module");

    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = std::env::split_paths(&path).map(|folder| folder.join("kubectl")).find(|program| program.is_file());
    let own = own.and_then(|program| {
        let version = version(&program)?;
        Some(Kubectl { name: format!("this machine's kubectl {version}"), program })
    });
    let version = version(&current).expect("kubectl tells its version");
    std::iter::once(Kubectl { name: format!("kubectl {version}"), program: current }).chain(own).collect()
}

fn version(kubectl: &Path) -> Option<String> {
    let output = Command::new(kubectl).args(["version", "--client"]).output().ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    Some(printed.lines().next()?.strip_prefix("Client Version: ")?.to_owned())
}

/// The same requests once more with curl: one after the other, over one connection, of the HTTP version of hactl.
pub(crate) fn curl(testbed: &Testbed, user: &str, uris: &[String]) -> Tool {
    let access = testbed.access();
    let request = |uri: &String| {
        let accept = match uri.starts_with(METADATA_ONLY) {
            true => "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            false => "application/json",
        };
        [
            format!("url = \"{}{uri}\"", access.server),
            "output = \"/dev/null\"".to_owned(),
            r#"write-out = "%{size_download}\n""#.to_owned(),
            format!("header = \"Accept: {accept}\""),
            format!("header = \"Authorization: Bearer {}\"", access.token),
            format!("header = \"Impersonate-User: {user}\""),
            format!("header = \"Impersonate-Group: {GROUP}\""),
            format!("cacert = \"{}\"", access.ca_file.display()),
            "http1.1\ngloboff\nfail\nsilent\nshow-error\nmax-time = 60".to_owned(),
        ]
        .join("\n")
    };
    let requests: Vec<_> = uris.iter().map(request).collect();
    let config = scratch::path("curl");
    // A file, because everyone can read a process's arguments, and the token is among them.
    fs::write(&config, requests.join("\nnext\n")).expect("a file in the temporary folder");
    let args = [OsString::from("--disable"), "--config".into(), config.into()];
    Tool::new("curl, the same lists", Path::new("curl"), args)
}
