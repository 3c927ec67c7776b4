//! What a system says when too many files are open. A function of the error alone.

use std::io;

/// Are too many files open, in this process or on the whole machine? The kinds of the standard library do not tell.
#[cfg(unix)]
pub fn too_many(error: &io::Error) -> bool {
    use nix::errno::Errno;
    [Errno::EMFILE, Errno::ENFILE].iter().any(|errno| error.raw_os_error() == Some(*errno as i32))
}

/// Windows has no such limit that anybody meets.
#[cfg(not(unix))]
pub fn too_many(_: &io::Error) -> bool {
    false
}
