//! `promtier explain`: what a code of a finding means.

use std::io::Write;

use crate::args::Explain;
use crate::codes::{self, Explained};
use crate::failure::{Failure, Outcome};
use crate::terminal::stdout;

/// How wide the text is at most.
const WIDTH: usize = 80;

/// Explains the codes, or lists all.
pub(crate) fn run(arguments: &Explain) -> Result<Outcome, Failure> {
    let mut chosen = Vec::new();
    for code in &arguments.codes {
        match codes::find(code) {
            Some(explained) => chosen.push(explained),
            None => return Err(unknown(code)),
        }
    }
    let mut out = stdout();
    if arguments.codes.is_empty() {
        list(&mut out)?;
    }
    for (at, explained) in chosen.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        explain(explained, &mut out)?;
    }
    out.flush()?;
    Ok(Outcome::Clean)
}

fn unknown(code: &str) -> Failure {
    let help = match codes::closest(code) {
        Some(close) => format!("did you mean `{close}`? `promtier explain` lists all"),
        None => "`promtier explain` lists all".to_owned(),
    };
    Failure::unusable(format!("there is no code `{code}`"), help)
}

fn list(out: &mut impl Write) -> std::io::Result<()> {
    let widest = codes::all().map(|explained| explained.code.len()).max().unwrap_or(0);
    for explained in codes::all() {
        writeln!(out, "{:widest$}  {}", explained.code, explained.title)?;
    }
    Ok(())
}

fn explain(explained: &Explained, out: &mut impl Write) -> std::io::Result<()> {
    let severities: Vec<&str> = explained.severities.iter().map(|severity| severity.as_str()).collect();
    writeln!(out, "{}: {} ({})\n", explained.code, explained.title, severities.join(" or "))?;
    for (head, text) in
        [("", explained.finds), ("Why it matters: ", explained.matters), ("What to do: ", explained.mend)]
    {
        writeln!(out, "{}\n", wrapped(&format!("{head}{text}")))?;
    }
    writeln!(out, "{}", wrapped(&format!("Source: {}", explained.source)))
}

/// The text in lines of at most [`WIDTH`] characters.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        let len = word.chars().count();
        if width > 0 && width + 1 + len > WIDTH {
            out.push('\n');
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += len;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_between_words() {
        let text = "word ".repeat(40);
        let text = wrapped(text.trim_end());
        assert!(text.lines().all(|line| line.len() <= WIDTH && line.starts_with("word")), "{text}");
        assert_eq!(text.replace('\n', " "), "word ".repeat(40).trim_end());
    }
}
