//! Files for their owner's eyes: a boot script may hold a password.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Read and written by the owner alone.
const MODE: u32 = 0o600;

/// Writes a file whole or not at all. Only its owner can read it, whoever could read the one that was there.
///
/// # Errors
/// What the file system answers.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What is a link goes on to be one.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&path).is_ok_and(|there| !there.is_file()) {
        // A pipe or a terminal: nothing to replace, and nothing stays.
        return fs::write(&path, bytes);
    }
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let filled = create(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let done = filled.and_then(|()| fs::rename(&draft, &path));
    if done.is_err() {
        fs::remove_file(&draft).ok();
    }
    done
}

/// Opens an empty file that only its owner can read.
///
/// # Errors
/// What the file system answers.
pub fn create(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(path)?;
    // One that was there keeps its mode otherwise.
    file.set_permissions(Permissions::from_mode(MODE))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn a_private_file_is_its_owners_alone_whatever_was_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let (new, old) = (folder.path().join("new.json"), folder.path().join("old.json"));
        fs::write(&old, "long, and readable by all").expect("it is written");
        fs::set_permissions(&old, Permissions::from_mode(0o644)).expect("ours");
        for path in [&new, &old] {
            write(path, b"short").expect("it is written");
            assert_eq!(
                (mode(path), fs::read(path).expect("it is read")),
                (MODE, b"short".to_vec())
            );
        }
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 2, "no draft stays");
        let error = write(&folder.path().join("absent/file"), b"").expect_err("no such folder");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn what_is_no_file_is_written_through_and_a_link_stays_one() {
        write(Path::new("/dev/null"), b"gone").expect("it takes everything");
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "").expect("it is written");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        write(&link, b"through").expect("it is written");
        assert_eq!(
            (mode(&file), fs::read(&file).expect("it is read")),
            (MODE, b"through".to_vec())
        );
    }
}
