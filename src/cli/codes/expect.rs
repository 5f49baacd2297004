//! Codes of what the manifest expects.

use super::{ERROR, ERROR_OR_WARNING, Explained};

pub(super) const EXPECT: &[Explained] = &[
    Explained {
        code: "expect/missing-series",
        severities: ERROR,
        title: "A series that is expected is not there",
        finds: "An entry of `expect` says `has`, and no series of the server matches the selector. Where the series is on a lower tier, the finding says what stops it; else it says which matcher fails and what comes near.",
        matters: "The manifest says that somebody relies on the series: a dashboard, an alert, an upper tier.",
        mend: "Let the series through where the finding says that it is stopped, or correct the selector.",
        source: "promtier, src/lint/expectations",
    },
    Explained {
        code: "expect/unwanted-series",
        severities: ERROR,
        title: "A series is there that should not be",
        finds: "An entry of `expect` says `lacks`, and some series of the server match the selector. The finding shows some of them, and which pull brings the first.",
        matters: "The manifest says that the series do not belong there: they cost too much, or are not to leave their tier.",
        mend: "Narrow the `match[]` that selects them, or drop them by a rule of `metric_relabel_configs`.",
        source: "promtier, src/lint/expectations",
    },
    Explained {
        code: "expect/too-many-series",
        severities: ERROR,
        title: "A server stores more series than expected",
        finds: "An entry of `expect` says `max_series`, and the server would store more, report series such as `up` included. The finding says which pulls bring the most.",
        matters: "A server that stores more than it was planned for needs more memory, and its pulls take longer.",
        mend: "Select less in the pulls that bring the most, or raise `max_series`.",
        source: "promtier, src/lint/expectations",
    },
    Explained {
        code: "expect/unknown-node",
        severities: ERROR,
        title: "Something is expected of a server that is not there",
        finds: "An entry of `expect` names a `node` that the workspace does not have, or a `tier` in which no server is.",
        matters: "What is expected of it is not checked, although it looks as if it were.",
        mend: "Correct the name, or the number of the tier: 0 is a server that federates from nobody.",
        source: "promtier, src/lint/expectations",
    },
    Explained {
        code: "expect/no-assertion",
        severities: ERROR,
        title: "A selector that asserts nothing",
        finds: "A selector of `expect` is `{}`, which selects nothing on any server, or one that a server answers with an error.",
        matters: "Nothing is checked by it, although it looks as if it were.",
        mend: "Name a metric, or write `{__name__!=\"\"}` for every series.",
        source: "tsdb/querier.go, PostingsForMatchers",
    },
    Explained {
        code: "expect/not-known",
        severities: ERROR_OR_WARNING,
        title: "What is expected cannot be told",
        finds: "An entry of `expect` is about a server of which not everything is known: there are no samples of it or of one that it pulls from, some of its targets are not in the workspace, or whether a series exists depends on values that recording rules compute. It is an error where there is too much to check.",
        matters: "What is expected holds for what is known; what a real server stores besides may be otherwise.",
        mend: "Add samples of the server that the finding names: what its `/federate` prints.",
        source: "promtier, src/lint/expectations",
    },
];
