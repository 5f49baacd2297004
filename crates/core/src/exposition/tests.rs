//! Reading in pieces, hostile bytes, and what is said about bad lines.

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::series::SeriesStore;

type Found = (Vec<(String, u64, Option<i64>)>, Vec<Problem>, u64, Option<Failure>, Vec<Metadata>, u64);

fn rows(store: &SeriesStore) -> Vec<(String, u64, Option<i64>)> {
    let show = |&row: &u32| {
        let labels: Vec<String> =
            store.labels(row).map(|(name, value)| format!("{name:?}={value:?}")).collect();
        (labels.join(","), store.value(row).to_bits(), store.timestamp(row))
    };
    store.rows_in_order().iter().map(show).collect()
}

fn found(exposition: Exposition) -> Found {
    let Exposition { store, problems, problem_count, failure, metadata, bytes } = exposition;
    (rows(&store), problems, problem_count, failure, metadata, bytes)
}

fn in_pieces(text: &[u8], format: Format, options: Options, cuts: &[usize]) -> Found {
    let mut parser = Parser::new(format, options);
    let mut rest = text;
    for &cut in cuts {
        let (piece, more) = rest.split_at(cut.min(rest.len()));
        parser.push(piece);
        rest = more;
    }
    parser.push(rest);
    found(parser.finish())
}

/// Text made of what the formats are made of, so that random tests reach deep.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => Just("up{job=\"a\",instance=\"b\"} 1\n"),
        4 => Just("up{job=\"a\",instance=\"c\"} 2.5 1000\n"),
        2 => Just("m 3\n"), 1 => Just("m{} 3\n"), 1 => Just("# TYPE h histogram\n"), 1 => Just("h_bucket{le=\"1\"} 1\n"),
        1 => Just("h_bucket{le=\"2\",job=\"a\"} 1\n"),
        1 => Just("# HELP m some text\n"), 1 => Just("# TYPE m untyped\n"), 1 => Just("# EOF\n"), 1 => Just("# UNIT a_b b\n"),
        1 => Just("{"), 1 => Just("}"), 1 => Just("\""), 1 => Just("\\"), 1 => Just("\\\""), 1 => Just(","), 1 => Just("="),
        1 => Just(" "), 1 => Just("\t"), 1 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\0"), 1 => Just("#"), 1 => Just("# "),
        1 => Just("é→"), 1 => Just("name"), 1 => Just("1e5"), 1 => Just("NaN"), 1 => Just(" # {a=\"b\"} 1"), 1 => Just("job=\"x\""),
        1 => Just("{\"quoted.name\",a=\"b\"} 4\n"), 1 => Just("up{a=\"\",a=\"\"} 1\n"), 1 => Just("x{a=\"v\\n\\\"\\\\\"} 1\n"),
    ];
    let bytes = prop_oneof![12 => piece.prop_map(|text| text.as_bytes().to_vec()), 1 => any::<u8>().prop_map(|byte| vec![byte])];
    proptest::collection::vec(bytes, 0..40).prop_map(|pieces| pieces.concat())
}

/// Lines that resemble each other, as those of real metrics do: what the short way is for.
fn similar_lines() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        8 => "[a-c]{0,3}", 4 => "[a-c]{7,20}", 1 => Just("q\\\"q".to_owned()), 1 => Just("b\\\\".to_owned()),
        1 => Just("\\n\\t".to_owned()), 1 => Just("é→".to_owned()), 1 => Just("1".to_owned()), 1 => Just("a\nb".to_owned()),
        1 => Just("0.50".to_owned()), 1 => Just("\0".to_owned()),
    ];
    let labels = prop_oneof![
        6 => Just(vec!["a", "b", "job"]), 2 => Just(vec!["b", "a"]), 1 => Just(vec!["le"]), 1 => Just(vec!["quantile", "a"]), 1 => Just(vec![]),
        1 => Just(vec!["a", "a"]), 1 => Just(vec!["__name__"]),
    ];
    let number = prop_oneof![6 => "[0-9]{1,9}", 2 => "-?[0-9]{1,4}\\.[0-9]{1,12}", 1 => "[0-9]e[+-]?[0-9]{1,3}", 1 => Just("NaN".to_owned()), 1 => Just("x".to_owned())];
    let tail = prop_oneof![6 => Just(""), 3 => Just(" 1234567890123"), 1 => Just(" 1.5"), 1 => Just(" -1"), 1 => Just(" "), 1 => Just("\t7"), 1 => Just("\r")];
    let line = (
        prop_oneof![4 => Just("up"), 2 => Just("upper"), 1 => Just("h_bucket")],
        labels,
        proptest::collection::vec(value, 3),
        any::<bool>(),
        number,
        tail,
    )
        .prop_map(|(name, labels, values, comma, number, tail)| {
            let pairs: Vec<String> =
                labels.iter().zip(&values).map(|(label, value)| format!("{label}=\"{value}\"")).collect();
            let comma = if comma && !pairs.is_empty() { "," } else { "" };
            let braces =
                if pairs.is_empty() { String::new() } else { format!("{{{}{comma}}}", pairs.join(",")) };
            format!("{name}{braces} {number}{tail}\n")
        });
    let other = prop_oneof![
        Just("# TYPE h histogram\n"),
        Just("# TYPE s summary\n"),
        Just("# TYPE u untyped\n"),
        Just("# HELP u text\n"),
        Just("\n"),
        Just("# x\n"),
        Just("up{a=\"1\" , b=\"2\"} 1\n")
    ];
    let line = prop_oneof![9 => line, 1 => other.prop_map(str::to_owned)];
    proptest::collection::vec(line, 0..30).prop_map(|lines| lines.concat().into_bytes())
}

fn format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::PrometheusText), Just(Format::OpenMetricsText)]
}

fn version() -> impl Strategy<Value = Version> {
    prop_oneof![Just(Version::V2_42), Just(Version::NEWEST)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn pieces_do_not_matter(text in prop_oneof![text(), similar_lines()], format in format(), version in version(), cuts in proptest::collection::vec(0_usize..40, 0..30)) {
        let options = Options { version, ..Options::default() };
        let whole = found(parse(&text, format, options));
        prop_assert_eq!(in_pieces(&text, format, options, &cuts), whole.clone());
        let single = vec![1; text.len()];
        prop_assert_eq!(in_pieces(&text, format, options, &single), whole);
    }

    #[test]
    fn agrees_with_the_strict_reading(text in prop_oneof![text(), similar_lines()], format in format(), version in version()) {
        let mut strict = Vec::new();
        let mut refused = None;
        let result = entries(&text, format, version, false, |entry| {
            if let Entry::Series(series) = entry && refused.is_none() {
                let utf8 = series.labels.iter().all(|(name, value)| std::str::from_utf8(name).is_ok() && std::str::from_utf8(value).is_ok());
                // Of a label that is there twice, one without a value takes the others with it.
                let mut labels = series.labels.clone();
                for (name, value) in &mut labels {
                    if series.labels.iter().any(|(have, value)| have == name && value.is_empty()) {
                        *value = Cow::Borrowed(b"");
                    }
                }
                labels.dedup_by(|one, other| one == other && one.1.is_empty());
                let unique = labels.windows(2).all(|pair| pair[0].0 != pair[1].0);
                if utf8 && unique {
                    let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{:?}={:?}", std::str::from_utf8(name).unwrap(), std::str::from_utf8(value).unwrap())).collect();
                    strict.push((labels.join(","), series.value.to_bits(), series.timestamp));
                } else {
                    refused = Some(());
                }
            }
        });
        prop_assume!(!text.is_empty());
        let exposition = parse(&text, format, Options { version, ..Options::default() });
        let all = rows(&exposition.store);
        match (&exposition.failure, refused, result) {
            (None, None, Ok(())) => prop_assert_eq!(all, strict),
            (Some(failure), None, Err(message)) => {
                prop_assert_eq!(&failure.message, &message);
                prop_assert_eq!(failure.series_before as usize, strict.len());
                prop_assert_eq!(&all[..strict.len()], &strict[..]);
            }
            (Some(failure), Some(()), _) => {
                prop_assert_eq!(failure.series_before as usize, strict.len());
                prop_assert_eq!(&all[..strict.len()], &strict[..]);
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn any_bytes_are_read(text in proptest::collection::vec(any::<u8>(), 0..300), format in format(), version in version()) {
        let options = Options { version, max_entry: 64, ..Options::default() };
        let _ = parse(&text, format, options);
    }
}

fn check(text: &str, expect: &[(u64, u64, &str)]) {
    let exposition = parse(text.as_bytes(), Format::PrometheusText, Options::default());
    let have: Vec<_> = exposition
        .problems
        .iter()
        .map(|problem| (problem.line, problem.column, problem.diagnostic.message.as_ref()))
        .collect();
    assert_eq!(have, expect, "{text:?}");
}

#[test]
fn names_the_place_of_what_is_wrong() {
    check("up 1\n", &[]);
    check(
        "up 1\nup{a=b} 2\nup 3\n",
        &[(2, 6, "expected label value, got \"b\" (\"INVALID\") while parsing: \"up{a=b\"")],
    );
    check(
        "é\nup{é=\"1\"} 2\n\n\nup x\n",
        &[
            (1, 1, "expected a valid start token, got \"\\xc3\" (\"INVALID\") while parsing: \"\\xc3\""),
            (2, 4, "expected label name, got \"\\xc3\" (\"INVALID\") while parsing: \"up{\\xc3\""),
            (5, 4, "strconv.ParseFloat: parsing \"x\": invalid syntax while parsing: \"up x\""),
        ],
    );
    check("up{a=\"é\",a=\"\",a=\"x\"} 1\n", &[]);
    check("up{a=\"é\",a=\"x\"} 1\n", &[(1, 1, "label name \"a\" is not unique: invalid sample")]);
    check(
        "up 1\0\nup 2\n",
        &[(
            1,
            5,
            "expected timestamp or new record, got \"\\x00\" (\"INVALID\") while parsing: \"up 1\\x00\"",
        )],
    );
    check("up 1\n\0up 2\n", &[(2, 1, "a NUL byte ends the text here, and 5 bytes follow")]);
    check("  up 1\n", &[(1, 1, "the name of this metric is `  up`, with the blanks before it")]);
    check(
        "up 1\r\n",
        &[(1, 4, "strconv.ParseFloat: parsing \"1\\r\": invalid syntax while parsing: \"up 1\\r\"")],
    );
}

#[test]
fn problems_are_counted_past_the_cap() {
    let text = "bad\n".repeat(1000);
    let exposition = parse(text.as_bytes(), Format::PrometheusText, Options::default());
    assert_eq!((exposition.problems.len(), exposition.problem_count), (100, 1000));
}

#[test]
fn a_quote_that_is_never_closed_holds_no_more_than_the_limit() {
    let text = format!("up 1\nup{{a=\"{}\ndown 2\n", "x".repeat(1000));
    let options = Options { max_entry: 500, ..Options::default() };
    let exposition = parse(text.as_bytes(), Format::PrometheusText, options);
    assert_eq!(exposition.problem_count, 1);
    let names: Vec<&str> =
        exposition.store.rows_in_order().iter().map(|&row| exposition.store.metric_name(row)).collect();
    assert_eq!(names, ["up", "down"]);
}

#[test]
fn messages_of_version_2() {
    let check = |text: &str, format: Format, expect: &str| {
        let options = Options { version: Version::V2_42, ..Options::default() };
        let failure = parse(text.as_bytes(), format, options).failure.expect("a failure");
        assert_eq!(failure.message, expect);
    };
    check("m{a='1'} 1\n", Format::PrometheusText, "expected label value, got \"INVALID\"");
    check("m 1e400\n", Format::PrometheusText, "strconv.ParseFloat: parsing \"1e400\": value out of range");
    check("{\"m\"} 1\n", Format::PrometheusText, "\"INVALID\" is not a valid start token");
    check(
        "m{a=\"\u{1}\"} 1 x\n",
        Format::PrometheusText,
        "expected timestamp or new record, got \"INVALID\"",
    );
    check(
        "m 1 2 3\n# EOF\n",
        Format::OpenMetricsText,
        "expected next entry after timestamp, got \"TIMESTAMP\"",
    );
    check("m 1 # {a=\"b\"} 1\n# EOF\n", Format::OpenMetricsText, "metric name m does not support exemplars");
}
