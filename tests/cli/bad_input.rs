//! Input that cannot be used: a clear message on standard error, exit status 2, and never a panic.

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::Stdio;

use crate::run::{Folder, promtier};

/// The commands and the arguments with which each reads `path`.
fn readers(path: &str) -> Vec<Vec<String>> {
    let line = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    vec![
        line(&["match", path, "-s", "up"]),
        line(&["match", "good.prom", "--selectors-file", path]),
        line(&["preview", path]),
        line(&["check", path]),
    ]
}

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("good.prom", b"up 1\n");
    folder
}

/// Runs `args`, which cannot work, and wants all of `expect` in what is said.
fn check(folder: &Folder, args: &[String], expect: &[&str]) {
    let ran = promtier(folder).args(args).run();
    assert_eq!(ran.status, 2, "{args:?}: {}{}", ran.out, ran.err);
    assert_eq!(ran.out, "", "{args:?} prints nothing");
    for words in expect {
        assert!(ran.err.contains(words), "{args:?}: {words:?} is not said in\n{}", ran.err);
    }
}

#[test]
fn a_missing_file() {
    let folder = folder("missing");
    for args in readers("nowhere/x.yml") {
        check(
            &folder,
            &args,
            &["cannot read `nowhere/x.yml`: there is no such file or folder", "help: check the name"],
        );
    }
}

#[test]
fn a_part_of_the_path_is_a_file() {
    let folder = folder("not-a-folder");
    for args in readers("good.prom/x.yml") {
        check(&folder, &args, &["cannot read `good.prom/x.yml`: a part of the path is a file, not a folder"]);
    }
}

#[test]
fn an_empty_file() {
    let folder = folder("empty");
    folder.write("empty.yml", b"");
    for args in readers("empty.yml").into_iter().filter(|args| args[0] != "preview") {
        check(&folder, &args, &["`empty.yml` is empty", "help: "]);
    }
    let standard = promtier(&folder).args(["match", "-", "-s", "up"]).run();
    assert_eq!((standard.status, standard.out.as_str()), (2, ""));
    assert!(standard.err.contains("`standard input` is empty"), "{}", standard.err);
}

#[test]
fn a_folder_where_a_file_is_needed() {
    let folder = folder("directory");
    folder.write("sub/x.prom", b"up 1\n");
    for args in readers("sub").into_iter().filter(|args| args[0] == "match") {
        check(&folder, &args, &["`sub` is a folder", "help: "]);
    }
}

#[test]
fn a_file_where_a_folder_is_needed() {
    check(
        &folder("file"),
        &["preview".to_owned(), "good.prom".to_owned()],
        &["`good.prom` is a file", "help: "],
    );
}

#[test]
fn a_folder_with_nothing_to_look_at() {
    let folder = folder("nothing");
    folder.write("sub/.hidden/prometheus.yml", b"global: {}\n");
    folder.write("sub/target/prometheus.yml", b"global: {}\n");
    folder.write("sub/node_modules/prometheus.yml", b"global: {}\n");
    for command in ["preview", "check"] {
        check(&folder, &[command.to_owned(), "sub".to_owned()], &["no Prometheus configuration", "help: "]);
    }
}

#[test]
fn a_file_that_is_not_utf8() {
    let folder = folder("latin");
    folder.write("latin.yml", b"global:\n  # caf\xe9\n");
    folder.write("sub/latin.yml", b"global:\n  # caf\xe9\n");
    folder.write("sub/latin.prom", b"up{job=\"caf\xe9\"} 1\n");
    for args in readers("latin.yml").into_iter().filter(|args| args[0] != "preview" && args[1] != "good.prom")
    {
        check(&folder, &args, &["`latin.yml` is not UTF-8: byte 0xe9 on line 2 (offset 15)", "help: "]);
    }
    // All that is wrong is said at once.
    for command in ["preview", "check"] {
        check(
            &folder,
            &[command.to_owned(), "sub".to_owned()],
            &["`sub/latin.yml` is not UTF-8", "`sub/latin.prom` is not UTF-8"],
        );
    }
}

/// What is wrong elsewhere is still said, as far as it does not depend on what could not be read.
#[test]
fn a_file_that_cannot_be_read_beside_broken_ones_of_each_kind() {
    let folder = folder("broken");
    folder.write("ws/a.yml", b"global: { scrape_interval: 5x }\nrule_files: [utf16.yml, r.yml]\n");
    folder.write("ws/b.yml", b"scrape_configs:\n  - job_name: a\n   bad: 1\n");
    folder.write("ws/utf16.yml", b"\xff\xfeg\0r\0");
    folder.write("ws/latin.prom", b"up{job=\"caf\xe9\"} 1\n");
    folder.write("ws/r.yml", b"groups:\n- name: g\n  rules: [{ record: a, expr: 'sum(' }]\n");
    folder.write("ws/x.prom", b"up{job=\"x} 1\n");
    folder.write("ws/t.json", b"[{");
    folder.write(
        "ws/c.yml",
        b"scrape_configs: [{ job_name: j, file_sd_configs: [{ files: [t.json, none.json] }] }]\n",
    );
    folder
        .write("ws/promtier.yaml", b"expect: [7]\nnodes: { c: { config: c.yml, samples: [latin.prom] } }\n");
    let ran = promtier(&folder).args(["check", "ws", "--format", "concise"]).run();
    assert_eq!(ran.status, 2, "{}", ran.err);
    for path in ["a.yml:1", "b.yml:3", "r.yml:3", "x.prom:1", "t.json:1", "promtier.yaml:1"] {
        assert!(ran.out.contains(&format!("ws/{path}")), "{path} is not in\n{}", ran.out);
    }
    for words in ["`ws/utf16.yml` is UTF-16", "`ws/latin.prom` is not UTF-8"] {
        assert!(ran.err.contains(words), "{words} is not said in\n{}", ran.err);
    }
    // They are there, if only not readable.
    assert!(!ran.out.contains("latin.prom` is not") && !ran.out.contains("missing-file"), "{}", ran.out);
    let log = promtier(&folder).args(["check", "ws", "--format", "json"]).run();
    let log: serde_json::Value = serde_json::from_str(&log.out).expect("JSON");
    assert!(log["findings"].as_array().expect("findings").len() >= 6);
    for command in ["preview", "targets"] {
        check(&folder, &[command.to_owned(), "ws".to_owned()], &["`ws/utf16.yml` is UTF-16"]);
    }
    // The same of files that are named one by one.
    let ran = promtier(&folder).args(["check", "ws/b.yml", "ws/utf16.yml", "--format", "concise"]).run();
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.out.contains("ws/b.yml:3") && ran.err.contains("UTF-16"), "{}{}", ran.out, ran.err);
}

#[test]
fn files_that_other_programs_wrote() {
    let folder = folder("foreign");
    folder.write("a.prom", b"\x1f\x8b\x08\x00");
    folder.write("b.prom", b"\xff\xfeu\0p\0");
    let match_of = |path: &str| ["match", path, "-s", "up"].map(str::to_owned);
    check(&folder, &match_of("a.prom"), &["`a.prom` is compressed with gzip", "help: uncompress it"]);
    check(&folder, &match_of("b.prom"), &["`b.prom` is UTF-16, not UTF-8", "help: PowerShell"]);
}

#[test]
fn a_file_of_gigabytes() {
    let folder = folder("huge");
    for name in ["huge.yml", "huge.prom", "huge.txt"] {
        folder.write(name, b"");
        let file = std::fs::File::options().write(true).open(folder.path().join(name)).expect("a file");
        // The file is sparse: it takes no room.
        file.set_len(5 << 30).expect("a length");
    }
    let line = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    check(&folder, &line(&["check", "huge.yml"]), &["`huge.yml` is over 64 MB", "help: "]);
    check(&folder, &line(&["check", "."]), &["`huge.yml` is over 64 MB", "`huge.prom` is over 4.0 GB"]);
    check(&folder, &line(&["match", "huge.prom", "-s", "up"]), &["`huge.prom` is over 4.0 GB", "help: "]);
    check(
        &folder,
        &line(&["match", "good.prom", "--selectors-file", "huge.txt"]),
        &["`huge.txt` is over 64 MB"],
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("forbidden");
    folder.write("closed.yml", b"global: {}\n");
    let path = folder.path().join("closed.yml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("permissions");
    if std::fs::File::open(&path).is_err() {
        for args in readers("closed.yml").into_iter().filter(|args| args[0] != "preview") {
            check(&folder, &args, &["cannot read `closed.yml`: this user may not read it", "help: "]);
        }
    }
}

/// Root may read every file, but not this one.
#[cfg(target_os = "linux")]
#[test]
fn a_file_whose_reading_fails() {
    let folder = folder("failing");
    for args in readers("/proc/self/mem").into_iter().filter(|args| args[0] != "preview") {
        check(&folder, &args, &["cannot read `/proc/self/mem`"]);
    }
}

#[test]
fn bad_flags() {
    let folder = folder("flags");
    let check = |args: &str, expect: &[&str]| {
        let args: Vec<String> = args.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        check(&folder, &args, expect);
    };
    check("", &["Usage: promtier", "Commands:"]);
    check("matsch", &["unrecognized subcommand 'matsch'", "'match'"]);
    check("check . --formt json", &["unexpected argument '--formt'", "'--format'"]);
    check("check . --format xml", &["invalid value 'xml'", "full, concise, json, github"]);
    check("check", &["<PATH>..."]);
    check("check . --prometheus 1.8", &["give one from 2.42 to 3.14"]);
    check("check . --fail-on never", &["error, warning, info"]);
    check("match good.prom", &["--selector"]);
    check("match good.prom -s up --external-label region", &["write it as NAME=VALUE"]);
    check(
        "match good.prom -s up --external-label a=b --external-label a=c",
        &["external label `a` is given twice"],
    );
    check("match good.prom -s up --selectors-file good.prom", &["cannot be used with"]);
    check("match - --selectors-file -", &["standard input", "only once"]);
    check("completions csh", &["invalid value 'csh'", "bash"]);
}

/// `promtier … | head -1`: the command notices, stops and says nothing.
#[test]
fn a_pipe_closed_early() {
    let folder = folder("pipe");
    let mut samples = String::new();
    for at in 0..200_000 {
        writeln!(samples, "m{{a=\"{at}\"}} {at} 1").expect("memory takes it");
    }
    folder.write("many.prom", samples.as_bytes());
    for args in [
        vec!["match", "many.prom", "-s", "m"],
        vec!["match", "many.prom", "-s", "m", "--format", "json"],
        vec!["completions", "bash"],
        vec!["match", "--help"],
    ] {
        let mut command = promtier(&folder).args(&args).into_command();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().expect("its standard error").read_to_string(&mut said).expect("text");
        let status = child.wait().expect("it ends").code().expect("an exit status, not a signal");
        assert_eq!(said, "", "{args:?}");
        // Short outputs may fit into the pipe before it is noticed to be closed.
        assert!(status == 2 || args[0] != "match" || args[1] == "--help", "{args:?} exits with {status}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let folder = folder("full");
    for args in [vec!["match", "good.prom", "-s", "up"], vec!["completions", "bash"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("the full device");
        let mut command = promtier(&folder).args(&args).into_command();
        let output = command.stdin(Stdio::null()).stdout(full).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains("cannot write to standard output") && said.contains("help: "), "{said}");
    }
}

#[test]
fn colour_is_for_those_who_ask() {
    let folder = folder("colour");
    let run = |color: &str, env: &str| {
        promtier(&folder)
            .args(["match", "nowhere", "-s", "up", "--color", color])
            .env("NO_COLOR", env)
            .run()
            .err
    };
    assert!(!run("auto", "").contains('\x1b'), "a pipe is no terminal");
    assert!(run("always", "1").contains('\x1b'), "asked for by name");
    assert!(!run("never", "").contains('\x1b'));
}

#[test]
fn completions_and_help_are_there() {
    let folder = folder("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = promtier(&folder).args(["completions", shell]).run();
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{shell}");
        for word in ["match", "preview", "check", "selectors-file", "fail-on"] {
            assert!(ran.out.contains(word), "{shell} completes {word}");
        }
    }
}
