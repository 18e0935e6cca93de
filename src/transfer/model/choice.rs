//! What is left open: each choice is asked for, and every answer to it is followed.

use crate::elector::Draws;
use crate::model::Micros;

/// One way through the choices of a step: the first as they stand in the script, the rest the first of each.
#[derive(Debug, Default)]
pub(super) struct Choices {
    script: Vec<u8>,
    widths: Vec<u8>,
    at: usize,
}

impl Choices {
    /// One of so many.
    pub(super) fn pick(&mut self, of: u8) -> u8 {
        if of < 2 {
            return 0;
        }
        if self.at == self.script.len() {
            self.script.push(0);
            self.widths.push(of);
        }
        self.at += 1;
        self.script[self.at - 1]
    }

    /// One of these.
    pub(super) fn among<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::from(self.pick(u8::try_from(all.len()).expect("a few")))]
    }

    /// The next way, if there is one.
    fn next(mut self) -> Option<Self> {
        while let (Some(chosen), Some(width)) = (self.script.pop(), self.widths.pop()) {
            if chosen + 1 < width {
                self.script.push(chosen + 1);
                self.widths.push(width);
                return Some(Self { at: 0, ..self });
            }
        }
        None
    }

    /// Goes every way once.
    pub(super) fn every(mut go: impl FnMut(&mut Self)) {
        let mut choices = Self::default();
        loop {
            go(&mut choices);
            match choices.next() {
                Some(next) => choices = next,
                None => return,
            }
        }
    }
}

/// A draw is the least or the most that it can be.
impl Draws for Choices {
    fn between(&mut self, low: Micros, high: Micros) -> Micros {
        if low == high { low } else { self.among(&[low, high]) }
    }
}

#[test]
fn every_way_is_gone_once() {
    let mut ways = Vec::new();
    Choices::every(|choices| {
        let first = choices.pick(2);
        let second = if first == 0 { choices.pick(3) } else { 9 };
        ways.push((first, second, choices.pick(1)));
    });
    assert_eq!(ways, [(0, 0, 0), (0, 1, 0), (0, 2, 0), (1, 9, 0)]);
}
