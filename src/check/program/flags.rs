//! Flags, as Go reads them: which word is one, what it is set to, and which words end the list.
//!
//! Go has two readers. `flag` (<https://pkg.go.dev/flag>, what kubebuilder's scaffold uses) stops at the first word that is
//! neither a flag nor the value of one; `pflag` (<https://pkg.go.dev/github.com/spf13/pflag>, what cobra uses) goes on. With
//! both a flag that is a truth value never takes the next word: `--leader-elect false` is true, and `false` a word too many.
//! Which of them a program uses its manifest does not say.

use super::Argument;

/// A word that is a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Flag<'p> {
    /// Without its dashes, and without its value.
    pub(in crate::check) name: &'p str,
    /// What stands behind `=`.
    pub(in crate::check) set: Option<&'p str>,
    /// The next word, if it is no flag: the value, unless the flag is a truth value.
    pub(in crate::check) next: Option<&'p Argument>,
    /// The word.
    pub(in crate::check) argument: &'p Argument,
    /// Which of the words, from 0.
    pub(in crate::check) index: usize,
}

/// A word that does not do what it seems to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct Stray<'p> {
    pub(in crate::check) kind: Kind,
    pub(in crate::check) argument: &'p Argument,
    /// Which of the words, from 0.
    pub(in crate::check) index: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Kind {
    /// `true` or `false` behind a flag that is already true without it.
    Switched,
    /// `leader-election=true`: a flag but for its dashes.
    Undashed,
    /// Nothing at all: an empty word.
    Empty,
}

/// All that one program is given.
#[derive(Debug, Default)]
pub(in crate::check) struct Flags<'p> {
    pub(in crate::check) all: Vec<Flag<'p>>,
    pub(in crate::check) strays: Vec<Stray<'p>>,
}

impl<'p> Flags<'p> {
    pub(in crate::check) fn read(arguments: &'p [Argument]) -> Self {
        let mut flags = Self::default();
        for (index, argument) in arguments.iter().enumerate() {
            if argument.text == "--" {
                break;
            }
            if let Some((name, set)) = split(argument) {
                let next = arguments.get(index + 1).filter(|next| split(next).is_none() && next.text != "--");
                flags.all.push(Flag { name, set, next, argument, index });
            } else if let Some(kind) = flags.stray(argument, index) {
                flags.strays.push(Stray { kind, argument, index });
            }
        }
        flags
    }

    /// What is wrong with a word that is no flag. Words before the first flag are commands, and one behind a flag without
    /// a value may be its value.
    fn stray(&self, argument: &Argument, index: usize) -> Option<Kind> {
        let before = self.all.last()?;
        let value = before.index + 1 == index && before.set.is_none();
        let truth = value && truth(&argument.text).is_some() && argument.text.len() > 1 && !argument.open;
        match argument.text.as_str() {
            "" if !value && !argument.open => Some(Kind::Empty),
            _ if truth => Some(Kind::Switched),
            _ if (!value || before.is_switch()) && assigns(&argument.text) => Some(Kind::Undashed),
            _ => None,
        }
    }

    /// The flags behind a word.
    pub(in crate::check) fn behind(&self, stray: Stray<'_>) -> impl Iterator<Item = &Flag<'p>> {
        self.all.iter().filter(move |flag| flag.index > stray.index)
    }
}

impl<'p> Flag<'p> {
    /// What a flag that is a truth value is set to; `None` where that is not known, or nothing that Go takes for one.
    pub(in crate::check) fn on(&self) -> Option<bool> {
        match self.set {
            None => Some(true),
            Some(_) if self.argument.open => None,
            Some(set) => truth(set),
        }
    }

    /// What any other flag is set to.
    pub(in crate::check) fn value(&self) -> Option<&'p str> {
        self.set.or_else(|| self.next.map(|next| next.text.as_str()))
    }

    /// Whether it is known to be a truth value: by what it is called.
    fn is_switch(&self) -> bool {
        crate::check::election::words::switch(self.name).is_some()
    }
}

/// Name and value of a word that is a flag: one dash or two, and then a name.
fn split(argument: &Argument) -> Option<(&str, Option<&str>)> {
    let text = &argument.text;
    let name = text.strip_prefix("--").or_else(|| text.strip_prefix('-'))?;
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    Some(name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value))))
}

/// A truth value, as Go reads it (`strconv.ParseBool`).
pub(in crate::check) fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// `name=value` with a name that a flag has: small letters, digits and dashes, and a dash among them.
fn assigns(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    let named = name.split('-').count() > 1
        && name.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
    named && !value.is_empty()
}
