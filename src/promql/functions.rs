//! The functions of PromQL: `promql/parser/functions.go` of every release that is modelled.

use super::types::Type;
use crate::version::Version;

/// A function.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The types of its arguments, a letter each: `v` instant vector, `m` range vector, `s` scalar, `t` text.
    args: &'static str,
    /// How many more arguments of the last type there may be, of which the last one listed is the first: 0
    /// where there are exactly those listed, -1 where there is no limit.
    variadic: i8,
    /// The type of its result.
    pub returns: Type,
    since: Version,
    until: Version,
    /// Up to which release, exclusive, a feature flag must be given.
    experimental_until: Version,
}

impl Function {
    /// The types of its arguments in their order.
    pub fn args(&self) -> impl ExactSizeIterator<Item = Type> {
        self.args.bytes().map(|letter| match letter {
            b'v' => Type::Vector,
            b'm' => Type::Matrix,
            b's' => Type::Scalar,
            _ => Type::String,
        })
    }

    /// The type expected of the argument at `index`, from 0; `None` where there is no such argument.
    #[must_use]
    pub fn arg(&self, index: usize) -> Option<Type> {
        let last = self.args.len().checked_sub(1)?;
        match index {
            index if index <= last => self.args().nth(index),
            _ if self.variadic == 0 => None,
            _ => self.args().nth(last),
        }
    }

    /// The least number of arguments.
    #[must_use]
    pub fn min_args(&self) -> usize {
        self.args.len() - usize::from(self.variadic != 0)
    }

    /// The greatest number of arguments, where there is one.
    #[must_use]
    pub fn max_args(&self) -> Option<usize> {
        usize::try_from(self.variadic).ok().map(|more| self.min_args() + more)
    }

    /// Whether it takes a fixed number of arguments.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.variadic == 0
    }

    /// Whether `version` asks for a feature flag.
    #[must_use]
    pub fn is_experimental(&self, version: Version) -> bool {
        version < self.experimental_until
    }
}

/// The function of that name in `version`; names are told from each other by case.
#[must_use]
pub fn function(name: &[u8], version: Version) -> Option<&'static Function> {
    functions(version).find(|function| function.name.as_bytes() == name)
}

/// All functions of `version`.
pub fn functions(version: Version) -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.iter().filter(move |function| function.since <= version && version < function.until)
}

const OLDEST: Version = Version { major: 0, minor: 0 };
const NEVER: Version = Version { major: u8::MAX, minor: 0 };

const fn v(major: u8, minor: u8) -> Version {
    Version { major, minor }
}

/// One that all releases have.
const fn f(name: &'static str, args: &'static str, variadic: i8, returns: Type) -> Function {
    Function { name, args, variadic, returns, since: OLDEST, until: NEVER, experimental_until: OLDEST }
}

impl Function {
    const fn since(mut self, major: u8, minor: u8) -> Self {
        self.since = v(major, minor);
        self
    }

    const fn until(mut self, major: u8, minor: u8) -> Self {
        self.until = v(major, minor);
        self
    }

    const fn experimental(mut self) -> Self {
        self.experimental_until = NEVER;
        self
    }
}

use Type::{Scalar, Vector};

#[rustfmt::skip] // A function a line.
static FUNCTIONS: &[Function] = &[
    f("abs", "v", 0, Vector),
    f("absent", "v", 0, Vector),
    f("absent_over_time", "m", 0, Vector),
    f("acos", "v", 0, Vector),
    f("acosh", "v", 0, Vector),
    f("asin", "v", 0, Vector),
    f("asinh", "v", 0, Vector),
    f("atan", "v", 0, Vector),
    f("atanh", "v", 0, Vector),
    f("avg_over_time", "m", 0, Vector),
    f("ceil", "v", 0, Vector),
    f("changes", "m", 0, Vector),
    f("clamp", "vss", 0, Vector),
    f("clamp_max", "vs", 0, Vector),
    f("clamp_min", "vs", 0, Vector),
    f("cos", "v", 0, Vector),
    f("cosh", "v", 0, Vector),
    f("count_over_time", "m", 0, Vector),
    f("day_of_month", "v", 1, Vector),
    f("day_of_week", "v", 1, Vector),
    f("day_of_year", "v", 1, Vector),
    f("days_in_month", "v", 1, Vector),
    f("deg", "v", 0, Vector),
    f("delta", "m", 0, Vector),
    f("deriv", "m", 0, Vector),
    f("double_exponential_smoothing", "mss", 0, Vector).since(3, 0).experimental(),
    f("end", "", 0, Scalar).since(3, 12).experimental(),
    f("exp", "v", 0, Vector),
    Function { experimental_until: v(3, 14), ..f("first_over_time", "m", 0, Vector).since(3, 7) },
    f("floor", "v", 0, Vector),
    f("histogram_avg", "v", 0, Vector).since(2, 51),
    f("histogram_count", "v", 0, Vector),
    f("histogram_fraction", "ssv", 0, Vector),
    f("histogram_quantile", "sv", 0, Vector),
    f("histogram_quantiles", "vtss", 9, Vector).since(3, 11).experimental(),
    f("histogram_stddev", "v", 0, Vector).since(2, 47),
    f("histogram_stdvar", "v", 0, Vector).since(2, 47),
    f("histogram_sum", "v", 0, Vector),
    f("holt_winters", "mss", 0, Vector).until(3, 0),
    f("hour", "v", 1, Vector),
    f("idelta", "m", 0, Vector),
    f("increase", "m", 0, Vector),
    f("info", "vv", 1, Vector).since(2, 55).experimental(),
    f("irate", "m", 0, Vector),
    f("label_join", "vttt", -1, Vector),
    f("label_replace", "vtttt", 0, Vector),
    f("last_over_time", "m", 0, Vector),
    f("ln", "v", 0, Vector),
    f("log10", "v", 0, Vector),
    f("log2", "v", 0, Vector),
    f("mad_over_time", "m", 0, Vector).since(2, 49).experimental(),
    f("max_of", "ss", 0, Scalar).since(3, 13).experimental(),
    f("max_over_time", "m", 0, Vector),
    f("min_of", "ss", 0, Scalar).since(3, 13).experimental(),
    f("min_over_time", "m", 0, Vector),
    f("minute", "v", 1, Vector),
    f("month", "v", 1, Vector),
    f("pi", "", 0, Scalar),
    f("predict_linear", "ms", 0, Vector),
    f("present_over_time", "m", 0, Vector),
    f("quantile_over_time", "sm", 0, Vector),
    f("rad", "v", 0, Vector),
    f("range", "", 0, Scalar).since(3, 12).experimental(),
    f("rate", "m", 0, Vector),
    f("resets", "m", 0, Vector),
    f("round", "vs", 1, Vector),
    f("scalar", "v", 0, Scalar),
    f("sgn", "v", 0, Vector),
    f("sin", "v", 0, Vector),
    f("sinh", "v", 0, Vector),
    f("sort", "v", 0, Vector),
    f("sort_by_label", "vt", -1, Vector).since(2, 49).experimental(),
    f("sort_by_label_desc", "vt", -1, Vector).since(2, 49).experimental(),
    f("sort_desc", "v", 0, Vector),
    f("sqrt", "v", 0, Vector),
    f("start", "", 0, Scalar).since(3, 12).experimental(),
    f("start_timestamp", "v", 0, Vector).since(3, 14).experimental(),
    f("stddev_over_time", "m", 0, Vector),
    f("stdvar_over_time", "m", 0, Vector),
    f("step", "", 0, Scalar).since(3, 12).experimental(),
    f("sum_over_time", "m", 0, Vector),
    f("tan", "v", 0, Vector),
    f("tanh", "v", 0, Vector),
    f("time", "", 0, Scalar),
    f("timestamp", "v", 0, Vector),
    f("ts_of_first_over_time", "m", 0, Vector).since(3, 7).experimental(),
    f("ts_of_last_over_time", "m", 0, Vector).since(3, 5).experimental(),
    f("ts_of_max_over_time", "m", 0, Vector).since(3, 5).experimental(),
    f("ts_of_min_over_time", "m", 0, Vector).since(3, 5).experimental(),
    f("vector", "s", 0, Vector),
    f("year", "v", 1, Vector),
];
