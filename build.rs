//! Lists the lint's rules, whose files are their documentation.
#![expect(clippy::disallowed_methods, reason = "Cargo names the folder to write into")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var_os("OUT_DIR").expect("Cargo names a folder");
    std::fs::write(Path::new(&folder).join("rules.rs"), rule_files()).expect("the folder can be written");
}

/// The code of each rule, which its path says, and its file.
fn rule_files() -> String {
    let root = Path::new("src/lint/rules");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut rows = BTreeMap::new();
    for family in entries(root).into_iter().filter(|path| path.is_dir()) {
        println!("cargo::rerun-if-changed={}", family.display());
        for file in entries(&family) {
            let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().replace('_', "-");
            if name(&file) != "mod" {
                let full = std::path::absolute(&file).expect("a path");
                let full = full.to_str().expect("a path in UTF-8").to_owned();
                rows.insert(format!("{}/{}", name(&family), name(&file)), full);
            }
        }
    }
    let rows: Vec<String> =
        rows.iter().map(|(code, file)| format!("    ({code:?}, include_str!({file:?})),\n")).collect();
    format!("const RULE_FILES: &[(&str, &str)] = &[\n{}];\n", rows.concat())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of rules");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
