//! Parse, run, exit code.

/// A run makes and drops millions of small texts: a fifth of its time with the allocator of the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> countersign::cli::Exit {
    countersign::cli::main()
}
