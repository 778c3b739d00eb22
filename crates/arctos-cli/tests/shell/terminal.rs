//! `arctos repl` on a pseudo-terminal: prompt, colours, completion, history.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::run::fixtures;

/// A terminal with the program in it.
struct Terminal {
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
    child: Child,
}

impl Terminal {
    fn start(state: &PathBuf, arguments: &[&str]) -> Terminal {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let inside = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_arctos"))
            .args(arguments)
            .current_dir(fixtures())
            .env("XDG_STATE_HOME", state)
            .env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .stdin(Stdio::from(inside.try_clone().unwrap()))
            .stdout(Stdio::from(inside.try_clone().unwrap()))
            .stderr(Stdio::from(inside))
            .spawn()
            .unwrap();
        let keyboard = File::from(keyboard);
        let mut reader = keyboard.try_clone().unwrap();
        let (sender, screen) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Terminal { keyboard, screen, seen: String::new(), child }
    }

    /// Waits until that text has appeared after what was waited for before.
    fn wait_for(&mut self, text: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while !self.seen.contains(text) {
            let left = end.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("`{text}` did not appear in {:?}", self.seen),
            }
        }
        let after = self.seen.find(text).unwrap() + text.len();
        self.seen.drain(..after);
    }

    /// Presses keys until the program ends. What is pressed in the moment before a line is read may be lost, as with people.
    fn leave(&mut self, keys: &str) -> bool {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            // A program that has gone has no keyboard.
            let _ = self.keyboard.write_all(keys.as_bytes());
            for _ in 0..10 {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status.success();
                }
                thread::sleep(Duration::from_millis(100));
            }
        }
        panic!("the program has not ended: {:?}", self.seen);
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_session_at_the_prompt() {
    let state = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("terminal-state");
    let _ = fs::remove_dir_all(&state);
    let mut terminal = Terminal::start(&state, &["repl", "facts.polar"]);
    terminal.wait_for("`:help` lists the commands");
    terminal.wait_for("polar> ");
    // Completed by Tab, coloured, answered.
    terminal.press("ances\t");
    terminal.wait_for("ancestor(");
    terminal.press("\"ann\", x)\r");
    terminal.wait_for("\x1b[32m\"ann\"\x1b[0m");
    terminal.wait_for("x = \"bob\"");
    terminal.wait_for("polar> ");
    // Unfinished until the bracket is closed.
    terminal.press("z = [1,\r");
    terminal.press("2]\r");
    terminal.wait_for("z = [1, 2]");
    terminal.wait_for("polar> ");
    // Ctrl-C drops a line, Ctrl-D leaves.
    terminal.press("nonsense\x03");
    terminal.wait_for("polar> ");
    assert!(terminal.leave("\x04"));
    let history = fs::read_to_string(state.join("arctos").join("history")).unwrap();
    assert!(history.contains("ancestor(\"ann\", x)"), "{history}");

    // The next session begins with that history: two lines up is the first question.
    let mut terminal = Terminal::start(&state, &["repl", "--color", "never", "facts.polar"]);
    terminal.wait_for("polar> ");
    terminal.press("\x1b[A\x1b[A\x1b[A\r");
    terminal.wait_for("x = \"bob\"");
    assert!(terminal.leave(":quit\r"));
}
