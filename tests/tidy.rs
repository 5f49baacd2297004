//! The rules of the house that no compiler holds: which module may know which, where the outside world may be
//! named, and how files look. ARCHITECTURE.md says why.
#![allow(clippy::allow_attributes, clippy::disallowed_methods, reason = "tests read the source")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The library's modules from the bottom up. A module knows only those of the lines above its own.
const LAYERS: &[&[&str]] = &[
    &["version"],
    &["sort"],
    &["text"],
    &["diagnostic"],
    &["yaml", "regex", "labels", "units"],
    &["series"],
    &["selector", "exposition", "relabel"],
    &["promql"],
    &["prometheus", "rules"],
    &["workspace"],
    &["federation"],
    &["lint"],
    &["assist"],
    &["engine"],
];

/// Where the library's modules are: its lowest ones are a crate of their own.
const CRATES: [&str; 2] = ["src", "crates/core/src"];

/// What the page may know of the library: messages, positions, findings. All else is the engine's.
const KNOWN_TO_THE_PAGE: &[&str] = &["engine::protocol", "text", "diagnostic"];

/// Names that say nothing about what a thing is for.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "manager", "common", "misc"];

/// A file of the project.
struct Source {
    /// From the project's root, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The numbered lines without comments, cut at the first `//` outside of a string.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(number, line)| (number + 1, without_comment(line)))
    }

    /// Its path below the folder of its crate's source.
    fn inside(&self) -> Option<&str> {
        CRATES.iter().find_map(|folder| self.path.strip_prefix(folder)?.strip_prefix('/'))
    }

    /// The library module this file belongs to: `series` for `src/series/…` and for `src/series.rs`.
    fn module(&self) -> Option<&str> {
        let name = self.inside()?.split('/').next()?;
        let name = name.strip_suffix(".rs").unwrap_or(name);
        LAYERS.iter().any(|layer| layer.contains(&name)).then_some(name)
    }
}

/// A line up to its comment.
fn without_comment(line: &str) -> &str {
    let mut inside = false;
    let mut escaped = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' if !escaped && !line[..at].ends_with('\'') => inside = !inside,
            b'/' if !inside && line[at..].starts_with("//") => return &line[..at],
            _ => {}
        }
        escaped = byte == b'\\' && !escaped;
    }
    line
}

/// Every file below `folders` that ends in one of `endings`, in order. A folder may be absent, a file may not.
fn sources(folders: &[&str], endings: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = paths.pop() {
        if path.extension().is_none() && !path.exists() {
            continue;
        }
        if path.is_dir() {
            paths.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|it| endings.iter().any(|ending| it == *ending)) {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            found.push(Source { path: name, text: fs::read_to_string(&path).expect("UTF-8 text") });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no files below {folders:?}");
    found
}

/// The paths named below `root` in some code: `text::Span` and `lint` of `crate::{text::Span, lint}`.
fn paths_below(code: &str, root: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(root) {
        let whole =
            !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '$');
        let Some(rest) = code[at + root.len()..].strip_prefix("::").filter(|_| whole) else { continue };
        collect_paths(rest, "", &mut paths);
    }
    paths
}

/// Adds the paths of one `use` tree, up to its end.
fn collect_paths(tree: &str, prefix: &str, paths: &mut Vec<String>) {
    let Some(inner) = tree.strip_prefix('{') else {
        let end = tree.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(tree.len());
        let path = format!("{prefix}{}", &tree[..end]);
        match tree[end..].starts_with('{').then(|| path.strip_suffix("::")).flatten() {
            Some(parent) => collect_paths(&tree[end..], &format!("{parent}::"), paths),
            None => paths.push(path.trim_end_matches(':').to_owned()),
        }
        return;
    };
    let mut depth = 0usize;
    let mut start = 0;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                let item = inner[start..at].trim();
                if !item.is_empty() {
                    collect_paths(item, prefix, paths);
                }
                start = at + 1;
                if c == '}' {
                    return;
                }
            }
            _ => {}
        }
    }
}

/// The code of a file in one piece, so that a `use` of several lines is seen whole.
fn whole_code(source: &Source) -> String {
    source.code().map(|(_, line)| line.trim()).collect::<Vec<_>>().join(" ")
}

/// Fails with every fault, one a line.
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Every line of code of the library and its shells outside of `allowed` that `names` says is a fault.
fn lines_outside(allowed: &[&str], what: &str, names: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources(&CRATES, &["rs"]) {
        if allowed.iter().any(|place| source.inside().is_some_and(|inside| inside.starts_with(place))) {
            continue;
        }
        for (number, line) in source.code().filter(|(_, line)| names(&source, line)) {
            faults.push(format!("{}:{number}: {what}: {}", source.path, line.trim()));
        }
    }
    faults
}

#[test]
fn paths_are_found_in_every_form_of_use() {
    let check = |code: &str, expect: &[&str]| assert_eq!(paths_below(code, "crate"), expect, "{code}");
    check("use crate::text::Span;", &["text::Span"]);
    check(
        "use crate::{lint, text::{Span, edit::TextEdit}, yaml};",
        &["lint", "text::Span", "text::edit::TextEdit", "yaml"],
    );
    check("fn f(x: &crate::series::Store) -> crate::text::Span", &["series::Store", "text::Span"]);
    check("pub(crate) fn crate_name()", &[]);
    check("othercrate::text::Span", &[]);
    assert_eq!(without_comment(r#"let a = "http://x"; // crate::lint"#), r#"let a = "http://x"; "#);
    assert_eq!(without_comment("/// [`crate::lint`]"), "");
}

#[test]
fn dependencies_run_downwards() {
    let height = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    let mut faults = Vec::new();
    for source in sources(&CRATES, &["rs"]) {
        let Some(module) = source.module() else { continue };
        for path in paths_below(&whole_code(&source), "crate") {
            let target = path.split("::").next().unwrap_or_default();
            let fine = target == module || height(target) < height(module);
            if height(target).is_some() && !fine {
                faults.push(format!("{}: `{module}` must not know `crate::{path}`", source.path));
            }
        }
    }
    none(&faults);
}

#[test]
fn the_library_sorts_with_one_copy_of_the_machine_code() {
    let allowed = ["sort.rs", "series/order.rs", "cli/"];
    let faults = lines_outside(&allowed, "compiles a sort of its own: see sort.rs", |source, line| {
        // The tests of a file stand at its end.
        let tests = source.text.find("#[cfg(test)]").unwrap_or(source.text.len());
        let at = line.as_ptr() as usize - source.text.as_ptr() as usize;
        let is_test = at > tests || source.path.ends_with("tests.rs");
        let sorts =
            [".sort(", ".sort_by", ".sort_unstable", "collect::<BTree", "BTreeSet::from(", "BTreeMap::from("];
        !is_test && sorts.iter().any(|sort| line.contains(sort))
    });
    none(&faults);
    let mut faults = Vec::new();
    for source in sources(&CRATES, &["rs"]) {
        if source.path.ends_with("tests.rs")
            || source.inside().is_some_and(|inside| inside.starts_with("cli/"))
        {
            continue;
        }
        let code = whole_code(&source);
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for statement in code.split(';') {
            let ordered = statement.contains(": BTreeMap<") || statement.contains(": BTreeSet<");
            if ordered
                && statement.ends_with(".collect()")
                && statement.rfind("let ") < statement.rfind(": BTree")
            {
                faults.push(format!(
                    "{}: collects into what it sorts first: see sort.rs: {statement}",
                    source.path
                ));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_module_has_a_layer_and_a_place_on_the_map() {
    let map =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).expect("the map");
    let mut faults = Vec::new();
    for folder in CRATES {
        let library = sources(&[&format!("{folder}/lib.rs")], &["rs"]).remove(0);
        for (_, line) in library.code() {
            let Some(name) = line.trim().trim_start_matches("pub ").strip_prefix("mod ") else { continue };
            let name = name.trim_end_matches(';');
            if !LAYERS.iter().any(|layer| layer.contains(&name)) {
                faults.push(format!("{}: `{name}` has no layer in tests/tidy.rs", library.path));
            }
            if !map.contains(&format!("`{folder}/{name}/`"))
                && !map.contains(&format!("`{folder}/{name}.rs`"))
            {
                faults.push(format!("ARCHITECTURE.md: `{name}` is not on the map"));
            }
        }
    }
    none(&faults);
}

#[test]
fn the_page_knows_only_messages_positions_and_findings() {
    let mut faults = Vec::new();
    for source in sources(&["src/web"], &["rs"]) {
        for path in paths_below(&whole_code(&source), "promtier") {
            let known = |it: &&str| path == **it || path.starts_with(&format!("{it}::"));
            if !KNOWN_TO_THE_PAGE.iter().any(known) {
                faults.push(format!("{}: the page must not know `promtier::{path}`", source.path));
            }
        }
    }
    none(&faults);
}

#[test]
fn the_outside_world_is_named_where_it_belongs() {
    let word = |line: &str, name: &str| {
        line.match_indices(name).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + name.len()..].chars().next();
            let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            !part(before) && !part(after)
        })
    };
    let mut faults = lines_outside(&["web/browser/", "worker/"], "web-sys", |_, line| word(line, "web_sys"));
    faults.extend(lines_outside(&["yaml/"], "the YAML parser", |_, line| word(line, "granit_parser")));
    faults.extend(lines_outside(&["cli/"], "std::fs", |_, line| line.contains("std::fs")));
    faults.extend(lines_outside(&["regex/"], "the regex crates", |source, line| {
        word(line, "regex_syntax")
            || word(line, "regex_automata")
            || line.match_indices("regex::").any(|(at, _)| {
                let before = &line[..at];
                let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
                whole && !is_path_of_ours(before) && !imports_our_regex(source)
            })
    }));
    none(&faults);
}

/// Whether a file brings the library's own `regex` into scope, which is what `regex::` then means.
fn imports_our_regex(source: &Source) -> bool {
    let code = whole_code(source);
    ["crate", "promtier"].iter().any(|root| paths_below(&code, root).iter().any(|path| path == "regex"))
}

/// Whether what stands before a name makes it a path into the library: `crate::`, `promtier::`, `super::`.
fn is_path_of_ours(before: &str) -> bool {
    ["crate::", "promtier::", "super::", "self::"].iter().any(|root| before.ends_with(root))
}

#[test]
fn the_page_writes_no_markup_from_text_and_loads_nothing_from_elsewhere() {
    let mut faults = Vec::new();
    for source in sources(
        &["src/web", "src/worker", "index.html", "style", "public"],
        &["rs", "js", "mjs", "ts", "html", "css", "svg"],
    ) {
        for (number, line) in source.text.lines().enumerate() {
            let markup = [
                "innerHTML",
                "inner_html",
                "outerHTML",
                "outer_html",
                "insertAdjacentHTML",
                "insert_adjacent_html",
            ];
            let elsewhere = ["src=\"http", "url(http", "url(\"http", "url('http", "@import", "//cdn"];
            let link = line.contains("<link") && line.contains("href=\"http");
            for name in markup.iter().chain(&elsewhere).filter(|name| line.contains(**name)) {
                faults.push(format!("{}:{}: {name}", source.path, number + 1));
            }
            if link {
                faults.push(format!("{}:{}: a link to elsewhere", source.path, number + 1));
            }
            // The policy refuses the attribute; `style:height=` in a view goes past it by design.
            if line.contains(" style=") && !line.contains(" style=(") {
                faults.push(format!(
                    "{}:{}: a `style` attribute, which the policy refuses",
                    source.path,
                    number + 1
                ));
            }
        }
    }
    none(&faults);
}

#[test]
fn files_are_short_documented_and_well_named() {
    let mut faults = Vec::new();
    for source in sources(
        &["src", "crates", "tests", "benches", "scripts", "style", "index.html"],
        &["rs", "mjs", "js", "css", "sh", "html"],
    ) {
        let lines = source.text.lines().count();
        if lines > 600 {
            faults.push(format!("{}: {lines} lines: it asks to be two", source.path));
        }
        let is_module = source.inside().is_some()
            && ["mod.rs", "lib.rs", "main.rs"].iter().any(|it| source.path.ends_with(it));
        if is_module && !source.text.starts_with("//!") {
            faults.push(format!("{}: begins without a word on what the module is", source.path));
        }
        for part in source.path.split(['/', '.']).filter(|part| EMPTY_NAMES.contains(part)) {
            faults.push(format!("{}: `{part}` says nothing about what it is for", source.path));
        }
        for (number, line) in source.code() {
            let declared =
                ["struct ", "enum ", "trait ", "mod "].iter().find_map(|it| line.trim().split_once(it));
            let name: String = declared
                .map(|(_, rest)| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
                .unwrap_or_default();
            if EMPTY_NAMES.iter().any(|it| name.to_lowercase().ends_with(it)) {
                faults.push(format!("{}:{number}: `{name}` says nothing about what it is for", source.path));
            }
        }
    }
    none(&faults);
}

#[test]
fn text_files_are_clean() {
    let mut faults = Vec::new();
    let places = [
        "src",
        "crates",
        "tests",
        "scripts",
        "style",
        "docs",
        "index.html",
        "Cargo.toml",
        "Trunk.toml",
        "deny.toml",
        "clippy.toml",
    ];
    let papers = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    for source in sources(
        &[&places[..], &papers[..]].concat(),
        &["rs", "mjs", "js", "css", "sh", "html", "toml", "md", "yml", "yaml"],
    ) {
        // They are as people write them: that is what they are for.
        if source.path.starts_with("tests/fixtures/configurations/") {
            continue;
        }
        for (number, line) in source.text.split('\n').enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                faults.push(format!("{}:{}: white space at the end", source.path, number + 1));
            }
        }
        if !source.text.ends_with('\n') || source.text.ends_with("\n\n") {
            faults.push(format!("{}: does not end in one newline", source.path));
        }
    }
    none(&faults);
}

#[test]
fn lock_files_name_no_registry_but_the_usual() {
    let lock = sources(&["Cargo.lock"], &["lock"]).remove(0);
    let origins: BTreeSet<&str> =
        lock.text.lines().filter_map(|line| line.strip_prefix("source = ")).collect();
    assert_eq!(origins, BTreeSet::from(["\"registry+https://github.com/rust-lang/crates.io-index\""]));
    let npm = sources(&["package-lock.json"], &["json"]).remove(0);
    let faults: Vec<String> = npm
        .text
        .lines()
        .filter(|line| line.contains("\"resolved\":") && !line.contains("\"https://registry.npmjs.org/"))
        .map(str::to_owned)
        .collect();
    none(&faults);
}
