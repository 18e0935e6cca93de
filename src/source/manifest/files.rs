//! Files, folders and the standard input: the part that reads the world.
//!
//! In a folder only what is called `*.yaml`, `*.yml` or `*.json` is read, as kubectl does, in the order of the names; hidden
//! files and folders are not, nor are the values and the description of a chart. A file that is named is read whatever
//! it is called.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::source::problem::Kind;

use super::Found;
use super::document::File;
use super::split::Splitter;

/// So much is read at once.
const BUFFER: usize = 64 << 10;

/// Reads inputs one after the other.
pub(super) struct Walk<'a> {
    buffer: Vec<u8>,
    /// The folders that have been read: a link may lead back to one.
    folders: HashSet<PathBuf>,
    found: &'a mut dyn FnMut(Found),
}

impl<'a> Walk<'a> {
    pub(super) fn new(found: &'a mut dyn FnMut(Found)) -> Self {
        Self { buffer: vec![0; BUFFER], folders: HashSet::new(), found }
    }

    /// A file or folder that was named.
    pub(super) fn named(&mut self, path: &Path) {
        let template = path.ancestors().any(is_templates);
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                self.folders.clear();
                if !self.folder(path, template) {
                    let message = "a folder with no *.yaml, *.yml or *.json in it";
                    self.unreadable(path, message.to_owned());
                }
            }
            Ok(_) => self.file(path, template),
            Err(error) => self.unreadable(path, words(&error)),
        }
    }

    /// A stream, under this name.
    pub(super) fn stream(&mut self, name: &str, template: bool, stream: &mut dyn Read) {
        let (mut file, mut splitter) = (File::new(name, template), Splitter::new());
        loop {
            match stream.read(&mut self.buffer) {
                Ok(0) => break splitter.finish(&mut |piece| file.read(&piece, self.found)),
                Ok(length) => splitter.push(&self.buffer[..length], &mut |piece| file.read(&piece, self.found)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What had begun is not complete.
                Err(error) => break (self.found)(Found::Problem(file.problem(Kind::Unreadable, words(&error)))),
            }
        }
    }

    fn file(&mut self, path: &Path, template: bool) {
        match fs::File::open(path) {
            Ok(mut file) => self.stream(&path.to_string_lossy(), template, &mut file),
            Err(error) => self.unreadable(path, words(&error)),
        }
    }

    /// Reads what is in a folder. Whether there was anything to read.
    fn folder(&mut self, path: &Path, template: bool) -> bool {
        let entries = fs::canonicalize(path).and_then(|real| {
            if !self.folders.insert(real) {
                return Ok(None);
            }
            fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>().map(Some)
        });
        let mut names = match entries {
            Ok(Some(names)) => names,
            Ok(None) => return true,
            Err(error) => {
                self.unreadable(path, words(&error));
                return true;
            }
        };
        names.sort();
        let chart = names.iter().any(|name| name == "Chart.yaml");
        let mut any = false;
        for name in names {
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            let path = path.join(&name);
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => {
                    any |= self.folder(&path, template || (chart && name == "templates"));
                }
                Ok(metadata) if metadata.is_file() && is_manifest(&name) => {
                    any = true;
                    if !(chart && describes_chart(&name)) {
                        self.file(&path, template);
                    }
                }
                Err(error) if is_manifest(&name) => {
                    any = true;
                    self.unreadable(&path, words(&error));
                }
                // Another kind of file, or a link that leads nowhere and has no name of a manifest.
                _ => {}
            }
        }
        any
    }

    fn unreadable(&mut self, path: &Path, message: String) {
        (self.found)(Found::Problem(File::new(&path.to_string_lossy(), false).problem(Kind::Unreadable, message)));
    }
}

/// The folder of a chart's templates.
fn is_templates(path: &Path) -> bool {
    path.file_name() == Some(OsStr::new("templates")) && path.with_file_name("Chart.yaml").is_file()
}

/// `ResourceNames` and `FileExtensions` of k8s.io/cli-runtime/pkg/resource.
fn is_manifest(name: &OsStr) -> bool {
    let extension = Path::new(name).extension().and_then(OsStr::to_str);
    extension.is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// What a chart has beside its templates that is no manifest.
fn describes_chart(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name == "Chart.yaml" || name == "requirements.yaml" || name.starts_with("values")
}

/// An I/O error without its number.
fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            let mut chars = text.chars();
            let first = chars.next().map(|first| first.to_lowercase().chain(chars).collect());
            format!("cannot be read: {}", first.unwrap_or_else(|| "an unknown error".to_owned()))
        }
    }
}
