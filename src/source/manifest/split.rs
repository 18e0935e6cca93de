//! A stream of bytes into its documents, however it arrives, and without holding more than one of them.
//!
//! In YAML a line that begins with `---` or `...` ends a document wherever it stands, also inside a block of text, so
//! that what is broken in one document stays there. kubectl splits at the same lines (`YAMLReader` of
//! k8s.io/apimachinery/pkg/util/yaml). Objects in JSON may follow each other without anything between them.

use crate::model::node::Mark;

/// A document that is larger is not kept.
pub(super) const LARGEST: usize = 32 << 20;

/// A document as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its bytes; none where there were more than [`LARGEST`].
    pub(super) text: Option<Vec<u8>>,
    /// Where the first of them stands.
    pub(super) start: Mark,
}

/// Takes bytes, gives documents.
#[derive(Debug)]
pub(super) struct Splitter {
    largest: usize,
    /// The document so far.
    text: Vec<u8>,
    /// Where `text` begins.
    start: Mark,
    /// Where in `text` the line begins that is being read.
    line: usize,
    /// Where that is in the stream.
    here: Mark,
    /// Nothing has been looked at yet.
    begins: bool,
    /// The document was too large: `text` is no more than the beginning of the line that is being read.
    spilt: bool,
    shape: Shape,
}

/// What the document has turned out to be so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Empty lines and comments; and directives (`%YAML`), which belong to what stands behind the next `---`.
    Blank { directives: bool },
    /// What seems to be a JSON object, looked at as far as `at`.
    Json { at: usize, open: u32, within: Within },
    /// Anything else.
    Lines,
}

/// Where in a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// Behind its first brace: what follows decides whether it is JSON.
    Start,
    Structure,
    String,
    Escape,
}

const FIRST: Mark = Mark { line: 1, column: 1 };
const BLANK: Shape = Shape::Blank { directives: false };

/// The mark of the byte order of UTF-8, which some editors put at the beginning of a file.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// So much of a line shows whether it ends a document.
const SEPARATOR: usize = 4;

impl Splitter {
    pub(super) const fn new() -> Self {
        Self::with_largest(LARGEST)
    }

    const fn with_largest(largest: usize) -> Self {
        Self { largest, text: Vec::new(), start: FIRST, line: 0, here: FIRST, begins: true, spilt: false, shape: BLANK }
    }

    /// The next bytes.
    pub(super) fn push(&mut self, bytes: &[u8], found: &mut impl FnMut(Piece)) {
        for fragment in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.text.extend_from_slice(fragment);
            self.step(fragment.ends_with(b"\n"), found);
        }
    }

    /// There is no more.
    pub(super) fn finish(mut self, found: &mut impl FnMut(Piece)) {
        self.step(true, found);
        self.cut(self.text.len(), found);
    }

    /// More of a line has come; if it is complete, the next one begins.
    fn step(&mut self, complete: bool, found: &mut impl FnMut(Piece)) {
        if self.begins {
            if BOM.len() > self.text.len() && BOM.starts_with(&self.text) && !complete {
                return;
            }
            self.begins = false;
            if self.text.starts_with(BOM) {
                self.text.drain(..BOM.len());
            }
        }
        if complete && let Some(separator) = self.separator() {
            self.separate(separator, found);
        }
        while self.look(complete, found) {}
        self.spill();
        if complete {
            self.line = if self.spilt { 0 } else { self.text.len() };
            if self.spilt {
                self.text.clear();
            }
            if let Shape::Json { at, .. } = &mut self.shape {
                *at = self.text.len();
            }
            self.here = Mark { line: self.here.line.saturating_add(1), column: 1 };
            if self.text.is_empty() && !self.spilt {
                self.start = self.here;
            }
        }
    }

    /// What the line that is being read ends its document with, if it does; it has to begin where a line begins.
    fn separator(&self) -> Option<Separator> {
        let (mark, rest) = self.text[self.line..].split_at_checked(3).filter(|_| self.here.column == 1)?;
        let alone = rest.first().is_none_or(u8::is_ascii_whitespace);
        match mark {
            b"---" if alone => Some(Separator::Start),
            b"..." if alone && matches!(rest.trim_ascii_start().first(), None | Some(b'#')) => Some(Separator::End),
            _ => None,
        }
    }

    /// The line that is being read ends the document before it.
    fn separate(&mut self, separator: Separator, found: &mut impl FnMut(Piece)) {
        // What stands behind directives is the document that they are for.
        if separator == Separator::Start && self.shape == (Shape::Blank { directives: true }) {
            self.shape = Shape::Lines;
            return;
        }
        self.cut(self.line, found);
        match separator {
            Separator::End => self.text.clear(),
            Separator::Start => {
                let rest = self.text[3..].trim_ascii_start();
                if !rest.is_empty() && !rest.starts_with(b"#") {
                    self.shape = Shape::Lines;
                }
            }
        }
    }

    /// Learns from what has come what the document is. Whether another document has begun with that.
    fn look(&mut self, complete: bool, found: &mut impl FnMut(Piece)) -> bool {
        match self.shape {
            Shape::Lines => false,
            Shape::Blank { directives } => {
                let line = &self.text[self.line..];
                let Some(first) = line.iter().position(|byte| !byte.is_ascii_whitespace()) else { return false };
                self.shape = match line[first] {
                    b'#' => return false,
                    b'%' if first == 0 => Shape::Blank { directives: true },
                    // Perhaps a separator, and if it is one, that has been seen to.
                    b'-' | b'.' if first == 0 && (!complete || self.separator().is_some()) => return false,
                    b'{' if !directives => Shape::Json { at: self.line + first + 1, open: 1, within: Within::Start },
                    _ => Shape::Lines,
                };
                matches!(self.shape, Shape::Json { .. })
            }
            Shape::Json { at, open, within } => match scan(&self.text[at..], open, within) {
                Scan::Open(open, within) => {
                    self.shape = Shape::Json { at: self.text.len(), open, within };
                    false
                }
                Scan::Closed(length) => {
                    self.cut(at + length, found);
                    true
                }
                Scan::OtherThanJson => {
                    self.shape = Shape::Lines;
                    false
                }
            },
        }
    }

    /// Ends the document before this byte of `text`, with which the next one begins.
    fn cut(&mut self, end: usize, found: &mut impl FnMut(Piece)) {
        let within_line = self.text.get(self.line..end).map_or(0, chars);
        self.here.column = self.here.column.saturating_add(within_line);
        let rest = self.text.split_off(end);
        let text = std::mem::replace(&mut self.text, rest);
        if self.shape != BLANK {
            let kept = !self.spilt && text.len() <= self.largest;
            found(Piece { text: kept.then_some(text), start: self.start });
        }
        (self.start, self.line, self.spilt, self.shape) = (self.here, 0, false, BLANK);
    }

    /// Lets go of a document that is too large, but for what shows whether the line ends it.
    fn spill(&mut self) {
        if self.text.len() <= if self.spilt { SEPARATOR } else { self.largest } {
            return;
        }
        self.text.drain(..self.line);
        let gone = self.text.split_off(SEPARATOR.min(self.text.len()));
        self.text.shrink_to(SEPARATOR);
        self.here.column = self.here.column.saturating_add(chars(&gone));
        (self.line, self.spilt) = (0, true);
        match &mut self.shape {
            Shape::Json { at, .. } => *at = self.text.len(),
            // It is no longer known what it would have been.
            shape => *shape = Shape::Lines,
        }
    }
}

/// A line that ends a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    /// `---`: and begins another, which may stand on the same line.
    Start,
    /// `...`: and nothing stands behind it.
    End,
}

enum Scan {
    Open(u32, Within),
    /// With so many bytes.
    Closed(usize),
    OtherThanJson,
}

/// Follows the brackets of JSON.
fn scan(bytes: &[u8], mut open: u32, mut within: Within) -> Scan {
    for (at, &byte) in bytes.iter().enumerate() {
        within = match (within, byte) {
            (Within::Escape, _) | (Within::Structure, b'"') => Within::String,
            (Within::String, b'\\') => Within::Escape,
            (Within::String, b'"') => Within::Structure,
            (Within::String, _) => Within::String,
            (Within::Start, b'"') => Within::String,
            (Within::Start, b' ' | b'\t' | b'\r' | b'\n') => Within::Start,
            (Within::Start | Within::Structure, b'}') | (Within::Structure, b']') => {
                open -= 1;
                if open == 0 {
                    return Scan::Closed(at + 1);
                }
                Within::Structure
            }
            // YAML that seemed to be JSON: that has no comments, and no other quotes.
            (Within::Start, _) | (Within::Structure, b'#' | b'\'') => return Scan::OtherThanJson,
            (Within::Structure, b'{' | b'[') => {
                open = open.saturating_add(1);
                Within::Structure
            }
            (Within::Structure, _) => Within::Structure,
        }
    }
    Scan::Open(open, within)
}

/// How many characters these bytes of UTF-8 are.
pub(super) fn chars(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split_by(largest: usize, chunks: &[&[u8]]) -> Vec<Piece> {
        let (mut splitter, mut pieces) = (Splitter::with_largest(largest), Vec::new());
        for chunk in chunks {
            splitter.push(chunk, &mut |piece| pieces.push(piece));
        }
        splitter.finish(&mut |piece| pieces.push(piece));
        pieces
    }

    /// `line:column text`
    fn split(text: &str) -> Vec<String> {
        let shown = |piece: Piece| {
            let text = piece.text.map_or_else(|| "(too large)".into(), |text| String::from_utf8(text).expect("UTF-8"));
            format!("{} {text}", piece.start)
        };
        split_by(LARGEST, &[text.as_bytes()]).into_iter().map(shown).collect()
    }

    #[test]
    fn a_line_of_dashes_or_dots_ends_a_document() {
        assert_eq!(split("a: 1\n---\nb: 2\n...\nc: 3"), ["1:1 a: 1\n", "2:1 ---\nb: 2\n", "5:1 c: 3"]);
        assert_eq!(split("a: |\n  x\n---\t# next\nb: 2\n"), ["1:1 a: |\n  x\n", "3:1 ---\t# next\nb: 2\n"]);
        assert_eq!(split("a: 1\r\n---\r\nb: 2\r\n"), ["1:1 a: 1\r\n", "2:1 ---\r\nb: 2\r\n"]);
        for whole in ["a: 1\n ---\nb: 2\n", "---a: 1\n", "a:\n--- 1", "a: 1\n....\n"] {
            assert_eq!(split(whole).last().map(|last| last.ends_with(whole) || whole.contains("\n--- 1")), Some(true));
        }
    }

    #[test]
    fn what_is_empty_is_no_document() {
        assert_eq!(split("\n# only words\n---\n---\n \n...\n---\n# Source: x\n"), [""; 0]);
        assert_eq!(split("---\n# Source: x\na: 1\n"), ["1:1 ---\n# Source: x\na: 1\n"]);
        assert_eq!(split(""), [""; 0]);
    }

    #[test]
    fn directives_belong_to_what_follows() {
        assert_eq!(split("%YAML 1.1\n# x\n---\na: 1\n---\nb: 2"), ["1:1 %YAML 1.1\n# x\n---\na: 1\n", "5:1 ---\nb: 2"]);
    }

    #[test]
    fn objects_in_json_need_nothing_between_them() {
        assert_eq!(
            split("{\"a\": {}}{\"b\": \"}\\\"}\"} {}"),
            ["1:1 {\"a\": {}}", "1:10 {\"b\": \"}\\\"}\"}", "1:23  {}"]
        );
        assert_eq!(split("{}\n{}\n"), ["1:1 {}", "1:3 \n{}"]);
        assert_eq!(split("---\n{\"a\": 1}\n---\n{\"b\": 1}\n").len(), 2);
        // YAML that only looks like it.
        assert_eq!(split("{\"a\": '}'}"), ["1:1 {\"a\": '}'}"]);
        assert_eq!(split("{a: {}} # {}\n"), ["1:1 {a: {}} # {}\n"]);
        assert_eq!(split("{ # }\n}"), ["1:1 { # }\n}"]);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_document() {
        assert_eq!(split("\u{feff}---\na: 1"), ["1:1 ---\na: 1"]);
        assert_eq!(split("\u{feff}{}"), ["1:1 {}"]);
        assert_eq!(split("\u{feff}\u{feff}a: 1"), ["1:1 \u{feff}a: 1"]);
        assert_eq!(split("\u{feff}"), [""; 0]);
    }

    #[test]
    fn a_document_that_is_too_large_is_let_go_and_the_next_is_not() {
        let large = "x".repeat(50);
        for document in [format!("a: {large}\n"), "a: 1\n".repeat(12), format!("{{\"a\": \"{large}\"}}\n")] {
            let text = format!("b: 1\n---\n{document}---\nc: 1\n");
            for size in [1, 3, 16, text.len()] {
                let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
                let pieces = split_by(40, &chunks);
                let kept: Vec<_> =
                    pieces.iter().map(|piece| piece.text.as_deref().map(|text| text.ends_with(b": 1\n"))).collect();
                assert_eq!(kept, [Some(true), None, Some(true)], "{text} in {size}");
                assert_eq!(pieces[1].start, Mark { line: 2, column: 1 });
            }
        }
        // On one line, too.
        let text = format!("{{\"a\": \"{large}\"}}{{}}");
        assert_eq!(split_by(40, &[text.as_bytes()])[1].start, Mark { line: 1, column: 60 });
    }

    proptest! {
        #[test]
        fn documents_do_not_depend_on_how_the_bytes_arrive(
            text in "(---|\\.\\.\\.|[ab]: 1|[{}\"'#%\\\\é]|\\{\"a\": 1\\}|\\{|\"|\\}| |\u{feff}|\r?\n){0,40}",
            sizes in proptest::collection::vec(1_usize..9, 1..9),
            largest in 8_usize..40,
        ) {
            for largest in [largest, LARGEST] {
                let (mut rest, mut chunks) = (text.as_bytes(), Vec::new());
                for size in sizes.iter().cycle() {
                    if rest.is_empty() {
                        break;
                    }
                    let (chunk, behind) = rest.split_at(rest.len().min(*size));
                    chunks.push(chunk);
                    rest = behind;
                }
                let pieces = split_by(largest, &chunks);
                if largest == LARGEST {
                    prop_assert_eq!(&pieces, &split_by(largest, &[text.as_bytes()]));
                }
                for piece in pieces {
                    let at = offset(&text, piece.start);
                    if let Some(kept) = piece.text {
                        prop_assert!(text.as_bytes()[at..].starts_with(&kept));
                    }
                }
            }
        }
    }

    /// Where in the text a mark stands, behind a byte order mark at its beginning.
    fn offset(text: &str, mark: Mark) -> usize {
        let text_of_lines = text.strip_prefix('\u{feff}').unwrap_or(text);
        let line = text_of_lines.split_inclusive('\n').take(mark.line as usize - 1).map(str::len).sum::<usize>();
        let column = text_of_lines[line..].char_indices().nth(mark.column as usize - 1).map_or(0, |(at, _)| at);
        text.len() - text_of_lines.len() + line + column
    }
}
