//! The form of a case:
//!
//! ```text
//! # What this shows.
//!
//! $ promtier match leaf.prom -s 'up'
//! > a line of standard output
//! ! a line of standard error
//! exit 1
//!
//! $ promtier match - -s 'up' < leaf.prom
//!
//! -- leaf.prom --
//! up 1
//! ```
//!
//! A command may take its input from one of the files. Exit status 0 is not written.

use std::fmt::Write as _;

use crate::run::{Folder, promtier};

/// A file of commands and what they run on.
pub(crate) struct Case {
    comment: String,
    commands: Vec<String>,
    files: Vec<(String, String)>,
}

impl Case {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut case = Self { comment: String::new(), commands: Vec::new(), files: Vec::new() };
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches('\n');
            if let Some(path) = bare.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
                case.files.push((path.to_owned(), String::new()));
            } else if let Some((_, content)) = case.files.last_mut() {
                content.push_str(line);
            } else if let Some(command) = bare.strip_prefix("$ ") {
                case.commands.push(command.to_owned());
            } else if case.commands.is_empty() && (bare.starts_with('#') || bare.is_empty()) {
                case.comment.push_str(line);
            } else if !(bare.is_empty() || bare.starts_with(['>', '!']) || bare.starts_with("exit ")) {
                return Err(format!("not a line of a case: {bare:?}"));
            }
        }
        Ok(case)
    }

    /// Runs the commands; the case's text with what they printed.
    pub(crate) fn run(&self, name: &str) -> String {
        let folder = Folder::new(name);
        for (path, content) in &self.files {
            folder.write(path, content.as_bytes());
        }
        let mut out = self.comment.clone();
        for command in &self.commands {
            let mut words = words(command);
            assert_eq!(words.first().map(String::as_str), Some("promtier"), "{name}: {command}");
            let input = match words.iter().position(|word| word == "<") {
                Some(at) => {
                    let file = words.split_off(at).pop().unwrap_or_default();
                    folder.read(&file)
                }
                None => Vec::new(),
            };
            let ran = promtier(&folder).args(&words[1..]).input(input).run();
            let _ = writeln!(out, "$ {command}");
            for (mark, printed) in [('>', &ran.out), ('!', &ran.err)] {
                for line in printed.lines() {
                    let _ = writeln!(out, "{}", format!("{mark} {line}").trim_end());
                }
                assert!(printed.is_empty() || printed.ends_with('\n'), "{name}: {command}: no final newline");
            }
            if ran.status != 0 {
                let _ = writeln!(out, "exit {}", ran.status);
            }
            out.push('\n');
        }
        for (path, content) in &self.files {
            let _ = write!(out, "-- {path} --\n{content}");
        }
        out
    }
}

/// Splits a command as a shell would, with single quotes only.
pub(crate) fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    assert!(!quoted, "a quote is not closed: {command}");
    words.extend(word);
    words
}
