//! The program `contentlibd`; all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    contentlibd::cli::main()
}
