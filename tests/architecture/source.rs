//! Rust source as words: enough of a reader to tell which paths a file names, and nothing more.
//!
//! Comments and the contents of strings are gone, and so is what only tests see. A parser of the whole language would
//! take longer to build than everything that is checked here.

/// A file of `src/`.
pub(super) struct Source {
    /// Relative to `src/`.
    pub(super) path: String,
    pub(super) text: String,
    /// Everything.
    all: Vec<Word>,
    /// What is built into the program.
    built: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    line: usize,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Name(String),
    /// A string, a character or a number, whatever it says.
    Literal,
    /// `::`, which holds a path together.
    Colons,
    Sign(char),
}

/// The words that stand before a path and are no part of it. (`self`, `super`, `Self` and `crate` are.)
const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "dyn", "else", "enum", "extern", "fn", "for", "if", "impl", "in", "let",
    "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static", "struct", "trait", "type", "unsafe",
    "use", "where", "while",
];

/// A path as it is written, `use` groups taken apart: `kube`, `Client` for `kube::Client`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) line: usize,
    pub(super) parts: Vec<String>,
    /// `name(`.
    pub(super) called: bool,
    /// `name!`.
    pub(super) macro_call: bool,
    /// `.name`: a field, or a method of whatever stands before.
    pub(super) member: bool,
    /// `fn name`.
    pub(super) defined: bool,
    /// `pub(crate)`, `pub(super)`: how far an item can be seen.
    pub(super) reach: bool,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let all = words(text);
        let built = without_tests(&all);
        Self { path: path.to_owned(), text: text.to_owned(), all, built }
    }

    /// The room that the file belongs to: the name of its folder, or of the file itself.
    pub(super) fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or(&self.path);
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How many `super`s lead out of this file's module to the root of the crate.
    pub(super) fn depth(&self) -> usize {
        if self.is_root() { 0 } else { self.path.split('/').count() }
    }

    pub(super) fn is_root(&self) -> bool {
        ["main.rs", "lib.rs"].contains(&self.path.as_str())
    }

    /// Whether there is nothing in it but comments.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The modules that it declares.
    pub(super) fn modules(&self) -> Vec<String> {
        let declared = |pair: &[Word]| match (&pair[0].kind, &pair[1].kind) {
            (Kind::Name(word), Kind::Name(name)) if word == "mod" => Some(name.clone()),
            _ => None,
        };
        self.built.windows(2).filter_map(declared).collect()
    }

    /// The lines of attributes that allow a lint, in tests too.
    pub(super) fn allowances(&self) -> Vec<usize> {
        let mut lines = Vec::new();
        let mut i = 0;
        while i < self.all.len() {
            match attribute(&self.all, i) {
                Some(end) => {
                    let attribute = &self.all[i..end];
                    let allow = |pair: &&[Word]| is_name(&pair[0], "allow") && is_sign(&pair[1], '(');
                    lines.extend(attribute.windows(2).filter(allow).map(|pair| pair[0].line));
                    i = end;
                }
                None => i += 1,
            }
        }
        lines
    }

    /// Every path in what is built.
    pub(super) fn paths(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        let mut i = 0;
        while i < self.built.len() {
            let starts = match self.built[i].kind {
                Kind::Name(_) => true,
                // `::kube::Client`, `use ::{kube, std}`
                Kind::Colons => true,
                _ => false,
            };
            if !starts {
                i += 1;
                continue;
            }
            let before = i.checked_sub(1).map(|before| &self.built[before]);
            let member = before.is_some_and(|word| is_sign(word, '.'));
            let defined = before.is_some_and(|word| is_name(word, "fn"));
            let reach = before.is_some_and(|word| is_sign(word, '('))
                && i.checked_sub(2).is_some_and(|pub_| is_name(&self.built[pub_], "pub"));
            let from = paths.len();
            i = self.path_from(i, &[], &mut paths);
            for path in &mut paths[from..] {
                (path.member, path.defined, path.reach) = (member, defined, reach);
            }
        }
        paths
    }

    /// Reads the path at `i`, whose first parts are `prefix`; returns where the next word stands.
    fn path_from(&self, mut i: usize, prefix: &[String], paths: &mut Vec<Path>) -> usize {
        let mut parts = prefix.to_vec();
        let line = self.built[i].line;
        loop {
            match self.built.get(i).map(|word| &word.kind) {
                Some(Kind::Name(name)) => {
                    parts.push(name.clone());
                    i += 1;
                    let ends = KEYWORDS.contains(&parts.last().map_or("", String::as_str));
                    if ends || !self.built.get(i).is_some_and(|word| word.kind == Kind::Colons) {
                        break;
                    }
                }
                Some(Kind::Colons) => i += 1,
                Some(Kind::Sign('*')) if !parts.is_empty() => {
                    parts.push("*".to_owned());
                    i += 1;
                    break;
                }
                Some(Kind::Sign('{')) => return self.group(i, &parts, paths),
                // A turbofish, `collect::<Vec<_>>`, ends the path; what is in it is read as the next one.
                _ => break,
            }
        }
        // `use a::{self}` is `use a`.
        if parts.len() > 1 && parts.last().is_some_and(|last| last == "self") {
            parts.pop();
        }
        let next = |sign| self.built.get(i).is_some_and(|word| is_sign(word, sign));
        let (called, macro_call) = (next('('), next('!'));
        if !parts.is_empty() {
            paths.push(Path { line, parts, called, macro_call, member: false, defined: false, reach: false });
        }
        i
    }

    /// Reads `{a, b::{c, d}}` at `i`.
    fn group(&self, mut i: usize, prefix: &[String], paths: &mut Vec<Path>) -> usize {
        i += 1;
        while let Some(word) = self.built.get(i) {
            match &word.kind {
                Kind::Sign('}') => return i + 1,
                // `a as b`: the other name is no path.
                Kind::Name(name) if name == "as" => i += 2,
                Kind::Name(_) | Kind::Colons => i = self.path_from(i, prefix, paths),
                Kind::Sign('*') if !prefix.is_empty() => i = self.path_from(i, prefix, paths),
                _ => i += 1,
            }
        }
        i
    }
}

fn is_name(word: &Word, name: &str) -> bool {
    matches!(&word.kind, Kind::Name(found) if found == name)
}

fn is_sign(word: &Word, sign: char) -> bool {
    word.kind == Kind::Sign(sign)
}

/// Where the attribute that begins at `i` ends.
fn attribute(words: &[Word], i: usize) -> Option<usize> {
    if !is_sign(words.get(i)?, '#') {
        return None;
    }
    let open = if is_sign(words.get(i + 1)?, '!') { i + 2 } else { i + 1 };
    is_sign(words.get(open)?, '[').then(|| closed(words, open))
}

/// The place after the bracket that closes the one at `open`.
fn closed(words: &[Word], open: usize) -> usize {
    let mut depth = 0;
    for (i, word) in words.iter().enumerate().skip(open) {
        match word.kind {
            Kind::Sign('(' | '[' | '{') => depth += 1,
            Kind::Sign(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i + 1;
        }
    }
    words.len()
}

/// Leaves out every item under `#[cfg(test)]`, with its other attributes.
fn without_tests(words: &[Word]) -> Vec<Word> {
    let mut built = Vec::new();
    let mut i = 0;
    while i < words.len() {
        let Some(end) = attribute(words, i) else {
            built.push(words[i].clone());
            i += 1;
            continue;
        };
        let names: Vec<_> = words[i + 1..end].iter().filter(|word| !matches!(word.kind, Kind::Sign('['))).collect();
        let test = matches!(names.as_slice(), [cfg, open, test, ..]
            if is_name(cfg, "cfg") && is_sign(open, '(') && is_name(test, "test"));
        if !test {
            built.extend_from_slice(&words[i..end]);
            i = end;
            continue;
        }
        i = end;
        while let Some(end) = attribute(words, i) {
            i = end;
        }
        // Up to the item's body, or to the semicolon of an item that has none.
        while let Some(word) = words.get(i) {
            match word.kind {
                Kind::Sign(';') => {
                    i += 1;
                    break;
                }
                Kind::Sign('{') => {
                    i = closed(words, i);
                    break;
                }
                Kind::Sign('(' | '[') => i = closed(words, i),
                _ => i += 1,
            }
        }
    }
    built
}

fn words(text: &str) -> Vec<Word> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let (mut i, mut line) = (0, 1);
    while i < chars.len() {
        let (end, kind) = word(&chars, i);
        words.extend(kind.map(|kind| Word { line, kind }));
        line += chars[i..end].iter().filter(|c| **c == '\n').count();
        i = end;
    }
    words
}

/// The word at `i`, if it is one, and where it ends.
fn word(chars: &[char], i: usize) -> (usize, Option<Kind>) {
    let at = |offset: usize| chars.get(i + offset).copied();
    let from = |start: usize, test: &dyn Fn(char) -> bool| {
        chars[start..].iter().position(|c| !test(*c)).map_or(chars.len(), |length| start + length)
    };
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    match chars[i] {
        '/' if at(1) == Some('/') => (from(i, &|c| c != '\n'), None),
        '/' if at(1) == Some('*') => (block_comment(chars, i), None),
        '"' => (quoted(chars, i + 1, '"'), Some(Kind::Literal)),
        // 'a' and '\n' are characters, 'a is a lifetime.
        '\'' if at(1) == Some('\\') || at(2) == Some('\'') => (quoted(chars, i + 1, '\''), Some(Kind::Literal)),
        '\'' => (from(i + 1, &in_name), None),
        ':' if at(1) == Some(':') => (i + 2, Some(Kind::Colons)),
        c if c.is_ascii_digit() => (from(i, &in_name), Some(Kind::Literal)),
        c if in_name(c) => {
            let end = from(i, &in_name);
            let name: String = chars[i..end].iter().collect();
            match (name.as_str(), chars.get(end)) {
                ("b" | "c", Some('"')) => (quoted(chars, end + 1, '"'), Some(Kind::Literal)),
                ("b", Some('\'')) => (quoted(chars, end + 1, '\''), Some(Kind::Literal)),
                ("r" | "br" | "cr", Some('"' | '#')) => raw(chars, end),
                _ => (end, Some(Kind::Name(name))),
            }
        }
        c if c.is_whitespace() => (i + 1, None),
        c => (i + 1, Some(Kind::Sign(c))),
    }
}

/// The end of a comment; they nest.
fn block_comment(chars: &[char], start: usize) -> usize {
    let (mut i, mut depth) = (start, 0);
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => {
                (depth, i) = (depth - 1, i + 2);
                if depth == 0 {
                    break;
                }
            }
            _ => i += 1,
        }
    }
    i
}

/// The end of what is quoted, `\` taking the next character's meaning.
fn quoted(chars: &[char], mut i: usize, quote: char) -> usize {
    while i < chars.len() && chars[i] != quote {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(chars.len())
}

/// `"…"` or `#"…"#` behind an `r`; or `r#name`, which is a name.
fn raw(chars: &[char], start: usize) -> (usize, Option<Kind>) {
    let hashes = chars[start..].iter().take_while(|c| **c == '#').count();
    let mut i = start + hashes;
    if chars.get(i) != Some(&'"') {
        let name: String = chars[i..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
        return (i + name.chars().count(), Some(Kind::Name(name)));
    }
    i += 1;
    while i < chars.len() {
        let closes = chars[i] == '"' && chars[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
        i += 1;
        if closes {
            return (i + hashes, Some(Kind::Literal));
        }
    }
    (i, Some(Kind::Literal))
}

#[test]
fn paths_are_read_as_they_are_meant() {
    let paths = |text: &str| -> Vec<String> {
        Source::new("model/x.rs", text).paths().into_iter().map(|path| path.parts.join("::")).collect()
    };
    assert_eq!(paths("use a::b;"), ["use", "a::b"]);
    assert_eq!(paths("use a::{self, b::{c, d as e}, f::*};"), ["use", "a", "a::b::c", "a::b::d", "a::f::*"]);
    assert_eq!(paths("pub use ::a::b as c;"), ["pub", "use", "a::b", "as", "c"]);
    assert_eq!(paths("use {a::b, c};"), ["use", "a::b", "c"].map(str::to_owned));
    assert_eq!(paths("x.y::<a::B>()"), ["x", "y", "a::B"]);
    assert_eq!(paths("f(a /* b::c */ ::d)"), ["f", "a::d"]);
    assert_eq!(paths("a! { b::c }"), ["a", "b::c"]);
    assert_eq!(paths("return ::a::b"), ["return", "a::b"]);
    assert_eq!(paths("Vec::<a>::b::c()"), ["Vec", "a", "b::c"]);
    assert_eq!(paths("r#else r#a::x"), ["else", "a::x"]);
}

#[test]
fn comments_strings_and_tests_are_no_code() {
    let names = |text: &str| -> Vec<String> {
        Source::new("model/x.rs", text).paths().into_iter().map(|path| path.parts.join("::")).collect()
    };
    assert_eq!(names("// a::b\n/// c\n/* d /* e */ f */ g"), ["g"]);
    assert_eq!(names(r##"a "b::c \" d" r"e" r#"f " g"# b"h" 'i' '\'' '"' j"##), ["a", "j"]);
    assert_eq!(names("a<'b>(c: &'static d)"), ["a", "c", "d"]);
    assert_eq!(names("a #[cfg(test)] mod tests { b::c; fn d() { \"}\" } } e"), ["a", "e"]);
    assert_eq!(names("#[cfg(test)] #[doc(hidden)] use b::{c}; e"), ["e"]);
    assert_eq!(names("#[cfg(test)] pub(super) fn a(b: [c; 2]) -> d { e } f"), ["f"]);
    assert_eq!(names("#[cfg(unix)] a"), ["cfg", "unix", "a"]);
    assert_eq!(names("#[cfg(not(test))] a"), ["cfg", "not", "test", "a"]);
}

#[test]
fn a_path_knows_how_it_is_used() {
    let source = Source::new("x.rs", "a::b(c);\n d.e(); f!(); fn g() {}");
    let used = |part: &str| {
        let path = source.paths().into_iter().find(|path| path.parts.last().is_some_and(|last| last == part));
        path.map(|path| (path.line, path.called, path.macro_call, path.member, path.defined))
    };
    assert_eq!(used("b"), Some((1, true, false, false, false)));
    assert_eq!(used("c"), Some((1, false, false, false, false)));
    assert_eq!(used("e"), Some((2, true, false, true, false)));
    assert_eq!(used("f"), Some((2, false, true, false, false)));
    assert_eq!(used("g"), Some((2, true, false, false, true)));
    let reaches: Vec<_> = Source::new("x.rs", "pub(crate) fn f(crate::a) { (crate) }").paths();
    let reaches: Vec<_> = reaches.iter().filter(|path| path.parts[0] == "crate").map(|path| path.reach).collect();
    assert_eq!(reaches, [true, false, false]);
}
