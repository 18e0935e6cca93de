//! One document to objects, or to what is wrong with it.

use std::sync::Arc;

use crate::model::node::{Mark, Node, Value};
use crate::model::object::{Object, Origin};
use crate::source::problem::{Kind, Problem};

use super::Found;
use super::split::Piece;
use super::yaml::{self, Twice};

/// The file that documents stand in.
#[derive(Debug)]
pub(super) struct File {
    path: Arc<str>,
    /// It is a template of a chart: where it has `{{` it is not YAML yet, even if it could be read.
    template: bool,
    /// It has been said that it is one.
    told: bool,
}

impl File {
    pub(super) fn new(path: &str, template: bool) -> Self {
        Self { path: path.into(), template, told: false }
    }

    /// A problem of the file as a whole.
    pub(super) fn problem(&self, kind: Kind, message: impl Into<String>) -> Problem {
        let (path, message) = (Arc::clone(&self.path), message.into());
        Problem { path, source: None, mark: Mark::default(), kind, message, hint: None }
    }

    /// Gives what a document comes to.
    pub(super) fn read(&mut self, piece: &Piece, found: &mut dyn FnMut(Found)) {
        let start = piece.start;
        let text = piece.text.as_deref().ok_or_else(|| {
            self.problem(Kind::TooLarge, format!("a document of more than {} MiB", super::split::LARGEST >> 20))
                .at(start)
        });
        let text = text.and_then(|bytes| {
            text_of(bytes, start).map_err(|(mark, words)| self.problem(Kind::NotText, words).at(mark))
        });
        let text = match text {
            Ok(text) => text,
            Err(problem) => return found(Found::Problem(problem)),
        };
        let source = source(text).map(Arc::from);
        let brace = text.find("{{").filter(|_| self.template);
        let document = match (brace, yaml::read(text, start)) {
            (None, Ok(document)) => document,
            (Some(_), _) => return self.is_template(text, start, found),
            (None, Err(_)) if text.contains("{{") => return self.is_template(text, start, found),
            (None, Err(broken)) => {
                let problem = self.problem(broken.kind, broken.message).at(broken.mark).hint(broken.hint);
                return found(Found::Problem(Problem { source, ..problem }));
            }
        };
        for problem in self.repetitions(&document.twice, document.untold) {
            found(Found::Problem(Problem { source: source.clone(), ..problem }));
        }
        self.unpack(document.root, &source, None, found);
    }

    fn is_template(&mut self, text: &str, start: Mark, found: &mut dyn FnMut(Found)) {
        if !std::mem::replace(&mut self.told, true) {
            let mark = place(text.as_bytes(), text.find("{{").unwrap_or_default(), start);
            let problem = self.problem(Kind::Template, "a Helm template that has not been rendered").at(mark);
            found(Found::Problem(problem.hint(Some("render it: helm template CHART | hactl preflight -"))));
        }
    }

    /// What fields that are there twice mean.
    fn repetitions(&self, twice: &[Twice], untold: usize) -> Vec<Problem> {
        let has = |name: &str| twice.iter().any(|field| field.top && &*field.name == name);
        let glued = has("apiVersion") && has("kind");
        let mut begin = Mark::default();
        let mut problems = Vec::new();
        for field in twice {
            if glued && field.top {
                // The first field that the object has already is where the next object begins.
                if field.first >= begin {
                    begin = field.second;
                    let line = begin.line;
                    let message =
                        format!("a `---` seems to be missing before line {line}: two objects would become one");
                    problems.push(self.problem(Kind::MissingSeparator, message).at(begin));
                }
            } else {
                let (name, line) = (shown(&field.name), field.first.line);
                let message = format!("`{name}` is here twice, on line {line} too: Kubernetes takes the last one");
                problems.push(self.problem(Kind::DuplicateKey, message).at(field.second));
            }
        }
        if let Some(last) = problems.last()
            && untold > 0
            && !glued
        {
            let more = format!("{untold} more fields of this document are there twice");
            problems.push(self.problem(Kind::DuplicateKey, more).at(last.mark));
        }
        problems
    }

    /// Gives an object, or those of a list, which may be lists themselves.
    ///
    /// What has `items` is a list. A list of an API, such as a `DeploymentList`, leaves its own version and kind out of its
    /// items (`detectList` and `decodeToList` in `unstructured/helpers.go` of k8s.io/apimachinery).
    fn unpack(
        &self,
        mut root: Node,
        source: &Option<Arc<str>>,
        list: Option<(&str, &str)>,
        found: &mut dyn FnMut(Found),
    ) {
        if root.is_null() {
            return;
        }
        let said = |name: &str| root.get(name).text().filter(|text| !text.is_empty()).map(str::to_owned);
        let (api_version, kind) = match (said("apiVersion"), said("kind"), list) {
            (None, None, Some((version, kind))) if root.get("metadata").kind() == "a map" => {
                (Some(version.to_owned()), Some(kind.to_owned()))
            }
            (version, kind, _) => (version, kind),
        };
        let origin = Origin::File { path: Arc::clone(&self.path), source: source.clone(), mark: root.mark };
        let is_kustomize = |version: &String| version.starts_with("kustomize.config.k8s.io/");
        let problem = match (api_version, kind) {
            (Some(version), _) if is_kustomize(&version) => self.kustomization(),
            (_, None) if self.is_kustomization_file() => self.kustomization(),
            (Some(version), Some(kind)) => {
                if let Some(items) = items_of(&mut root) {
                    let of = kind.strip_suffix("List").unwrap_or(&kind);
                    let list = Some((version.as_str(), of)).filter(|_| !of.is_empty());
                    return items.into_iter().for_each(|item| self.unpack(item, source, list, found));
                }
                return found(Found::Object(Object::named(root, origin, &version, &kind)));
            }
            _ => self.problem(Kind::NotKubernetes, format!("not a Kubernetes object: {}", missing(&root))),
        };
        found(Found::Problem(Problem { source: source.clone(), ..problem.at(root.mark) }));
    }

    fn kustomization(&self) -> Problem {
        self.problem(Kind::Kustomization, "a kustomization, and no object: what it changes is not seen here")
            .hint(Some("build it: kubectl kustomize DIR | hactl preflight -"))
    }

    /// The names that kustomize looks for, in whose files `apiVersion` and `kind` may be left out
    /// (`RecognizedKustomizationFileNames` of sigs.k8s.io/kustomize/api/konfig).
    fn is_kustomization_file(&self) -> bool {
        let name = self.path.rsplit(['/', '\\']).next().unwrap_or_default();
        matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
    }
}

impl Problem {
    fn at(self, mark: Mark) -> Self {
        Self { mark, ..self }
    }

    fn hint(self, hint: Option<&str>) -> Self {
        Self { hint: hint.map(str::to_owned), ..self }
    }
}

/// The entries of `items`, if there is such a field.
fn items_of(root: &mut Node) -> Option<Vec<Node>> {
    let Value::Map(fields) = &mut root.value else { return None };
    let field = fields.iter_mut().find(|field| &*field.name == "items")?;
    match std::mem::take(&mut field.node.value) {
        Value::List(items) => Some(items),
        other => {
            field.node.value = other;
            None
        }
    }
}

/// What keeps it from being an object.
fn missing(root: &Node) -> String {
    if root.kind() != "a map" {
        return format!("it is {}", root.kind());
    }
    let wrong = |name: &str| match root.get(name).text() {
        Some("") => Some(format!("`{name}` is empty")),
        Some(_) => None,
        None if root.get(name).is_null() => Some(format!("there is no `{name}`")),
        None => Some(format!("`{name}` is {}", root.get(name).kind())),
    };
    match (wrong("apiVersion"), wrong("kind")) {
        (Some(one), Some(other)) if one.starts_with("there") && other.starts_with("there") => {
            "there is no `apiVersion`, and no `kind`".to_owned()
        }
        (one, other) => one.into_iter().chain(other).collect::<Vec<_>>().join(", and "),
    }
}

/// A name of a field in a sentence.
fn shown(name: &str) -> String {
    const LONGEST: usize = 64;
    let (shown, rest) = name.char_indices().nth(LONGEST).map_or((name, ""), |(at, _)| name.split_at(at));
    format!("{}{}", shown.escape_debug(), if rest.is_empty() { "" } else { "…" })
}

/// Helm's comment before a document that it made.
fn source(text: &str) -> Option<&str> {
    let head = text.lines().take_while(|line| line.is_empty() || line.starts_with('#') || line.starts_with("---"));
    head.filter_map(|line| line.strip_prefix("# Source: ")).next().map(str::trim_end)
}

/// The text, or where it stops being one and why.
fn text_of(bytes: &[u8], start: Mark) -> Result<&str, (Mark, &'static str)> {
    let said = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16: save the file as UTF-8"),
        [0x1f, 0x8b, ..] => Some("a compressed file: unpack it, and if it is a chart, render it with helm template"),
        _ => None,
    };
    if let Some(said) = said {
        return Err((start, said));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        (place(bytes, error.valid_up_to(), start), "bytes that are not UTF-8: save the file as UTF-8")
    })?;
    // What YAML does not allow, and a NUL would be taken for the end.
    let odd = bytes.iter().position(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'));
    odd.map_or(Ok(text), |at| {
        let said = if bytes[at] == 0 { "a NUL character: is this UTF-16?" } else { "a control character" };
        Err((place(bytes, at, start), said))
    })
}

/// The place of a byte of a document that begins at `start`.
fn place(bytes: &[u8], at: usize, start: Mark) -> Mark {
    let before = bytes.get(..at).unwrap_or(bytes);
    let line = before.iter().rposition(|byte| *byte == b'\n').map_or(before, |end| &before[end + 1..]);
    let lines = u32::try_from(before.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX);
    let column = super::split::chars(line).saturating_add(if lines == 0 { start.column } else { 1 });
    Mark { line: start.line.saturating_add(lines), column }
}
