//! Label names, label sets and matchers: Prometheus' `model/labels`.

mod label_set;
mod matcher;
pub mod name;

pub use label_set::{LabelSet, METRIC_NAME};
pub use matcher::{MatchOp, Matcher};
pub use name::ValidationScheme;
