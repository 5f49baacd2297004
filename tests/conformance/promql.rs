//! Vectors of `promql`: the expressions among those of `selector`, with what Prometheus' own tests expect of them.

use promtier::promql::{Dialect, Expr};
use promtier::version::Version;

use super::vectors;

/// These were mended after 3.14.0: that release and all before it take them.
const MENDED_LATER: &[&str] =
    &["some_metric @ start() [5m]", "some_metric @ end()[5m]", "some_metric offset step()[5m]"];

#[test]
fn expressions() {
    let Some(rows) = vectors::rows("promql::expressions", "selectors.jsonl") else { return };
    // As Prometheus' tests set the flags.
    let dialect = Dialect {
        version: Version::NEWEST,
        experimental_functions: true,
        duration_expressions: true,
        extended_ranges: true,
        fill: false,
    };
    let (mut accepted, mut refused) = (0, 0);
    for row in rows.iter().filter(|row| row["parse_expr"].is_object()) {
        let expect = &row["parse_expr"];
        let input = vectors::bytes(&row["input"]);
        let shown = String::from_utf8_lossy(&input).into_owned();
        if MENDED_LATER.contains(&shown.as_str()) {
            continue;
        }
        match Expr::parse_strict(&input, dialect) {
            Ok(expr) => {
                accepted += 1;
                assert_eq!(expect["ok"], true, "{shown}: {expect}");
                let printed = expr.to_string();
                let again = Expr::parse_strict(&printed, dialect).map(|expr| expr.to_string());
                assert_eq!(again, Ok(printed), "{shown}");
            }
            Err(error) => {
                refused += 1;
                assert_eq!(expect["error"].as_str(), Some(error.to_string().as_str()), "{shown}");
            }
        }
    }
    assert!(accepted > 190 && refused > 130, "{accepted} accepted, {refused} refused");
}
