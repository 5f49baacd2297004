//! `relabel_configs` and `metric_relabel_configs`: Prometheus' `model/relabel`.
//!
//! A [`RelabelConfig`] is a rule as it is written, a [`Program`] a list of them ready to run: on a single
//! label set ([`Program::apply`]), step by step ([`Program::explain`]), or on the columns of a frame, where
//! each rule is evaluated once for every distinct combination of the values it reads
//! ([`Program::apply_to_frame`]).

mod case;
mod columns;
mod config;
mod program;
mod rule;
#[cfg(test)]
mod tests;

pub use columns::TooManyLabels;
pub use config::{Action, Field, RelabelConfig, RelabelError, UnknownAction};
pub use program::{Change, Compiler, Program, ProgramError, Step, Verdict, changes};
pub use rule::{NameOutcome, Outcome, Rule, Writes};
