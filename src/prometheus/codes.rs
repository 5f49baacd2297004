//! The kinds of findings in a configuration.

use crate::diagnostic::Code;

/// A duration that cannot be read.
pub const DURATION: Code = Code::new("config/duration");
/// A byte size that cannot be read.
pub const SIZE: Code = Code::new("config/size");
/// A name that is no label name.
pub const LABEL_NAME: Code = Code::new("config/label-name");
/// A label value that is not UTF-8.
pub const LABEL_VALUE: Code = Code::new("config/label-value");
/// An unset variable in an external label.
pub const UNSET_VARIABLE: Code = Code::new("config/unset-variable");
/// A list item that holds nothing.
pub const EMPTY_ITEM: Code = Code::new("config/empty-item");
/// A job without a name.
pub const EMPTY_JOB_NAME: Code = Code::new("config/empty-job-name");
/// Two jobs of one name.
pub const DUPLICATE_JOB_NAME: Code = Code::new("config/duplicate-job-name");
/// A timeout that is longer than the interval.
pub const TIMEOUT_OVER_INTERVAL: Code = Code::new("config/timeout-over-interval");
/// A target that is a URL or has a path.
pub const TARGET_ADDRESS: Code = Code::new("config/target-address");
/// A target that Prometheus refuses once it runs.
pub const REFUSED_TARGET: Code = Code::new("config/refused-target");
/// A list of targets that service discovery cannot read.
pub const TARGET_LIST: Code = Code::new("discovery/target-list");
/// A scrape protocol that there is not, or a list of them that cannot be.
pub const SCRAPE_PROTOCOL: Code = Code::new("config/scrape-protocol");
/// A scheme of names that there is not, or two that do not fit.
pub const NAME_SCHEME: Code = Code::new("config/name-scheme");
/// A file pattern with a wildcard in a folder's name.
pub const FILE_PATTERN: Code = Code::new("config/file-pattern");
/// A relabelling rule that cannot be.
pub const RELABEL: Code = Code::new("config/relabel");
/// Something without which a section cannot be is not there.
pub const MISSING: Code = Code::new("config/missing");
/// Keys of which only one may be set, or that do not fit each other.
pub const CONFLICT: Code = Code::new("config/conflict");
/// A value that is none of those that there are.
pub const INVALID: Code = Code::new("config/invalid-value");
/// A URL that cannot be read.
pub const URL: Code = Code::new("config/url");
/// A header that Prometheus sets itself.
pub const RESERVED_HEADER: Code = Code::new("config/reserved-header");
/// Two remote endpoints of one name.
pub const DUPLICATE_REMOTE_NAME: Code = Code::new("config/duplicate-remote-name");
/// Something that only the machine Prometheus runs on can say.
pub const UNKNOWN_OFFLINE: Code = Code::new("config/unknown-offline");
/// A section that an agent has no use for.
pub const AGENT_MODE: Code = Code::new("config/agent-mode");
