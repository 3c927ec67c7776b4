//! Parse, run, exit code; or, started by ourselves, the filter of a stranger or the guard of our commands.

/// A run makes and drops millions of small texts: a fifth of its time with the allocator of the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> countersign::cli::Exit {
    if countersign::source::jq::serve() || countersign::witness::serve_as_guard() {
        return countersign::cli::Exit::Clean;
    }
    countersign::cli::main()
}
