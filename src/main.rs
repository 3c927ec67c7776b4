//! Parse, run, exit code; or, as a helper, one filter of a stranger.

/// A run makes and drops millions of small texts: a fifth of its time with the allocator of the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> countersign::cli::Exit {
    if countersign::source::jq::serve() {
        return countersign::cli::Exit::Clean;
    }
    countersign::cli::main()
}
