//! Seeded mutations of a configuration's text: keys and values deleted, repeated, renamed, retyped,
//! re-indented and put in another order.

use crate::random::Random;

/// Values that some type or other refuses, or reads otherwise than they look.
#[rustfmt::skip] // One item a line would be pages.
const VALUES: &[&str] = &[
    "", "~", "null", "\"null\"", "'~'", "\"\"", "''", "yes", "no", "true", "off", "y", "0", "1", "-1", "0o17", "017", "0x1F",
    "0b11", "1_000", "1.5", "-0.5", "1e3", "1e30", ".inf", ".nan", "99999999999999999999", "9223372036854775808",
    "5s", "0s", "1m30s", "1.5m", "30s1m", "1y", "-5s", "10MB", "10mb", "1KiB", "5XB", "abc", "a b", "\"5\"", "'true'",
    "é", "\"a\\nb\"", "[]", "{}", "[a]", "[a, b]", "[1, ~]", "[~]", "{a: b}", "[{a: b}]", "[[a]]", "2006-01-02",
    "http://a:9090/b", "http://", "http://a b", "http://a:b", ":", "a:b", "//a", "%zz", "http://[::1", "ftp://a", "*x",
    "&x a", "!!str 5", "!!int 5", "!!int x", "!!binary aGk=", "!!binary \"/w==\"", "!!float 1", "!x y", "|\n  a", ">-\n  a",
    "\"unclosed", "'unclosed", "[unclosed", "{unclosed", "@a", "`a", "%a", "a: b", "a:", "- a", "# a", "a #b", "a#b",
    "TLS12", "TLS99", "v1", "v2", "pod", "Basic", "bearer", "utf8", "legacy", "allow-utf-8", "underscores",
    "PrometheusProto", "PrometheusText1.0.0", "openmetricstext1.0.0", "replace", "REPLACE", "labelmap", "hashmod", "keepequal",
    "(", "(.*)", "a{2,1}", "[z-a]", "$1", "${1}", "$2a", "${", "__name__", "a-b", "1a", "x/y", "*", "a/*/b.yml", "/a/*.yml",
    "*.json", "gzip", "SRV", "A", "services", "NoTranslation", "io.prometheus.write.v2.Request", "<<", "? a", "---", "...", "\t",
];

/// Keys that may stand somewhere.
#[rustfmt::skip] // One item a line would be pages.
const KEYS: &[&str] = &[
    "job_name", "scrape_interval", "scrape_timeout", "params", "honor_labels", "static_configs", "targets", "labels",
    "relabel_configs", "metric_relabel_configs", "source_labels", "regex", "action", "modulus", "target_label", "replacement",
    "basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file", "tls_config", "proxy_url",
    "proxy_connect_header", "follow_redirects", "enable_http2", "username", "password", "password_file", "credentials",
    "credentials_file", "type", "client_id", "client_secret", "token_url", "scopes", "ca_file", "cert_file", "key_file",
    "min_version", "file_sd_configs", "http_sd_configs", "dns_sd_configs", "url", "files", "names", "port",
    "refresh_interval", "role", "server", "sigv4", "name", "headers", "queue_config", "remote_timeout", "sample_limit",
    "body_size_limit", "scheme", "metrics_path", "no_proxy", "proxy_from_environment", "http_headers", "scrape_protocols",
    "metric_name_validation_scheme", "metric_name_escaping_scheme", "global", "alerting", "storage", "<<", "external_labels",
    "namespaces", "selectors", "api_server", "kubeconfig_file", "endpoint", "filters", "values", "secret_key", "x",
];

/// `text`, mutated one to three times, and what was done.
pub(crate) fn mutate(text: &str, random: &mut Random) -> (String, Vec<&'static str>) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut done = Vec::new();
    for _ in 0..random.weighted(&[(6, "1"), (3, "12"), (1, "123")]).len() {
        if lines.is_empty() {
            break;
        }
        done.push(one(&mut lines, random));
    }
    let end = match random.below(40) {
        0 => "",
        1 => "\r\n",
        _ => "\n",
    };
    let joint = if random.chance(2) { "\r\n" } else { "\n" };
    (lines.join(joint) + end, done)
}

fn one(lines: &mut Vec<String>, random: &mut Random) -> &'static str {
    let at = random.below(lines.len());
    let end = block_end(lines, at);
    let kind = random.weighted(&[
        (30, "retype"),
        (12, "delete a block"),
        (6, "delete a line"),
        (8, "repeat"),
        (10, "rename"),
        (10, "insert a key"),
        (5, "re-indent a block"),
        (4, "re-indent a line"),
        (5, "swap values"),
        (4, "reorder blocks"),
        (2, "reorder lines"),
        (3, "change a character"),
        (3, "quote"),
    ]);
    match kind {
        "retype" => set_value(&mut lines[at], random.pick(VALUES), random),
        "delete a block" => {
            lines.drain(at..end);
        }
        "delete a line" => {
            lines.remove(at);
        }
        "repeat" => {
            let block: Vec<String> = lines[at..end].to_vec();
            let to = if random.chance(60) { end } else { random.below(lines.len() + 1) };
            lines.splice(to..to, block);
        }
        "rename" => rename(&mut lines[at], random),
        "insert a key" => {
            let indent = indent(&lines[at]) + if lines[at].trim_start().starts_with("- ") { 2 } else { 0 };
            let line = format!("{}{}: {}", " ".repeat(indent), random.pick(KEYS), random.pick(VALUES));
            let to = if random.chance(50) { at + 1 } else { end };
            lines.insert(to, line);
        }
        "re-indent a block" => {
            let by = random.between(1, 4);
            let deeper = random.chance(50);
            for line in &mut lines[at..end] {
                re_indent(line, by, deeper);
            }
        }
        "re-indent a line" => re_indent(&mut lines[at], random.between(1, 3), random.chance(50)),
        "swap values" => {
            let other = random.below(lines.len());
            if let (Some(one), Some(two)) = (value_start(&lines[at]), value_start(&lines[other]))
                && at != other
            {
                let (first, second) = (lines[at][one..].to_owned(), lines[other][two..].to_owned());
                lines[at].replace_range(one.., &second);
                lines[other].replace_range(two.., &first);
            }
        }
        "reorder blocks" => {
            if end < lines.len() {
                let next = block_end(lines, end);
                lines[at..next].rotate_left(end - at);
            }
        }
        "reorder lines" => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
        "change a character" => {
            let line = &mut lines[at];
            let characters: Vec<(usize, char)> = line.char_indices().collect();
            if !characters.is_empty() {
                let (offset, old) = characters[random.below(characters.len())];
                let new = random.pick(&[
                    "", ":", "-", " ", "\"", "'", "#", "[", "]", "{", "}", ",", "a", "0", "\t", "&", "*",
                    "!", "|", ">", "%", "é", "\\", "/",
                ]);
                line.replace_range(offset..offset + old.len_utf8(), new);
            }
        }
        _ => {
            if let Some(start) = value_start(&lines[at]) {
                let value = lines[at][start..].trim().trim_matches(['"', '\'']).to_owned();
                let quoted = match random.below(3) {
                    0 => format!("\"{value}\""),
                    1 => format!("'{value}'"),
                    _ => value,
                };
                lines[at].replace_range(start.., &quoted);
            }
        }
    }
    kind
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Behind the last of the lines that belong to the one at `at` by their indentation.
fn block_end(lines: &[String], at: usize) -> usize {
    let own = indent(&lines[at]);
    let inside = lines[at + 1..].iter().take_while(|line| line.trim().is_empty() || indent(line) > own);
    at + 1 + inside.count()
}

fn re_indent(line: &mut String, by: usize, deeper: bool) {
    if deeper {
        line.insert_str(0, &" ".repeat(by));
    } else {
        line.drain(..by.min(indent(line)));
    }
}

/// Where a line's value begins: behind its key, or behind its dash.
fn value_start(line: &str) -> Option<usize> {
    let start = line.find(": ").map(|colon| colon + 2);
    start.or_else(|| line.trim_start().starts_with("- ").then(|| indent(line) + 2))
}

fn set_value(line: &mut String, value: &str, random: &mut Random) {
    // An item of a list in brackets, or a value in braces, is retyped alone now and then.
    if random.chance(60)
        && let Some(open) = line.find(['[', '{'])
        && let Some(close) = line.rfind([']', '}'])
        && open < close
    {
        let parts: Vec<usize> = line[open + 1..close]
            .match_indices([',', ':'])
            .map(|(at, _)| open + 1 + at + 1)
            .chain([open + 1])
            .collect();
        let from = parts[random.below(parts.len())];
        let to = line[from..close].find([',', '}', ']']).map_or(close, |at| from + at);
        line.replace_range(from..to, &format!(" {value}"));
        return;
    }
    let value = value.replace('\n', &format!("\n{}", " ".repeat(indent(line))));
    if let Some(start) = value_start(line) {
        line.replace_range(start.., &value);
    } else if line.trim_end().ends_with(':') {
        line.push(' ');
        line.push_str(&value);
    }
}

fn rename(line: &mut String, random: &mut Random) {
    let start = indent(line);
    let start = start + if line[start..].starts_with("- ") { 2 } else { 0 };
    let Some(end) = line[start..].find(':').map(|at| start + at) else { return };
    let new = match random.below(4) {
        0 => random.pick(KEYS).to_owned(),
        1 => line[start..end].to_uppercase(),
        2 => format!("{}s", &line[start..end]),
        _ => line[start..end].chars().skip(1).collect(),
    };
    line.replace_range(start..end, &new);
}
