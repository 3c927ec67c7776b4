//! Parse, run, exit code.

fn main() -> countersign::cli::Exit {
    countersign::cli::main()
}
