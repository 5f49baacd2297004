use super::*;

#[test]
fn says_what_go_says() {
    let check = |text: &str, expect: &str| {
        let said = super::check(text, "t", Version::NEWEST).err();
        let said = said.map(|error| format!("{}: {}", error.line, error.message)).unwrap_or_default();
        assert_eq!(said, expect, "{text}");
    };
    check("plain", "");
    check("{{ $labels.instance }} is {{ $value | humanize }}", "");
    check("{{ .Labels.a }}{{- /* c */ -}} {{ with query \"up\" }}{{ . | first | value }}{{ end }}", "");
    check("{{ range $i, $x := query \"up\" }}{{ $i }}{{ else }}-{{ end }}", "");
    check("{{ if eq $labels.a \"b\" }}x{{ else if true }}y{{ end }}", "");
    check("{{ define \"a\" }}x{{ end }}{{ template \"a\" . }}", "");
    check("{{ $label.instance }}", "1: undefined variable \"$label\"");
    check("{{$labels.quantile * 100}}", "1: unexpected \"*\" in operand");
    check("a\n{{ nosuch }}", "2: function \"nosuch\" not defined");
    check("{{", "1: unclosed action");
    check("{{ if }}", "1: missing value for if");
    check("{{ if true }}", "1: unexpected EOF");
    check("{{ end }}", "1: unexpected {{end}}");
    check("{{ }}", "1: missing value for command");
    check("{{ $x := 1 }}{{ $x }}", "");
    check("{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", "1: undefined variable \"$x\"");
    check("{{ \"a\" | 1 }}", "1: non executable command in pipeline stage 2");
    check("{{ break }}", "1: {{break}} outside {{range}}");
    check("{{ \"a }}", "1: unterminated quoted string");
    check("{{ (1 }}", "1: unclosed left paren");
    check("{{ 1.a }}", "1: bad number syntax: \"1.a\"");
    check("{{ toDuration 1 }}", "");
}

#[test]
fn functions_come_with_releases() {
    let fails =
        |text: &str, version: &str| super::check(text, "t", version.parse().expect("a version")).is_err();
    assert!(fails("{{ now }}", "3.5"), "in 3.5");
    assert!(!fails("{{ now }}", "3.6"), "in 3.6");
    assert!(fails("{{ urlQueryEscape \"a\" }}", "3.7"), "in 3.7");
}

#[test]
fn half_typed_text_never_panics() {
    let text = "{{ with $x := query `a` }}{{ range . }}{{- .Labels.b | printf \"%s\\n\" -}}{{ else }}{{ 0x1f }}{{ end }}{{ end }}é";
    for (end, _) in text.char_indices() {
        for start in [0, end / 2] {
            if let Some(part) = text.get(start..end) {
                let _ = super::check(part, "t", Version::NEWEST);
                let _ = super::check(part, "t", Version::V2_42);
            }
        }
    }
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(9999), ")".repeat(9999));
    assert!(super::check(&deep, "t", Version::NEWEST).is_err(), "deep");
    assert!(super::check(&"{{if 1}}".repeat(9999), "t", Version::NEWEST).is_err(), "deep");
    assert!(
        super::check(&("{{if 1}}".to_owned() + &"{{else if 1}}".repeat(9999)), "t", Version::NEWEST).is_err(),
        "deep"
    );
}
