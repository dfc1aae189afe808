//! The file: written whole and durable, or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Restore, SCHEMA};
use crate::model::Site;
use crate::private;

/// The folder of the file, beside the site file. Git ignores it.
pub const FOLDER: &str = ".pilotlight";

/// Why there is no restore file to work with.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum RestoreError {
    /// It cannot be written, so nothing may be changed.
    #[error("cannot write the restore file, so nothing was changed: `{}`", path.display())]
    #[diagnostic(
        code("drill::restore::write"),
        help(
            "make the folder writable: a drill notes what to put back before it changes anything"
        )
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// It cannot be read.
    #[error("cannot read the restore file: `{}`", path.display())]
    #[diagnostic(
        code("drill::restore::read"),
        help("make it readable; it says what a drill has to put back")
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// It is not what a drill wrote.
    #[error("not a restore file of this version: `{}`: {detail}", path.display())]
    #[diagnostic(
        code("drill::restore::form"),
        help(
            "restore with the version of this tool that wrote it, or by hand: docs/drills.md says what a drill changes"
        )
    )]
    Form {
        /// The file.
        path: PathBuf,
        /// Where it is not.
        detail: String,
    },
    /// It cannot be deleted.
    #[error("everything is put back, but the restore file stays: `{}`", path.display())]
    #[diagnostic(code("drill::restore::delete"), help("delete it"))]
    Delete {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

/// Where the restore file of a site lies, by the place of its site file.
#[must_use]
pub fn path(site_file: &Path, site: &Site) -> PathBuf {
    let beside = site_file.parent().unwrap_or_else(|| Path::new(""));
    beside.join(FOLDER).join(format!("restore-{}.json", site.config.name))
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Version {
    schema: u16,
}

impl Restore {
    /// Writes the file, unless there is one: two drills at once would undo each other. It is whole and on the disk when this
    /// returns.
    ///
    /// # Errors
    /// [`RestoreError::Write`], with `AlreadyExists` if there is one.
    pub fn write(&self, path: &Path) -> Result<(), RestoreError> {
        self.written(path).map_err(|source| RestoreError::Write { path: path.to_owned(), source })
    }

    fn written(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder)?;
        let draft = path.with_extension(format!("{}.draft", std::process::id()));
        let mut file = private::create(&draft)?;
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.sync_all()?;
        drop(file);
        // A link, because a rename would go over the file of a drill that began a moment ago.
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        linked?;
        sync(folder)
    }

    /// Reads the file. `None` if there is none.
    ///
    /// # Errors
    /// [`RestoreError::Read`] and [`RestoreError::Form`].
    pub fn read(path: &Path) -> Result<Option<Self>, RestoreError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(RestoreError::Read { path: path.to_owned(), source }),
        };
        let form = |detail: String| RestoreError::Form { path: path.to_owned(), detail };
        let unread = |error: serde_json::Error| form(error.to_string());
        let Version { schema } = serde_json::from_slice(&bytes).map_err(unread)?;
        if schema != SCHEMA {
            return Err(form(format!("it has version {schema}, and this tool reads {SCHEMA}")));
        }
        serde_json::from_slice(&bytes).map(Some).map_err(unread)
    }

    /// Deletes the file: everything it names is put back.
    ///
    /// # Errors
    /// [`RestoreError::Delete`].
    pub fn delete(path: &Path) -> Result<(), RestoreError> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done.map_err(|source| RestoreError::Delete { path: path.to_owned(), source }),
        }
    }
}

/// The folder's own entry is durable only when the folder is.
fn sync(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use failover_core::Timestamp;
    use failover_core::record::Sizes;

    use super::*;
    use crate::drill::journal::Level;
    use crate::drill::restore::GroupBefore;
    use crate::names::Region;

    fn restore() -> Restore {
        let group = |region: &str, group: &str| GroupBefore {
            region: Region::parse(region).expect("a region"),
            group: group.to_owned(),
            sizes: Sizes { min: 0, desired: 0, max: 8 },
        };
        Restore {
            schema: SCHEMA,
            site: "shop".to_owned(),
            account: "000000000000".to_owned(),
            level: Level::Shadow,
            started_at: Timestamp::UNIX_EPOCH,
            by: "alice".to_owned(),
            check: None,
            made: None,
            standby: group("us-east-2", "shop-standby"),
            primary: group("us-west-2", "shop-primary"),
        }
    }

    #[test]
    fn what_is_written_is_read_and_a_second_drill_does_not_go_over_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FOLDER).join("restore-shop.json");
        assert_eq!(Restore::read(&path).expect("no file"), None);
        let (first, second) = (restore(), Restore { by: "bob".to_owned(), ..restore() });
        first.write(&path).expect("it is written");
        let error = second.write(&path).expect_err("there is one");
        assert!(
            matches!(&error, RestoreError::Write { source, .. } if source.kind() == io::ErrorKind::AlreadyExists)
        );
        assert_eq!(Restore::read(&path).expect("it is read"), Some(first));
        let left = fs::read_dir(path.parent().expect("a folder")).expect("it is listed").count();
        assert_eq!(left, 1, "no draft stays");
        Restore::delete(&path).expect("it goes");
        Restore::delete(&path).expect("twice is once");
        assert_eq!(Restore::read(&path).expect("no file"), None);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("restore-shop.json");
        let text = serde_json::to_string(&restore()).expect("plain data");
        for (bad, why) in [
            (String::new(), "EOF"),
            ("{}".to_owned(), "schema"),
            (text.replace("\"schema\":1", "\"schema\":2"), "version 2"),
            (text.replace("\"site\"", "\"later\":1,\"site\""), "later"),
            (text[..text.len() / 2].to_owned(), "EOF"),
        ] {
            fs::write(&path, bad).expect("it is written");
            let error = Restore::read(&path).expect_err("refused").to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
