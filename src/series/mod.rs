//! The columnar store of series, and matchers over it.
