//! Whole runs of the command: what it prints where, and how it exits.
//!
//! Each file in `cases` holds commands with what they print, and the files they run on; see `case.rs` for
//! the form. `UPDATE_CASES=1 cargo test --test cli` writes what was printed into them, to be read before it is
//! committed.
#![allow(
    clippy::allow_attributes,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests start the program and read and write files"
)]

mod bad_input;
mod case;
mod order;
mod run;
mod sarif;

use std::path::{Path, PathBuf};

use case::Case;

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are cases");
    let update = std::env::var_os("UPDATE_CASES").is_some();
    let mut failed = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case");
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let got = Case::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}")).run(&name);
        if got == text {
            continue;
        }
        if update {
            std::fs::write(&file, got).expect("the case is written");
        } else {
            eprintln!("{name}.txt differs: - expected, + printed\n{}", difference(&text, &got));
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "these cases differ: {failed:?}; UPDATE_CASES=1 accepts what was printed");
}

/// The lines that differ, with the command they belong to.
fn difference(expect: &str, got: &str) -> String {
    let expect: Vec<&str> = expect.lines().collect();
    let got: Vec<&str> = got.lines().collect();
    let head = expect.iter().zip(&got).take_while(|(a, b)| a == b).count();
    let tail = expect[head..].iter().rev().zip(got[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let command = expect[..head].iter().rev().find(|line| line.starts_with("$ ")).copied().unwrap_or("");
    let mut out = vec![command.to_owned()];
    out.extend(expect[head..expect.len() - tail].iter().map(|line| format!("- {line}")));
    out.extend(got[head..got.len() - tail].iter().map(|line| format!("+ {line}")));
    out.join("\n")
}

/// The examples of README.md that read nothing but what is in the repository.
#[test]
fn the_examples_of_the_readme_work() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("README.md");
    let blocks = readme.split("```").skip(1).step_by(2);
    let examples: Vec<&str> =
        blocks.flat_map(str::lines).filter(|line| line.starts_with("promtier ")).collect();
    assert!(examples.len() >= 4, "README.md shows the command");
    for example in examples {
        let words = case::words(example);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_promtier"))
            .args(&words[1..])
            .current_dir(root)
            .stdin(std::process::Stdio::null())
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{example}: {}: {said}", output.status);
    }
}
