//! Codes of samples, selectors and what is pulled.

use super::{ERROR, Explained, INFO, WARNING};

pub(super) const SELECTOR: &[Explained] = &[
    Explained {
        code: "selector/syntax",
        severities: ERROR,
        title: "A `match[]` that is no selector",
        finds: "A selector of a federation job cannot be read; the message is that of the server that is asked.",
        matters: "Prometheus starts with it. The server that it asks answers `400 Bad Request` to the whole request: none of the job's selectors brings anything.",
        mend: "Look at the place that is marked. Values stand in quotes, and in YAML the whole selector does, too: `'{job=\"shop\"}'`.",
        source: "promql/parser, ParseMetricSelector; web/federate.go",
    },
    Explained {
        code: "selector/regex",
        severities: ERROR,
        title: "A regular expression that is refused",
        finds: "The value of a `=~` or `!~` is no regular expression of Go's RE2.",
        matters: "The server that is asked answers `400 Bad Request` to all of the job's selectors.",
        mend: "RE2 has neither look-around nor back references. A backslash is written twice inside of a selector's double quotes.",
        source: "model/labels/regexp.go; Go's regexp/syntax",
    },
    Explained {
        code: "selector/too-large",
        severities: ERROR,
        title: "A selector beyond what is evaluated",
        finds: "A selector, or a regular expression in it, is larger than promtier evaluates. Prometheus might take it.",
        matters: "What it selects is not known.",
        mend: "Split it: a series is pulled that any of a job's selectors selects.",
        source: "promtier, src/selector",
    },
];

pub(super) const FEDERATION: &[Explained] = &[
    Explained {
        code: "federation/failed-scrape",
        severities: ERROR,
        title: "A scrape that fails each time",
        finds: "What the target answers cannot be stored: a limit on targets or labels is exceeded, the answer cannot be read, or nobody answers on this path.",
        matters: "`up` is 0 and nothing else is stored.",
        mend: "Raise the limit that the message names, select fewer series, or correct the path.",
        source: "scrape/scrape.go, scrapeAndReport",
    },
    Explained {
        code: "federation/unknown-target",
        severities: INFO,
        title: "A federation target that nobody in the workspace is",
        finds: "A job federates from an address at which no node, balancer or application of the workspace listens.",
        matters: "The preview cannot show what this pull brings.",
        mend: "Add the server's configuration as a file named after its host, or list the address under `listen` in `promtier.yaml`.",
        source: "promtier, src/workspace",
    },
    Explained {
        code: "federation/refused-target",
        severities: ERROR,
        title: "A federation target that the server does not take",
        finds: "After relabelling, a target of a job is one that Prometheus refuses: an address that is none, an interval or timeout that cannot be.",
        matters: "The server says so in its log and goes on without it: nothing is pulled, and there is no `up` to alert on.",
        mend: "Correct the address, or the relabelling rule that writes it.",
        source: "scrape/target.go, PopulateLabels",
    },
    Explained {
        code: "federation/ambiguous-external-label",
        severities: INFO,
        title: "Samples that leave open whose label it is",
        finds: "Some series of a saved `/federate` answer have a label of the server's `external_labels` with another value; the others are taken to have it from there.",
        matters: "`/federate` prints a pair of the server's and a pair of the series alike. If one of them is the series' own, selectors on it match and the preview says they do not.",
        mend: "Nothing, unless applications set that label themselves; then rename one of the two.",
        source: "web/federate.go",
    },
];

pub(super) const EXPOSITION: &[Explained] = &[
    Explained {
        code: "exposition/syntax",
        severities: ERROR,
        title: "A line of samples that cannot be read",
        finds: "A line is no sample and no comment of its format; the message is that of Prometheus' parser.",
        matters: "A scrape of this text fails as a whole and stores nothing. Here the other lines are read all the same.",
        mend: "Mend the line, or what prints it. Of a saved file, see that it was saved whole.",
        source: "model/textparse/promparse.go and openmetricsparse.go",
    },
    Explained {
        code: "exposition/duplicate-label",
        severities: ERROR,
        title: "A series that names a label twice",
        finds: "The same label stands twice in one series.",
        matters: "Prometheus fails the scrape as a whole.",
        mend: "Mend the program that prints it.",
        source: "scrape/scrape.go, append; model/labels, HasDuplicateLabelNames",
    },
    Explained {
        code: "exposition/invalid-name",
        severities: ERROR,
        title: "A name that is not UTF-8",
        finds: "The name of a metric or a label holds bytes that are not UTF-8, or is not valid to this version.",
        matters: "Prometheus fails the scrape as a whole.",
        mend: "Mend the program that prints it.",
        source: "scrape/scrape.go, append; model/labels, IsValid",
    },
    Explained {
        code: "exposition/leading-blank",
        severities: WARNING,
        title: "A metric's name that begins with a blank",
        finds: "Blanks before a metric's name became a part of it, as they do in Prometheus' parser.",
        matters: "The series is stored under a name that nobody would write in a query.",
        mend: "Print the name at the beginning of its line.",
        source: "model/textparse/promparse.go",
    },
    Explained {
        code: "exposition/text-after-nul",
        severities: WARNING,
        title: "Text behind the NUL byte at which reading ends",
        finds: "The text holds a NUL byte, behind which there is more text.",
        matters: "Prometheus takes it for the end and ignores what follows, without a word.",
        mend: "See that the file is text, and was saved whole.",
        source: "model/textparse/promlex.l",
    },
    Explained {
        code: "exposition/too-large",
        severities: ERROR,
        title: "Samples beyond what is held",
        finds: "There are more series, labels or bytes than promtier holds.",
        matters: "The rest is not read.",
        mend: "Split the file, or ask `/federate` for less.",
        source: "promtier, src/exposition",
    },
];

pub(super) const ENGINE: &[Explained] = &[Explained {
    code: "engine/too-large",
    severities: ERROR,
    title: "A preview that is too large for the page",
    finds: "A server would store more series than can be held at once.",
    matters: "There is no preview; findings of single files are still shown.",
    mend: "Remove samples, or select fewer of them.",
    source: "promtier, src/engine",
}];
