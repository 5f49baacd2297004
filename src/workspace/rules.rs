//! The rule files that configurations name, and those that nobody names.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Parsed};
use crate::prometheus::Config;
use crate::rules::{Options, RuleFile};
use crate::text::FileId;
use crate::version::Version;
use crate::yaml::Spanned;

use super::assemble::Assembly;
use super::paths::Mount;
use super::{FileKind, Finding, NodeRules, paths};

/// A pattern of `rule_files` names no file.
const NO_RULE_FILE: Code = Code::new("workspace/no-rule-file");
/// A pattern of `rule_files` cannot be read, or names a file that holds no rules.
const RULE_PATTERN: Code = Code::new("workspace/rule-pattern");

/// Rules follow the configuration's scheme of names since here.
const NAMES_OF_CONFIGURATION: Version = Version { major: 3, minor: 7 };

impl Assembly<'_> {
    /// Reads the rules of all nodes, then the files of rules that no node names.
    pub(super) fn rules(&mut self) {
        for at in 0..self.workspace.nodes.len() {
            let node = &self.workspace.nodes[at];
            let Some(config) = node.config.clone() else { continue };
            let (file, version) = (node.config_file, node.version);
            let shared = self.workspace.nodes[..at].iter().any(|other| other.config_file == file);
            let mount = self.mount(at);
            let rules = self.rules_of((file, &mount), &config, version, shared);
            self.workspace.nodes[at].rules = rules;
        }
        for at in 0..self.workspace.files.len() {
            let id = FileId(at as u32);
            let named = self.workspace.nodes.iter().any(|node| node.rules.iter().any(|it| it.file == id));
            if self.workspace.files[at].kind == FileKind::Rules && !named {
                let version = self.files.only_version.unwrap_or(self.version);
                self.rule_file(id, version.into());
            }
        }
    }

    fn rules_of(
        &mut self,
        beside: (FileId, &Mount),
        config: &Config,
        version: Version,
        shared: bool,
    ) -> Vec<NodeRules> {
        let mut options = Options::from(version);
        if version >= NAMES_OF_CONFIGURATION {
            options.names = config.global.scheme(version);
        }
        let mut rules: Vec<NodeRules> = Vec::new();
        for pattern in &config.rule_files {
            let found = self.files_of(beside, pattern, shared);
            for id in found {
                if rules.iter().any(|have| have.file == id) {
                    continue;
                }
                if let Some(parsed) = self.rule_file(id, options) {
                    let is_valid = !parsed.has_errors();
                    rules.push(NodeRules { file: id, rules: parsed, is_valid });
                }
            }
        }
        rules
    }

    /// The files that a pattern names. What is wrong with it is said once for each configuration.
    fn files_of(
        &mut self,
        (config_file, mount): (FileId, &Mount),
        pattern: &Spanned<String>,
        said: bool,
    ) -> Vec<FileId> {
        let report = |assembly: &mut Self, diagnostic: Diagnostic| {
            if !said {
                assembly.report(config_file, diagnostic);
            }
        };
        let text = &pattern.value;
        let Some(resolved) = mount.here(text) else {
            let message = format!("`{text}` leads out of the workspace");
            let diagnostic = Diagnostic::info(NO_RULE_FILE, pattern.span, message)
                .because("the rules in these files are not looked into")
                .help("put the files into the workspace and name them relative to the configuration");
            report(self, diagnostic);
            return Vec::new();
        };
        if !paths::is_pattern(&resolved) {
            let message = format!("error retrieving rule files for {text}: syntax error in pattern");
            let diagnostic = Diagnostic::error(RULE_PATTERN, pattern.span, message)
                .because("Prometheus does not start with it")
                .help("close the brackets, or put a backslash before a character that stands for itself");
            report(self, diagnostic);
            return Vec::new();
        }
        let has_text = |id: &FileId| self.workspace.file(*id).text.is_some();
        let found: Vec<FileId> = if paths::has_wildcard(&resolved) {
            let files = (0..).map(FileId).zip(&self.workspace.files);
            let matching = files.filter(|(_, file)| paths::matches(&resolved, &file.path));
            matching.map(|(id, _)| id).filter(has_text).collect()
        } else {
            self.workspace.file_at(&resolved).into_iter().filter(has_text).collect()
        };
        self.workspace.wanted.push(resolved);
        if found.is_empty() {
            let message = if text.contains('*') {
                format!("`{text}` matches no file of the workspace")
            } else {
                format!("`{text}` does not point to an existing file of the workspace")
            };
            let diagnostic = Diagnostic::info(NO_RULE_FILE, pattern.span, message)
                .because("Prometheus says nothing of it: without the file there are simply no such rules")
                .help("paths are relative to the configuration's folder");
            report(self, diagnostic);
        }
        let mut rules = Vec::with_capacity(found.len());
        for id in found {
            let file = &mut self.workspace.files[id.0 as usize];
            match file.kind {
                FileKind::Other | FileKind::Rules => {
                    file.kind = FileKind::Rules;
                    rules.push(id);
                }
                _ => {
                    let message = format!("`{text}` also matches `{}`, which holds no rules", file.path);
                    let diagnostic = Diagnostic::error(RULE_PATTERN, pattern.span, message)
                        .because(
                            "Prometheus does not start: it reads the file as rules and finds other fields",
                        )
                        .help("keep rule files in a folder of their own");
                    report(self, diagnostic);
                }
            }
        }
        rules
    }

    /// Reads a file of rules and reports what is wrong with it, once.
    fn rule_file(&mut self, id: FileId, options: Options) -> Option<Arc<Parsed<RuleFile>>> {
        let path = self.workspace.file(id).path.clone();
        let parsed = self.files.rules(&path, options)?;
        // Nodes of several versions may name the file.
        let before: Vec<Finding> =
            self.workspace.findings.iter().filter(|have| have.file == id).cloned().collect();
        for diagnostic in &parsed.diagnostics {
            if !before.iter().any(|have| have.diagnostic == *diagnostic) {
                self.report(id, diagnostic.clone());
            }
        }
        Some(parsed)
    }
}
