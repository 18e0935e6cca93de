//! A real browser without a window: Chromium lays pages out and says what came of it.
//!
//! Pages are shown in frames of a page of ours, as wide as is wanted: a window cannot be as narrow as a phone. That
//! page measures and writes the answer into its own document, and the browser prints that. The pages themselves are as
//! they are, and may forbid scripts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs, io};

use serde_json::Value;

use super::{block_on, process, programs, scratch};

/// How long it may take to start and to lay out.
const TIMEOUT: Duration = Duration::from_secs(120);

/// What the browsers of the family are called.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// How to get it, for people.
const INSTALL: &str = "install Chromium (Debian: apt-get install chromium), or say where it is with $CHROMIUM";

/// The colour scheme that a person has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

/// Shows each page in a frame of its width, calls `probe(document)` of this script on each, and returns the answers.
///
/// # Panics
/// If the browser does not come to an end, or says anything on its console.
pub(crate) fn measure(pages: &[(&str, u32)], scheme: Scheme, script: &str) -> Vec<Value> {
    let frame = |(page, width): &(&str, u32)| {
        format!(
            "<iframe width={width} height=400 srcdoc=\"{}\"></iframe>\n",
            page.replace('&', "&amp;").replace('"', "&quot;")
        )
    };
    let outer = format!(
        "<!DOCTYPE html><html><head><meta charset=utf-8><meta name=color-scheme content='light dark'></head><body>\n\
         {}<pre id=answer></pre><script>{script}\n\
         onload = () => {{\n\
           const answers = [...document.querySelectorAll('iframe')].map(frame => {{\n\
             frame.height = frame.contentDocument.documentElement.scrollHeight;\n\
             return probe(frame.contentDocument, frame.contentWindow);\n\
           }});\n\
           document.getElementById('answer').textContent = encodeURIComponent(JSON.stringify(answers));\n\
         }}</script></body></html>",
        pages.iter().map(frame).collect::<String>()
    );
    let printed = dump(&outer, scheme);
    let answer = printed.split_once("<pre id=\"answer\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let (answer, _) = answer.unwrap_or_else(|| panic!("no answer in {printed}"));
    serde_json::from_str(&decoded(answer)).unwrap_or_else(|error| panic!("{error} in {answer:?}"))
}

/// The document that a page has become.
fn dump(page: &str, scheme: Scheme) -> String {
    let folder = scratch::path("browser");
    fs::create_dir(&folder).expect("a folder in the temporary folder");
    let file = folder.join("page.html");
    fs::write(&file, page).expect("a page in the temporary folder");
    let mut command = process::command(browser());
    command
        // A browser in a container, as root, on pages of our own.
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-dev-shm-usage", "--hide-scrollbars", "--enable-logging=stderr", "--window-size=1400,1000"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .args((scheme == Scheme::Dark).then_some("--force-dark-mode"))
        .arg("--dump-dom")
        .arg(format!("file://{}", file.display()))
        .env("HOME", &folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = process::spawn(command).expect("setpriv (util-linux) and Chromium");
    let output = block_on(async { tokio::time::timeout(TIMEOUT, child.wait_with_output()).await });
    let output = output.unwrap_or_else(|_| panic!("Chromium did not end within {TIMEOUT:?}")).expect("its output");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "Chromium: {}\n{said}", output.status);
    let console: Vec<_> = said.lines().filter(|line| line.contains(":CONSOLE")).collect();
    assert!(console.is_empty(), "on the console: {console:#?}");
    let _ = fs::remove_dir_all(&folder);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What `encodeURIComponent` has encoded.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = escaped.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// Where the browser is; on a machine that is ours to change, it is installed.
fn browser() -> &'static Path {
    static BROWSER: OnceLock<PathBuf> = OnceLock::new();
    BROWSER.get_or_init(|| {
        found().unwrap_or_else(|| {
            install();
            found().unwrap_or_else(|| panic!("the pages are tested in a real browser: {INSTALL}"))
        })
    })
}

fn found() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let path = env::var_os("PATH")?;
    let folders: Vec<_> = env::split_paths(&path).collect();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
}

/// As root on Debian and the like; elsewhere it is for people to do.
fn install() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    programs::say("installing Chromium with apt-get, for the tests of pages in a real browser");
    for args in [&["update"][..], &["install", "-y", "--no-install-recommends", "chromium"]] {
        let output =
            Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).output();
        match output {
            Ok(output) if output.status.success() => {}
            Ok(output) => panic!("apt-get {}: {}\n{INSTALL}", args.join(" "), String::from_utf8_lossy(&output.stderr)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => panic!("apt-get: {error}\n{INSTALL}"),
        }
    }
}
