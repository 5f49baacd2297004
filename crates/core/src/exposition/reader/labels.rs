//! The labels of a series or of an exemplar, between their braces.

use std::ops::Range;

use crate::exposition::Format;
use crate::exposition::quote::quote;
use crate::exposition::scanner::{Scanner, Token};

use super::{EntryReader, LabelsOf, Step, Stop};

impl EntryReader {
    /// The labels after an opening brace, to the closing one.
    pub(super) fn label_pairs(&mut self, scanner: &mut Scanner<'_>, of: LabelsOf) -> Step<()> {
        if self.format == Format::OpenMetricsText && !self.version.is_v3() {
            return self.label_pairs_v2(scanner, of);
        }
        let mut token = self.next_token(scanner);
        loop {
            let first = token;
            match token {
                Token::BraceClose => return Ok(()),
                Token::LabelName | Token::QuotedString => {}
                token => return Err(self.unexpected(scanner, "expected label name", token)),
            }
            let name = Self::unquoted(scanner);
            token = self.next_token(scanner);
            // A quoted string that is no label's name is the metric's.
            if first == Token::QuotedString && matches!(token, Token::Comma | Token::BraceClose) {
                if of == LabelsOf::Exemplar {
                    return Err(self.unexpected(scanner, "expected label name", token));
                }
                if self.name.is_some() {
                    return Err(self.while_parsing(scanner, "metric name already set"));
                }
                self.name = Some(name);
                if token == Token::BraceClose {
                    return Ok(());
                }
                token = self.next_token(scanner);
                continue;
            }
            self.label_value(scanner, of, name, token)?;
            token = self.next_token(scanner);
            if token == Token::Comma {
                token = self.next_token(scanner);
            } else if self.format == Format::OpenMetricsText && token != Token::BraceClose {
                return Err(self.unexpected(scanner, "expected comma or brace close", token));
            }
        }
    }

    /// As OpenMetrics before version 3 read them.
    fn label_pairs_v2(&mut self, scanner: &mut Scanner<'_>, of: LabelsOf) -> Step<()> {
        let mut first = true;
        loop {
            let mut token = scanner.lex();
            match token {
                Token::BraceClose => return Ok(()),
                Token::Comma if first => {
                    return Err(self.unexpected(scanner, "expected label name or left brace", token));
                }
                Token::Comma => {
                    token = scanner.lex();
                    if token != Token::LabelName {
                        return Err(self.unexpected(scanner, "expected label name", token));
                    }
                }
                Token::LabelName if !first => return Err(self.unexpected(scanner, "expected comma", token)),
                Token::LabelName => {}
                token if first => {
                    return Err(self.unexpected(scanner, "expected label name or left brace", token));
                }
                token => return Err(self.unexpected(scanner, "expected comma or left brace", token)),
            }
            first = false;
            let name = Self::unquoted(scanner);
            let equal = scanner.lex();
            self.label_value(scanner, of, name, equal)?;
        }
    }

    fn label_value(
        &mut self,
        scanner: &mut Scanner<'_>,
        of: LabelsOf,
        name: Range<usize>,
        equal: Token,
    ) -> Step<()> {
        if equal != Token::Equal {
            return Err(self.unexpected(scanner, "expected equal", equal));
        }
        let token = self.next_token(scanner);
        if token != Token::LabelValue {
            return Err(self.unexpected(scanner, "expected label value", token));
        }
        if std::str::from_utf8(scanner.token()).is_err() {
            return Err(Stop::Error(if self.version.is_v3() {
                format!("invalid UTF-8 label value: {}", quote(scanner.token()))
            } else {
                "invalid UTF-8 label value".to_owned()
            }));
        }
        let value = scanner.start + 1..(scanner.at - 1).max(scanner.start + 1);
        match of {
            LabelsOf::Series => self.labels.push((name, value)),
            LabelsOf::Exemplar => self.exemplar_labels.push((name, value)),
        }
        Ok(())
    }
}
