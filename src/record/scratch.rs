//! A folder among the temporary files that only this user may look into, and whose name cannot be guessed.

use std::fs::{self, DirBuilder};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};

use uuid::{NoContext, Timestamp, Uuid};

/// The folder. It goes when this is dropped, unless it is [kept](Folder::keep).
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A new one.
    pub fn new() -> io::Result<Self> {
        let name = Uuid::new_v7(Timestamp::from_unix(NoContext, 0, 0)).simple().to_string();
        let path = std::env::temp_dir().join(format!("countersign-{name}"));
        #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file into it.
    pub fn file(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.0.join(name);
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// It stays.
    pub fn keep(mut self) -> PathBuf {
        mem::take(&mut self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            // Nobody can do anything about what is left among the temporary files.
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_with_what_is_in_it_and_stays_when_it_is_kept() {
        let (one, other) = (Folder::new().unwrap(), Folder::new().unwrap());
        let (gone, stays) = (one.file("a", b"a").unwrap(), other.file("a", b"a").unwrap());
        drop(one);
        let kept = other.keep();
        assert_eq!((gone.exists(), fs::read(&stays).unwrap()), (false, b"a".to_vec()));
        fs::remove_dir_all(kept).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look_into_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new().unwrap();
        assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
