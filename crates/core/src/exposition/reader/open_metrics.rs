//! Entries of OpenMetrics: `openmetricsparse.go`.

use crate::exposition::entry::MetricType;
use crate::exposition::number::milliseconds;
use crate::exposition::quote::quote;
use crate::exposition::scanner::{Scanner, Token};

use super::{EntryReader, Kind, LabelsOf, NO_EOF, Step, Stop};

impl EntryReader {
    /// `None` for a series that is skipped.
    pub(super) fn open_metrics(&mut self, scanner: &mut Scanner<'_>) -> Step<Option<Kind>> {
        self.series = scanner.at..scanner.at;
        let token = scanner.lex();
        match token {
            Token::EofWord => match scanner.lex() {
                Token::Eof => Err(Stop::End),
                _ => Err(Stop::Error("unexpected data after # EOF".to_owned())),
            },
            Token::Eof => Err(Stop::Error(NO_EOF.to_owned())),
            Token::Help | Token::Type | Token::Unit => {
                let name = scanner.lex();
                if name != Token::MetricName {
                    let expected = format!("expected metric name after {}", token.as_str());
                    return Err(self.unexpected(scanner, &expected, name));
                }
                self.name = Some(Self::unquoted(scanner));
                if scanner.lex() != Token::Text {
                    return Err(Stop::Error(format!("expected text in {}", token.as_str())));
                }
                let text = scanner.start + 1;
                self.text = text..(scanner.at - 1).max(text);
                self.metadata(scanner, token).map(Some)
            }
            Token::BraceOpen => {
                self.label_pairs(scanner, LabelsOf::Series)?;
                self.series.end = scanner.at;
                let value = scanner.lex();
                self.open_metrics_sample(scanner, value)
            }
            Token::MetricName => {
                self.name = Some(self.series.start..scanner.at);
                self.series.end = scanner.at;
                let mut value = scanner.lex();
                if value == Token::BraceOpen {
                    self.label_pairs(scanner, LabelsOf::Series)?;
                    self.series.end = scanner.at;
                    value = scanner.lex();
                }
                self.open_metrics_sample(scanner, value)
            }
            token if self.version.is_v3() => {
                Err(self.unexpected(scanner, "expected a valid start token", token))
            }
            token => {
                let byte = scanner.bytes.get(scanner.at).copied().unwrap_or(0);
                let shown = quote(char::from(byte).to_string().as_bytes());
                Err(Stop::Error(format!("\"{}\" {shown} is not a valid start token", token.as_str())))
            }
        }
    }

    fn open_metrics_sample(&mut self, scanner: &mut Scanner<'_>, token: Token) -> Step<Option<Kind>> {
        let Some(name) = self.name.clone() else {
            return Err(self.while_parsing(scanner, "metric name not set"));
        };
        self.value = self.spaced_float(scanner, token, "metric")?;
        self.timestamp = None;
        match scanner.lex() {
            Token::Eof => return Err(Stop::Error(NO_EOF.to_owned())),
            Token::Linebreak => {}
            Token::Comment => self.exemplar(scanner)?,
            Token::Timestamp => {
                self.timestamp = Some(self.seconds(scanner, "timestamp")?);
                match scanner.lex() {
                    Token::Linebreak => {}
                    Token::Comment => self.exemplar(scanner)?,
                    token => {
                        return Err(self.unexpected(scanner, "expected next entry after timestamp", token));
                    }
                }
            }
            // Version 3 takes the series and stumbles over the rest of the line as its next entry.
            _ if self.version.is_v3() => {}
            token => return Err(self.unexpected(scanner, "expected timestamp or # symbol", token)),
        }
        let typed =
            matches!(self.metric_type, MetricType::Counter | MetricType::Summary | MetricType::Histogram);
        let skipped = self.skip_created && typed && scanner.bytes[name].ends_with(b"_created");
        Ok((!skipped).then_some(Kind::Series))
    }

    fn exemplar(&mut self, scanner: &mut Scanner<'_>) -> Step<()> {
        if !self.version.is_v3() {
            let name = self.name.clone().map_or(&[][..], |name| &scanner.bytes[name]);
            if !name.ends_with(b"_total") && !name.ends_with(b"_bucket") {
                let message =
                    format!("metric name {} does not support exemplars", String::from_utf8_lossy(name));
                return Err(Stop::Error(message));
            }
        }
        self.label_pairs(scanner, LabelsOf::Exemplar)?;
        let token = scanner.lex();
        let value = self.spaced_float(scanner, token, "exemplar labels")?;
        let timestamp = match scanner.lex() {
            Token::Eof => return Err(Stop::Error(NO_EOF.to_owned())),
            Token::Linebreak => None,
            Token::Timestamp => {
                let time = self.seconds(scanner, "exemplar timestamp")?;
                let end = scanner.lex();
                if end != Token::Linebreak {
                    return Err(self.unexpected(
                        scanner,
                        "expected next entry after exemplar timestamp",
                        end,
                    ));
                }
                Some(time)
            }
            token => return Err(self.unexpected(scanner, "expected timestamp or comment", token)),
        };
        self.exemplar = Some((value, timestamp));
        Ok(())
    }

    fn spaced_float(&self, scanner: &Scanner<'_>, token: Token, after: &str) -> Step<f64> {
        if token != Token::Value {
            return Err(self.unexpected(scanner, &format!("expected value after {after}"), token));
        }
        self.float(scanner, scanner.token().get(1..).unwrap_or(&[]))
    }

    fn seconds(&self, scanner: &Scanner<'_>, what: &str) -> Step<i64> {
        let seconds = self.float(scanner, scanner.token().get(1..).unwrap_or(&[]))?;
        if seconds.is_finite() {
            return Ok(milliseconds(seconds));
        }
        let shown = match (self.version.is_v3(), seconds.is_nan(), seconds > 0.0) {
            (false, ..) => "",
            (_, true, _) => " NaN",
            (_, _, true) => " +Inf",
            _ => " -Inf",
        };
        Err(Stop::Error(format!("invalid {what}{shown}")))
    }
}
