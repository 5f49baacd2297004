//! `cargo bench`: builds and runs the benchmarks of `benches/measure`, which are a package of their own so that
//! the parsers that promtier is compared with stay out of its dependencies. Arguments after `--` go to them.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads its arguments' environment and starts a program"
)]

use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--release", "--manifest-path"])
        .arg(package.join("benches/measure/Cargo.toml"))
        .arg("--target-dir")
        .arg(package.join("target/measure"))
        .arg("--")
        .args(std::env::args_os().skip(1))
        .status();
    if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
