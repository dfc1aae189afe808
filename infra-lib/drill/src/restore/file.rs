//! The file: written whole and durable, or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use site::model::Site;
use site::private;

use super::{Restore, SCHEMA};

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
            "make the folder writable: a drill records what to put back before it changes anything"
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
    /// It cannot be replaced.
    #[error("cannot update the restore file: `{}`", path.display())]
    #[diagnostic(
        code("drill::restore::update"),
        help(
            "the file still says what to put back; make the folder writable and the disk not full"
        )
    )]
    Update {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The watchdog does not start.
    #[error("cannot start the drill's watchdog, so nothing was changed")]
    #[diagnostic(
        code("drill::restore::watchdog"),
        help(
            "a drill does not start without the process that puts its changes back if the drill is killed"
        )
    )]
    Watchdog {
        /// The system's reason, or what the watchdog said.
        #[source]
        source: io::Error,
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

/// Says whose restore file lies at `path`, if there is one: the reason for every verb but `drill restore` to mention it.
#[must_use]
pub fn unfinished(path: &Path) -> Option<String> {
    match Restore::read(path) {
        Ok(None) => None,
        Ok(Some(left)) => Some(format!(
            "a drill ({}) that {} started at {} is running or did not finish: {}",
            left.level.word(),
            left.by,
            left.started_at,
            path.display()
        )),
        Err(error) => Some(format!("a drill left a restore file: {error}")),
    }
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

    /// Replaces the file with what is known by now. A file that somebody has deleted meanwhile is not brought back.
    ///
    /// # Errors
    /// [`RestoreError::Update`]; the file is then as it was.
    pub fn update(&self, path: &Path) -> Result<(), RestoreError> {
        let replace = || {
            if !path.exists() {
                return Ok(());
            }
            fs::rename(self.draft(path)?, path)?;
            sync(folder(path))
        };
        replace().map_err(|source| RestoreError::Update { path: path.to_owned(), source })
    }

    fn written(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(folder(path))?;
        let draft = self.draft(path)?;
        // A link, because a rename would go over the file of a drill that began a moment ago.
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        linked?;
        sync(folder(path))
    }

    /// Writes the whole file under another name, durable on the disk.
    fn draft(&self, path: &Path) -> io::Result<PathBuf> {
        let draft = path.with_extension(format!("{}.draft", std::process::id()));
        let mut file = private::create(&draft)?;
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.sync_all()?;
        Ok(draft)
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
        if !(1..=SCHEMA).contains(&schema) {
            return Err(form(format!(
                "it has version {schema}, and this tool reads 1 to {SCHEMA}"
            )));
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

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// The folder's own entry is durable only when the folder is.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use failover_core::Timestamp;
    use failover_core::record::Sizes;

    use super::*;
    use crate::journal::Level;
    use crate::restore::{CheckBefore, GroupBefore};
    use site::names::Region;

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
    fn an_update_replaces_the_file_and_brings_none_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("restore-shop.json");
        let check =
            |turned| CheckBefore { id: "1".to_owned(), inverted: false, version: 7, turned };
        let first = Restore { check: Some(check(None)), ..restore() };
        first.write(&path).expect("it is written");
        let second = Restore { check: Some(check(Some(8))), ..restore() };
        second.update(&path).expect("it is replaced");
        assert_eq!(Restore::read(&path).expect("it is read"), Some(second.clone()));
        assert!(
            second.is_of(&first) && !second.is_of(&Restore { by: "bob".to_owned(), ..restore() })
        );
        Restore::delete(&path).expect("it goes");
        second.update(&path).expect("nothing to do");
        assert_eq!(Restore::read(&path).expect("no file"), None);
    }

    #[test]
    fn a_file_of_version_1_is_still_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("restore-shop.json");
        let check = CheckBefore { id: "1".to_owned(), inverted: false, version: 7, turned: None };
        let old = Restore { schema: 1, check: Some(check), ..restore() };
        let text = serde_json::to_string(&old).expect("plain data").replace(",\"turned\":null", "");
        assert!(!text.contains("turned"), "{text}");
        fs::write(&path, text).expect("it is written");
        assert_eq!(Restore::read(&path).expect("it is read"), Some(old));
        let said = unfinished(&path).expect("it lies there");
        assert!(said.contains("a drill (shadow) that alice started at"), "{said}");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("restore-shop.json");
        let text = serde_json::to_string(&restore()).expect("plain data");
        for (bad, why) in [
            (String::new(), "EOF"),
            ("{}".to_owned(), "schema"),
            (text.replace("\"schema\":2", "\"schema\":3"), "version 3"),
            (text.replace("\"site\"", "\"later\":1,\"site\""), "later"),
            (text[..text.len() / 2].to_owned(), "EOF"),
        ] {
            fs::write(&path, bad).expect("it is written");
            let error = Restore::read(&path).expect_err("refused").to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
