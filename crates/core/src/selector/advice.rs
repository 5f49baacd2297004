//! What to do about a selector that is refused.

use super::SYNTAX;
use super::token::{Fault, Kind, QUOTED_NAMES, Token};
use crate::diagnostic::{Diagnostic, Fix};
use crate::labels::METRIC_NAME;
use crate::regex::RegexErrorKind;
use crate::text::{Span, TextEdit, quote};
use crate::version::Version;

pub(super) fn explain_fault(fault: &Fault, text: &[u8], kind: Kind) -> Diagnostic {
    let diagnostic = Diagnostic::error(SYNTAX, fault.span, fault.message.clone());
    let message = fault.message.as_str();
    if kind == Kind::End && !message.contains("inside braces") {
        return match message.split_once("left ") {
            Some(_) if message.ends_with("parenthesis") => diagnostic.help("close the parenthesis with `)`"),
            _ => diagnostic.help("close the brackets with `]`"),
        };
    }
    if kind == Kind::End {
        let fix = Fix::safe("Insert `}`", vec![TextEdit::insert(fault.span.end, "}")]);
        return diagnostic.help("close the braces with `}`").fix(fix);
    }
    if message.starts_with("unknown escape sequence") {
        let fix = Fix::safe("Double the backslash", vec![TextEdit::insert(fault.span.start, "\\")]);
        return diagnostic
            .because("strings have escapes of their own, which are read before the regular expression")
            .help("write the backslash twice, or put the value in backticks")
            .fix(fix);
    }
    if message.starts_with("unterminated") {
        return diagnostic.help("close the string with the quote that opens it");
    }
    if message.starts_with("unexpected character inside braces") {
        return match text {
            b":" | b"." | b"-" => diagnostic.help("put the label's name in quotes: `\"a.b\"=\"…\"`"),
            [0xE2, 0x80, 0x98..=0x9F] => diagnostic.help("use straight quotes: `\"`"),
            _ if text.first().is_some_and(u8::is_ascii_digit) => {
                diagnostic.help("values are strings: put the number in quotes")
            }
            _ => diagnostic,
        };
    }
    diagnostic
}

pub(super) fn explain_start(
    diagnostic: Diagnostic,
    token: &Token,
    word: &[u8],
    version: Version,
) -> Diagnostic {
    match token.kind {
        Kind::End => diagnostic.help("name a metric, such as `up`, or match labels: `{job=\"…\"}`"),
        Kind::String if version >= QUOTED_NAMES => {
            let edits = vec![TextEdit::insert(token.span.start, "{"), TextEdit::insert(token.span.end, "}")];
            diagnostic
                .help("a name in quotes stands in braces: `{\"…\"}`")
                .fix(Fix::safe("Put the name in braces", edits))
        }
        Kind::Keyword | Kind::OperatorWord | Kind::Number
            if word.first().is_some_and(u8::is_ascii_alphabetic) =>
        {
            let name = String::from_utf8_lossy(word);
            let fix = Fix::safe(
                "Match the name as a label",
                vec![TextEdit::replace(token.span, format!("{{{METRIC_NAME}=\"{name}\"}}"))],
            );
            diagnostic
                .because(format!("`{name}` is a word of PromQL and names no metric outside of braces"))
                .fix(fix)
        }
        _ => diagnostic.because("`match[]` takes a selector, not an expression"),
    }
}

pub(super) fn explain_rest(diagnostic: Diagnostic, name: Option<Span>) -> Diagnostic {
    let diagnostic = diagnostic.because("`match[]` takes one selector and nothing else");
    if name.is_some() { diagnostic.help("remove what follows the name and its braces") } else { diagnostic }
}

pub(super) fn explain_value(diagnostic: Diagnostic, token: &Token, text: &[u8]) -> Diagnostic {
    match token.kind {
        Kind::Identifier => {
            let fix = Fix::safe("Put the value in quotes", vec![TextEdit::replace(token.span, quote(text))]);
            diagnostic.help("put the value in quotes").fix(fix)
        }
        Kind::Equal => {
            let fix = Fix::safe("Remove one `=`", vec![TextEdit::delete(token.span)]);
            diagnostic.help("labels are compared with a single `=`").fix(fix)
        }
        _ => diagnostic.help("give the value in quotes"),
    }
}

pub(super) fn explain_regex(kind: RegexErrorKind) -> &'static str {
    match kind {
        RegexErrorKind::PerlOp => "Go's regular expressions (RE2) have no lookaround and no `x` flag",
        RegexErrorKind::Escape => {
            "Go's regular expressions (RE2) have no backreferences and know only their own escapes"
        }
        RegexErrorKind::RepeatArgument => "`*` repeats what stands before it; for any text write `.*`",
        RegexErrorKind::RepeatOp => "put the inner repetition in a group: `(?:a*)*`",
        RegexErrorKind::RepeatSize => "at most 1000 repetitions are possible, nested ones multiplied",
        RegexErrorKind::Bracket => "close the class with `]`, or write `\\\\[` for a bracket",
        RegexErrorKind::Paren | RegexErrorKind::UnexpectedParen => {
            "balance the parentheses, or write `\\\\(` for one that is meant as it is"
        }
        _ => "",
    }
}
