//! From the tree to the groups.

use super::decode::{Values, is_null};
use super::model::{Expression, Pair, Rule, RuleFile, RuleGroup};
use super::{DURATION, Options};
use crate::diagnostic::{Diagnostic, Fix};
use crate::promql;
use crate::text::TextEdit;
use crate::units::Duration;
use crate::version::Version;
use crate::yaml::{self, Kind, Node, ScalarStyle, Spanned};

/// `query_offset` came with this release.
const QUERY_OFFSET: Version = Version { major: 2, minor: 53 };

const RULE_FIELDS: &[&str] = &["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"];

/// The groups of a file, and what is wrong with the types of its values.
pub(super) fn read(source: &str, document: &yaml::Document, options: Options) -> (RuleFile, Vec<Diagnostic>) {
    let mut reader = Reader { source, values: Values::new(document, options.dialect.version), options };
    let mut file = RuleFile::default();
    if let Some(root) = reader.values.root() {
        reader.file(root, &mut file);
    }
    (file, reader.values.finish())
}

struct Reader<'d> {
    source: &'d str,
    values: Values<'d>,
    options: Options,
}

impl<'d> Reader<'d> {
    fn file(&mut self, root: Node<'d>, file: &mut RuleFile) {
        let fields = self.values.fields(root, "rulefmt.RuleGroups", Some(&["groups"])).unwrap_or_default();
        for field in fields {
            let groups = self.values.items(field.value, "[]rulefmt.RuleGroup").unwrap_or_default();
            for node in groups.into_iter().filter(|node| !is_null(*node)) {
                let group = self.group(node);
                file.groups.extend(group);
            }
        }
    }

    fn group_fields(&self) -> Vec<&'static str> {
        let version = self.options.dialect.version;
        let mut fields = vec!["name", "interval", "limit", "rules"];
        if version >= QUERY_OFFSET {
            fields.push("query_offset");
        }
        if version.is_v3() {
            fields.push("labels");
        }
        fields
    }

    fn group(&mut self, node: Node<'d>) -> Option<RuleGroup> {
        let known = self.group_fields();
        let fields = self.values.fields(node, "rulefmt.RuleGroup", Some(&known))?;
        let mut group = RuleGroup { span: node.span(), ..RuleGroup::default() };
        group.name.span = node.span();
        for field in fields {
            match field.name.as_str() {
                "name" => group.name = self.values.string(field.value).unwrap_or_default(),
                "interval" => group.interval = self.duration(field.value),
                "query_offset" => group.query_offset = self.duration(field.value),
                "limit" => group.limit = self.values.integer(field.value),
                "labels" => group.labels = self.pairs(field.value),
                _ => {
                    let go_type = format!("[]{}", self.values.rule_type());
                    let rules = self.values.items(field.value, &go_type).unwrap_or_default();
                    for rule in rules.into_iter().filter(|node| !is_null(*node)) {
                        let rule = self.rule(rule);
                        group.rules.extend(rule);
                    }
                }
            }
        }
        Some(group)
    }

    fn rule(&mut self, node: Node<'d>) -> Option<Rule> {
        let go_type = self.values.rule_type();
        let fields = self.values.fields(node, go_type, Some(RULE_FIELDS))?;
        let mut rule = Rule { span: node.span(), ..Rule::default() };
        for field in fields {
            let value = field.value;
            match field.name.as_str() {
                "record" => rule.record = self.values.rule_field(value),
                "alert" => rule.alert = self.values.rule_field(value),
                "expr" => rule.expr = self.expression(value),
                "for" => rule.hold = self.duration(value),
                "keep_firing_for" => rule.keep_firing_for = self.duration(value),
                "labels" => rule.labels = self.pairs(value),
                _ => rule.annotations = self.pairs(value),
            }
        }
        Some(rule)
    }

    fn expression(&mut self, node: Node<'d>) -> Option<Expression> {
        let text = self.values.rule_field(node)?;
        if text.value.is_empty() {
            return None;
        }
        let (parsed, first) = match promql::Expr::parse_strict(&text.value, self.options.dialect) {
            Ok(expr) => return Some(Expression { text, expr, is_valid: true }),
            Err(error) => (promql::parse(&text.value, self.options.dialect), error),
        };
        for (index, diagnostic) in parsed.diagnostics.into_iter().enumerate() {
            let fixes = diagnostic.fixes.clone();
            let mut diagnostic = diagnostic.mapped(&text.map);
            diagnostic.fixes = fixes.into_iter().filter_map(|fix| self.fix(fix, &text, node)).collect();
            if index == 0 {
                diagnostic.message = format!("could not parse expression: {first}").into();
            }
            self.values.report(diagnostic);
        }
        Some(Expression { text, expr: parsed.value, is_valid: false })
    }

    /// A fix of an expression as one of the file; `None` where the file spells the place otherwise, or would
    /// have to spell the new words otherwise.
    fn fix(&self, mut fix: Fix, text: &Spanned<String>, node: Node<'d>) -> Option<Fix> {
        let Kind::Scalar { style, .. } = node.kind() else { return None };
        let fits = |c: char| match style {
            ScalarStyle::Literal | ScalarStyle::Folded => c != '\n',
            ScalarStyle::SingleQuoted => c != '\n' && c != '\'',
            ScalarStyle::DoubleQuoted => !matches!(c, '\n' | '"' | '\\'),
            ScalarStyle::Plain => c.is_ascii_alphanumeric() || matches!(c, '_' | '=' | '(' | ')'),
        };
        for TextEdit { span, text: new } in &mut fix.edits {
            let place = text.part(*span);
            let is_verbatim = self.source.get(place.range()) == text.value.get(span.range());
            if !is_verbatim || !new.chars().all(fits) {
                return None;
            }
            *span = place;
        }
        Some(fix)
    }

    fn duration(&mut self, node: Node<'d>) -> Option<Spanned<Duration>> {
        if is_null(node) {
            return None;
        }
        let text = self.values.string(node)?;
        match Duration::parse(&text.value, self.options.dialect.version) {
            Ok(duration) => Some(Spanned::new(duration, text.span)),
            Err(message) => {
                let diagnostic = Diagnostic::error(DURATION, text.span, message)
                    .help("write whole numbers with units from the largest to the smallest: `1h30m`");
                self.values.report(diagnostic);
                None
            }
        }
    }

    fn pairs(&mut self, node: Node<'d>) -> Vec<Pair> {
        let fields = self.values.fields(node, "map[string]string", None).unwrap_or_default();
        let mut pairs = Vec::with_capacity(fields.len());
        for field in fields {
            let Some(value) = self.values.string(field.value) else { continue };
            let key = field.key.resolved().unwrap_or(field.key);
            let name = Spanned { value: field.name, span: field.key.span(), map: key.source_map() };
            pairs.push(Pair { name, value });
        }
        pairs
    }
}
