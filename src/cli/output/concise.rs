//! One line a finding: `path:line:column: severity[code] message`.

use std::io::{self, Write};

use super::{Finding, Sources};
use crate::terminal::one_line;

/// Prints the findings.
pub(crate) fn write(out: &mut impl Write, sources: &Sources<'_>, findings: &[Finding]) -> io::Result<()> {
    for Finding { file, diagnostic } in findings {
        let source = sources.get(*file);
        let place = source.place(diagnostic.span.start);
        writeln!(
            out,
            "{}:{}:{}: {}[{}] {}",
            one_line(&source.path),
            place.line,
            place.column,
            diagnostic.severity,
            diagnostic.code,
            one_line(&diagnostic.message)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_a_line_each() {
        let (sources, findings) = super::super::tests::example();
        let mut out = Vec::new();
        write(&mut out, &sources, &findings).expect("memory takes it");
        insta::assert_snapshot!(String::from_utf8(out).expect("text"), @r#"
        conf/a,b:c.yml:2:20: error[prometheus/invalid-duration] not a valid duration string: "15"
        conf/a,b:c.yml:3:3: warning[prometheus/odd] odd
        "#);
    }
}
