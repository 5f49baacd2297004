//! What kind of file it is, by its name and its text.

/// What a file was recognised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `promtier.yaml`.
    Manifest,
    /// A Prometheus configuration.
    Prometheus,
    /// Recording and alerting rules.
    Rules,
    /// More jobs of a Prometheus configuration that names this file under `scrape_config_files`.
    ScrapeConfigs,
    /// A list of targets that a job or the manifest names.
    Targets,
    /// Exposition text.
    Samples,
    /// Kept, but not read.
    Other,
}

/// Keys that only a Prometheus configuration has at its outermost level.
const CONFIGURATION_KEYS: [&str; 10] = [
    "global",
    "scrape_configs",
    "scrape_config_files",
    "rule_files",
    "alerting",
    "remote_write",
    "remote_read",
    "storage",
    "tracing",
    "otlp",
];

/// The path of a manifest.
pub const MANIFEST: &str = "promtier.yaml";

/// Whether `path` is the manifest's: `promtier.yaml` or `promtier.yml` at the workspace's top.
#[must_use]
pub fn is_manifest(path: &str) -> bool {
    matches!(path, MANIFEST | "promtier.yml")
}

/// Whether a file with this name holds exposition text: `.prom`, `.txt`, `.om` or `.metrics`.
#[must_use]
pub fn is_samples(path: &str) -> bool {
    matches!(extension(path), Some("prom" | "txt" | "om" | "metrics"))
}

/// Recognises a file. The text decides only between a Prometheus configuration, a file of rules and another YAML
/// file; it is read line by line, so that a half-typed one is recognised too.
#[must_use]
pub fn recognise(path: &str, text: &str) -> FileKind {
    if is_manifest(path) {
        FileKind::Manifest
    } else if is_samples(path) {
        FileKind::Samples
    } else if matches!(extension(path), Some("yml" | "yaml")) && has_key(text, &CONFIGURATION_KEYS) {
        FileKind::Prometheus
    } else if matches!(extension(path), Some("yml" | "yaml")) && has_key(text, &["groups"]) {
        FileKind::Rules
    } else {
        FileKind::Other
    }
}

/// The name of a file without its folder and its extension, after which nodes are named.
#[must_use]
pub fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn extension(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    name.rsplit_once('.').map(|(_, extension)| extension)
}

/// Whether one of `keys` stands at the outermost level.
fn has_key(text: &str, keys: &[&str]) -> bool {
    text.lines().any(|line| {
        let key = line.split(':').next().unwrap_or("").trim_matches(['"', '\'']);
        key.len() < line.len() && keys.contains(&key.trim_end())
    }) || (text.trim_start().starts_with('{') && keys.iter().any(|key| text.contains(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_by_name_and_text() {
        let check = |path: &str, text: &str, expect: FileKind| {
            assert_eq!(recognise(path, text), expect, "{path} {text:?}");
        };
        check("promtier.yaml", "", FileKind::Manifest);
        check("sub/promtier.yaml", "", FileKind::Other);
        check("leaf.prom", "anything", FileKind::Samples);
        check("global.yml", "# c\nglobal:\n", FileKind::Prometheus);
        check("global.yml", "scrape_configs: [{job_", FileKind::Prometheus);
        check("global.yaml", "\"global\": {}", FileKind::Prometheus);
        check("rules.yml", "groups:\n- name: global\n", FileKind::Rules);
        check("rules.yml", "groups:\n  global: 1\n", FileKind::Rules);
        check("haproxy.cfg", "global\n  daemon\n", FileKind::Other);
        check("x.yml", "{global: {}}", FileKind::Prometheus);
        check("x.yml", "{a: 1}", FileKind::Other);
    }

    #[test]
    fn names_nodes_after_files() {
        assert_eq!(stem("a/prometheus-1.yml"), "prometheus-1");
        assert_eq!(stem("a.b/leaf"), "leaf");
        assert_eq!(stem("leaf.v2.yml"), "leaf.v2");
    }
}
