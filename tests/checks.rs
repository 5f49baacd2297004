//! The rules of the lint: their examples, what comments allow, and whether `docs/checks/` is what the rules'
//! files say. `UPDATE_CHECKS=1` writes it anew.
#![expect(clippy::disallowed_methods, reason = "a test may read and write files")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use promtier::federation::{Memo, Preview};
use promtier::lint;
use promtier::text::apply_edits;
use promtier::workspace::{Files, Finding};

#[path = "../src/cli/codes/document.rs"]
mod document;

use document::Document;

const HEADINGS: [&str; 5] = ["What it finds", "Why it matters", "Example", "Instead", "Source"];

/// The code and the documentation of every rule.
fn rules() -> BTreeMap<String, Document> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint/rules");
    let mut found = BTreeMap::new();
    for family in entries(&root).into_iter().filter(|path| path.is_dir()) {
        for path in entries(&family) {
            let fault = path.file_stem().expect("a name").to_string_lossy().replace('_', "-");
            if fault != "mod" {
                let family = family.file_name().expect("a name").to_string_lossy();
                let source = std::fs::read_to_string(&path).expect("a rule");
                let code = format!("{family}/{fault}");
                assert!(
                    source.contains(&format!("Code::new(\"{code}\")")),
                    "{code}: its file is named otherwise"
                );
                found.insert(code, Document::read(&source));
            }
        }
    }
    assert!(found.len() > 5, "the rules are found");
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// The files of the workspace in a section: each begins with its name as a comment. Below a comment `the next
/// line 1000 times, N from 1 on` a line stands for so many.
fn files(section: &str) -> Vec<(String, String)> {
    let text =
        section.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    let mut files: Vec<(String, String)> = Vec::new();
    let mut times = 1;
    for line in text.split_inclusive('\n') {
        if let Some(many) = line.strip_prefix("# the next line ") {
            times = many.split(' ').next().and_then(|count| count.parse().ok()).expect("how many times");
            continue;
        }
        if times > 1 {
            let (_, text) = files.last_mut().expect("a file is named");
            text.extend((1..=times).map(|number: u32| line.replace('N', &number.to_string())));
            times = 1;
            continue;
        }
        let name =
            line.trim_end().strip_prefix("# ").filter(|name| name.contains('.') && !name.contains(' '));
        match (name, files.last_mut()) {
            (Some(name), _) => files.push((name.to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(line),
            (None, None) => panic!("no file is named before: {line}"),
        }
    }
    assert!(!files.is_empty(), "a workspace: {section}");
    files
}

fn findings(files: &[(String, String)]) -> Vec<(String, Finding)> {
    let mut all = Files::new(1);
    for (path, text) in files {
        all.put_text(path, text.as_str());
    }
    let workspace = Arc::new(all.assemble());
    let preview = Preview::compute(workspace, None, &mut Memo::new(1)).expect("a small preview");
    let path = |finding: &Finding| preview.workspace.file(finding.file).path.clone();
    lint::findings(&preview).into_iter().map(|finding| (path(&finding), finding)).collect()
}

fn codes(files: &[(String, String)]) -> Vec<String> {
    findings(files).iter().map(|(_, finding)| finding.diagnostic.code.as_str().to_owned()).collect()
}

#[test]
fn each_example_has_the_finding_and_no_other_and_what_is_to_be_done_instead_has_none() {
    for (code, document) in rules() {
        assert_eq!(codes(&files(document.section("Example"))), [code.as_str()], "{code}");
        assert_eq!(codes(&files(document.section("Instead"))), [""; 0], "{code}");
    }
}

/// The rules that offer a fix for their example. What the others find leaves a choice: which series are wanted,
/// which server is to be asked, which of two settings is meant.
const FIXABLE: &[&str] = &[
    "federation/contained-selector",
    "federation/empty-selector",
    "federation/encoded-selector",
    "federation/external-label-matcher",
    "federation/honor-labels",
    "federation/ignored-timestamps",
    "federation/native-histograms",
    "federation/no-selector",
    "federation/query-api",
    "federation/refused-selector",
    "federation/route-prefix",
    "federation/unmatched-selector",
    "replicas/replica-label-in-alerts",
    "replicas/wrong-labeldrop",
];

/// How often a fix is offered for what is found in `files`; each leaves nothing to be found.
fn mended(what: &str, files: &[(String, String)]) -> usize {
    let mut mended = 0;
    for (path, finding) in findings(files) {
        for fix in &finding.diagnostic.fixes {
            let mut fixed = files.to_vec();
            let (_, text) = fixed.iter_mut().find(|(name, _)| *name == path).expect("its file");
            *text = apply_edits(text, &fix.edits).expect("edits that fit").0;
            assert_eq!(codes(&fixed), [""; 0], "{what}: {}", fix.title);
            mended += 1;
        }
    }
    mended
}

#[test]
fn fixes_mend_what_they_are_offered_for() {
    let rules = rules();
    let has_fix = |document: &Document| mended("example", &files(document.section("Example"))) > 0;
    let fixable: Vec<&str> =
        rules.iter().filter(|(_, document)| has_fix(document)).map(|(code, _)| code.as_str()).collect();
    assert_eq!(fixable, FIXABLE);
}

#[test]
fn selectors_that_are_none_are_mended_where_it_is_clear_what_is_meant() {
    let check = |selector: &str, code: &str, expect: Option<&str>| {
        let global = |selector: &str| {
            format!(
                "scrape_configs:\n- job_name: f\n  honor_labels: true\n  metrics_path: /federate\n  params:\n    'match[]':\n    - '{selector}'\n  static_configs: [{{ targets: ['leaf:1'] }}]\n"
            )
        };
        let leaf = ("leaf.yml".to_owned(), "scrape_configs: []\n".to_owned());
        let files = [("global.yml".to_owned(), global(selector)), leaf];
        assert_eq!(codes(&files), [code], "{selector}");
        let fixes = findings(&files).remove(0).1.diagnostic.fixes;
        let fixed = fixes.first().map(|fix| apply_edits(&files[0].1, &fix.edits).expect("edits that fit").0);
        assert_eq!(fixed, expect.map(global), "{selector}");
        assert_eq!(mended(selector, &files), usize::from(expect.is_some()), "{selector}");
    };
    let syntax = "selector/syntax";
    check("{job=\"shop\"", syntax, Some("{job=\"shop\"}"));
    check("{job=shop}", syntax, Some("{job=\"shop\"}"));
    check("{job==\"shop\"}", syntax, Some("{job=\"shop\"}"));
    check("{job=\"a\" env=\"b\"}", syntax, Some("{job=\"a\", env=\"b\"}"));
    check("{job=\"a\",,env=\"b\"}", syntax, Some("{job=\"a\",env=\"b\"}"));
    check("\"up\"", syntax, Some("{\"up\"}"));
    check("{job=~\"a\\.b\"}", syntax, Some("{job=~\"a\\\\.b\"}"));
    check("up[5m]", syntax, None);
    check("rate(up[5m])", syntax, None);
    check("%7Bjob%3D%22shop%22%7D", "federation/encoded-selector", Some("{job=\"shop\"}"));
}

#[test]
fn renaming_is_reported_only_where_it_is_certain() {
    let check = |job: &str, selector: &str, expect: &[&str]| {
        let global = format!(
            "scrape_configs:\n- job_name: f\n  metrics_path: /federate\n{job}  params: {{ 'match[]': ['{selector}'] }}\n  static_configs: [{{ targets: ['leaf:1'] }}]\n"
        );
        let files = [("global.yml", global.as_str()), ("leaf.yml", "scrape_configs: []\n")];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        assert_eq!(codes(&files), expect, "{job}{selector}");
    };
    let rule = "federation/honor-labels";
    check("", "{job=\"shop\"}", &[rule]);
    check("  honor_labels: false\n", "{job=\"shop\"}", &[rule]);
    check("", "{__name__=~\"job:.*\"}", &[]);
    check("", "{job!=\"shop\",__name__=\"up\"}", &[]);
    let renames = "  metric_relabel_configs: [{ action: labelmap, regex: 'exported_(.+)' }]\n";
    check(renames, "{job=\"shop\"}", &[]);
}

#[test]
fn comments_allow_findings_with_a_reason() {
    for (code, document) in rules() {
        let example = files(document.section("Example"));
        let (path, finding) = findings(&example).remove(0);
        let commented = |comment: &str| {
            let mut files = example.clone();
            let (_, text) = files.iter_mut().find(|(name, _)| *name == path).expect("its file");
            let at = text[..finding.diagnostic.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
            text.insert_str(at, &format!("{comment}\n"));
            codes(&files)
        };
        assert_eq!(commented(&format!("# promtier: allow {code} it is a lab")), [""; 0], "{code}");
        let mut expect = vec![code.as_str(), "lint/suppression-without-reason"];
        let mut got = commented(&format!("# promtier: allow {code}"));
        got.sort();
        expect.sort_unstable();
        assert_eq!(got, expect, "{code}");
        let mut expect = vec![code.as_str(), "lint/unused-suppression"];
        let mut got = commented("# promtier: allow federation/other it is a lab");
        got.sort();
        expect.sort_unstable();
        assert_eq!(got, expect, "{code}");
    }
}

#[test]
fn the_examples_of_the_page_have_no_findings_of_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/examples");
    for folder in entries(&root).into_iter().filter(|path| path.is_dir()) {
        let read = |path: PathBuf| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a text"))
        };
        let files: Vec<(String, String)> =
            entries(&folder).into_iter().filter(|path| path.is_file()).map(read).collect();
        let rules = rules();
        let mut found: Vec<String> =
            codes(&files).into_iter().filter(|code| rules.contains_key(code)).collect();
        // What the seed is there to show.
        let shown = folder.ends_with("seed").then_some("federation/colliding-series");
        found.retain(|code| Some(code.as_str()) != shown);
        assert_eq!(found, [""; 0], "{}", folder.display());
    }
}

#[test]
fn the_documentation_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks");
    let mut expect = BTreeMap::new();
    let mut index = "# Checks\n\nWhat promtier says of a workspace as a whole. A finding is allowed by a comment on its line or on the one\nabove: `# promtier: allow CODE REASON`.\n\n".to_owned();
    for (code, document) in rules() {
        let headings: Vec<&str> = document.sections.iter().map(|(heading, _)| heading.as_str()).collect();
        assert_eq!(headings, HEADINGS, "{code}");
        assert!(
            HEADINGS.iter().all(|heading| *heading == "Example" || !document.words(heading).is_empty()),
            "{code}"
        );
        let (title, file) = (&document.title, code.replace('/', "-"));
        let mut text = format!("# {title}\n\n`{code}`\n");
        for (heading, section) in &document.sections {
            let section = section.trim().replace("\n```yaml", "\n\n```yaml");
            write!(text, "\n## {heading}\n\n{section}\n").expect("text");
        }
        writeln!(index, "- [`{code}`]({file}.md): {title}").expect("text");
        expect.insert(format!("{file}.md"), text);
    }
    expect.insert("README.md".to_owned(), index);
    if std::env::var_os("UPDATE_CHECKS").is_some() {
        std::fs::create_dir_all(&root).expect("a folder");
        for (name, text) in &expect {
            std::fs::write(root.join(name), text).expect("the documentation is written");
        }
    }
    let written: BTreeMap<String, String> = entries(&root)
        .into_iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a text"))
        })
        .collect();
    assert!(written == expect, "docs/checks is not current: run the test with UPDATE_CHECKS=1");
}
