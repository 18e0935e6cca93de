//! `${NAME}`, `${?NAME}` and `${NAME:-else}`, put in their places before anything else is read, comments and all
//! (klag-exporter 0.1.29, `substitute_env_vars` in `src/config.rs`: `\$\{\??([^}:-]+)(?::-([^}]*))?\}`).
//!
//! A variable that is set to nothing is nothing, and not what stands behind `:-`. One whose value is not known is held open
//! by a stand-in that is TOML: which settings it is a part of is then seen by where it stands.

use std::borrow::Cow;
use std::ops::Range;

/// What is known of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable<'v> {
    /// It has this value.
    Set(Cow<'v, str>),
    /// There is no such variable.
    Unset,
    /// It may have any value, or none.
    Open,
}

/// A text with its variables in their places.
#[derive(Debug)]
pub(super) struct Substituted {
    pub(super) text: String,
    pieces: Vec<Piece>,
}

/// A variable in its place.
#[derive(Debug)]
struct Piece {
    name: String,
    /// In the text that has been made.
    to: Range<usize>,
    /// In the text as it was written.
    from: Range<usize>,
    kind: Kind,
    comment: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Set,
    /// Nobody sets it, and nothing else is said.
    Unset,
    Open,
}

/// Where one is in a line of TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Bare,
    Quoted(char),
    Comment,
}

/// A reference to a variable.
struct Reference<'t> {
    name: &'t str,
    otherwise: Option<&'t str>,
    length: usize,
}

/// A text with its variables in their places. One that may have any value stays: `${NAME}`.
pub fn substitute<'v>(text: &str, variable: impl Fn(&str) -> Variable<'v>) -> String {
    replace(text, |reference, _, made| match (variable(reference.name), reference.otherwise) {
        (Variable::Set(value), _) => made.push_str(&value),
        (Variable::Unset, otherwise) => made.push_str(otherwise.unwrap_or_default()),
        (Variable::Open, _) => made.push_str(&format!("${{{}}}", reference.name)),
    })
}

/// A text with something else in the place of each reference, which is told with where it begins.
fn replace(text: &str, mut place: impl FnMut(&Reference<'_>, usize, &mut String)) -> String {
    let mut made = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(next) = text[at..].find("${").map(|next| at + next) {
        made.push_str(&text[at..next]);
        if let Some(reference) = reference(&text[next..]) {
            place(&reference, next, &mut made);
            at = next + reference.length;
        } else {
            made.push('$');
            at = next + 1;
        }
    }
    made.push_str(&text[at..]);
    made
}

impl Substituted {
    pub(super) fn new<'v>(text: &str, variable: impl Fn(&str) -> Variable<'v>) -> Self {
        let mut pieces = Vec::new();
        let text = replace(text, |reference, at, made| {
            let within = within(made);
            let start = made.len();
            let kind = match (variable(reference.name), reference.otherwise) {
                (Variable::Set(value), _) => {
                    made.push_str(&value);
                    Kind::Set
                }
                (Variable::Unset, Some(otherwise)) => {
                    made.push_str(otherwise);
                    Kind::Set
                }
                (Variable::Unset, None) => Kind::Unset,
                (Variable::Open, _) => {
                    made.push_str(if within == Within::Bare { "\"x\"" } else { "x" });
                    Kind::Open
                }
            };
            let (name, comment) = (reference.name.to_owned(), within == Within::Comment);
            pieces.push(Piece { name, to: start..made.len(), from: at..at + reference.length, kind, comment });
        });
        Self { text, pieces }
    }

    /// Where something of the text that was made stands in the text as it was written.
    pub(super) fn origin(&self, at: usize) -> usize {
        let Some(piece) = self.pieces.iter().rev().find(|piece| piece.to.start <= at) else { return at };
        // What a variable has brought stands where the variable does.
        if at < piece.to.end { piece.from.start } else { piece.from.end + (at - piece.to.end) }
    }

    /// The variables that are held open outside of comments.
    pub(super) fn open(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter(|piece| piece.kind == Kind::Open && !piece.comment).map(|piece| &*piece.name)
    }

    /// Whether anything in this part is held open.
    pub(super) fn is_open(&self, part: &Range<usize>) -> bool {
        self.inside(part).any(|piece| piece.kind == Kind::Open)
    }

    /// Whether what is held open could be why something is wrong here: it stands in the same line, or is a value by itself.
    pub(super) fn is_open_near(&self, at: usize) -> bool {
        let line = self.line(at);
        let mut open = self.pieces.iter().filter(|piece| piece.kind == Kind::Open && !piece.comment);
        open.any(|piece| self.text[piece.to.clone()].starts_with('"') || line.contains(&piece.to.start))
    }

    /// The variable that is all of a value: this part of the text, without its quotes.
    pub(super) fn whole(&self, part: &Range<usize>) -> Option<&str> {
        let mut inside = self.inside(part);
        let (Some(piece), None) = (inside.next(), inside.next()) else { return None };
        let rest = |range: Range<usize>| self.text.get(range).unwrap_or_default().trim_matches(['"', '\'']).is_empty();
        (rest(part.start..piece.to.start) && rest(piece.to.end..part.end)).then_some(&*piece.name)
    }

    /// A variable that nobody sets, in the line that this is in.
    pub(super) fn unset_near(&self, at: usize) -> Option<&str> {
        let line = self.line(at);
        let mut unset = self.pieces.iter().filter(|piece| piece.kind == Kind::Unset && !piece.comment);
        // Where nothing has taken its place, what is wrong is seen at the end of its line, or behind that.
        unset.find(|piece| line.contains(&piece.to.start) || line.end == piece.to.start).map(|piece| &*piece.name)
    }

    /// The variables that nobody sets, each once, with the places where they are first.
    pub(super) fn unset(&self) -> impl Iterator<Item = (&str, usize)> {
        let unset = |piece: &&Piece| piece.kind == Kind::Unset && !piece.comment;
        let all = self.pieces.iter().filter(unset).enumerate();
        let first = move |(index, piece): &(usize, &Piece)| {
            !self.pieces.iter().filter(unset).take(*index).any(|other| other.name == piece.name)
        };
        all.filter(first).map(|(_, piece)| (&*piece.name, piece.from.start))
    }

    /// Whether a value is held open that is of any kind: no quotes stand around it.
    pub(super) fn is_open_bare(&self, part: &Range<usize>) -> bool {
        self.inside(part).any(|piece| piece.kind == Kind::Open && self.text[piece.to.clone()].starts_with('"'))
    }

    /// The variables in a value, whether its quotes are a part of it or not.
    fn inside(&self, part: &Range<usize>) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| part.start <= piece.to.end && piece.to.start <= part.end)
    }

    /// The line that a place is in; of its end, the line that ends there.
    fn line(&self, at: usize) -> Range<usize> {
        let at = at.min(self.text.len());
        let start = self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let end =
            self.text.get(at..).and_then(|after| after.find('\n')).map_or(self.text.len(), |newline| at + newline);
        start..end
    }
}

/// The reference that a text begins with, `${` and all.
fn reference(text: &str) -> Option<Reference<'_>> {
    let inner = text.strip_prefix("${")?;
    // `?` is a name where it would leave none. With it nothing is meant to be there where nobody sets it.
    let optional = inner.strip_prefix('?').filter(|rest| !rest.starts_with(['}', ':', '-']));
    let rest = optional.unwrap_or(inner);
    let end = rest.find(['}', ':', '-']).filter(|&end| end > 0)?;
    let (name, after) = rest.split_at(end);
    let (otherwise, after) = match after.strip_prefix(":-") {
        Some(after) => after.split_once('}').map(|(otherwise, after)| (Some(otherwise), after))?,
        None => (optional.map(|_| ""), after.strip_prefix('}')?),
    };
    Some(Reference { name, otherwise, length: text.len() - after.len() })
}

/// Where one is at the end of a text, by its last line: a value alone is never told from one in a longer text by more.
fn within(text: &str) -> Within {
    let line = text.rsplit('\n').next().unwrap_or_default();
    let (mut within, mut escaped) = (Within::Bare, false);
    for letter in line.chars() {
        within = match (within, letter) {
            (Within::Bare, '#') => return Within::Comment,
            (Within::Bare, '"' | '\'') => Within::Quoted(letter),
            (Within::Quoted(quote), letter) if letter == quote && !escaped => Within::Bare,
            (within, _) => within,
        };
        escaped = within == Within::Quoted('"') && letter == '\\' && !escaped;
    }
    within
}
