//! A real terminal: a pseudo-terminal, whose other end is read and typed at.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

/// Both ends of a terminal, and what was shown on it.
pub(crate) struct Screen {
    person: File,
    /// The end for [`Hactl::spawn_at`](super::Hactl::spawn_at).
    pub(crate) program: OwnedFd,
    shown: Arc<Mutex<String>>,
}

impl Screen {
    pub(crate) fn open() -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&person).and_then(|()| unlockpt(&person)).expect("its other end may be opened");
        let path = ptsname(&person, Vec::new()).expect("its other end has a name");
        let program = open(path.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("its other end");
        let shown = Arc::new(Mutex::new(String::new()));
        let person = File::from(person);
        let (mut screen, keeps) = (person.try_clone().expect("one more file descriptor"), Arc::clone(&shown));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                keeps.lock().expect("nobody panics with it").push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        Self { person, program, shown }
    }

    pub(crate) fn shows(&self, words: &str) -> bool {
        self.shown.lock().expect("nobody panics with it").contains(words)
    }

    pub(crate) fn shown(&self) -> String {
        self.shown.lock().expect("nobody panics with it").clone()
    }

    pub(crate) fn type_in(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).expect("the terminal is open");
    }

    /// Whether it echoes what is typed, and reads whole lines.
    pub(crate) fn is_sane(&self) -> bool {
        let modes = tcgetattr(&self.program).expect("it is a terminal").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }
}
