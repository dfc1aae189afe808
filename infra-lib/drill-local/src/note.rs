//! What a drill leaves behind so that the next one can clean up after it if it was killed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::process;

/// The note that a running drill leaves, so that the next one can clean up after it if it was killed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// The process that ran the drill.
    pub(super) owner: i32,
    /// What tells the owner from a later process with its number; absent where the system does not say.
    pub(super) owner_started: Option<String>,
    /// The process group that it started.
    pub(super) group: i32,
    /// The directory that the group works in. Its name is unlike any other, and every process of the group names it.
    pub(super) directory: PathBuf,
}

impl Note {
    /// A note by this process.
    pub(super) fn new(group: i32, directory: PathBuf) -> Self {
        let owner = Pid::this().as_raw();
        Self { owner, owner_started: process::started(owner), group, directory }
    }

    /// Where the note lies: one for each group, named after its owner.
    pub(super) fn path(&self, root: &Path) -> PathBuf {
        root.join(format!("drill-{}-{}.json", self.owner, self.group))
    }

    /// Writes the note.
    pub(super) fn write(&self, root: &Path) -> io::Result<()> {
        fs::write(self.path(root), serde_json::to_vec(self)?)
    }

    fn owner_is_alive(&self) -> bool {
        let is_same =
            || self.owner_started.is_none() || process::started(self.owner) == self.owner_started;
        process::is_there(self.owner) && is_same()
    }

    /// A number alone proves nothing, since the system gives it away again; the directory's name does.
    fn group_is_ours(&self) -> bool {
        let directory = self.directory.to_string_lossy();
        process::members(self.group).iter().any(|member| member.command.contains(&*directory))
    }
}

/// Ends what drills left behind under `root` whose process is gone, and removes their directories. Returns how many.
pub(super) async fn sweep(root: &Path) -> io::Result<usize> {
    let mut swept = 0;
    for entry in fs::read_dir(root)?.filter_map(Result::ok) {
        let path = entry.path();
        let Some(note) = read_note(&path) else {
            continue;
        };
        if note.owner_is_alive() {
            continue;
        }
        if note.group_is_ours() {
            process::end_group(note.group).await?;
        }
        // A note is only text: nothing outside `root` is removed on its word.
        if note.directory.parent() == Some(root) {
            remove_if_there(fs::remove_dir_all(&note.directory))?;
        }
        remove_if_there(fs::remove_file(&path))?;
        swept += 1;
    }
    Ok(swept)
}

fn read_note(path: &Path) -> Option<Note> {
    let name = path.file_name()?.to_str()?;
    let is_note = name.starts_with("drill-") && path.extension()? == "json";
    is_note.then(|| serde_json::from_slice(&fs::read(path).ok()?).ok()).flatten()
}

fn remove_if_there(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, Stdio};

    use super::*;
    use crate::process::{end_group, members};

    /// A group of one that names `mention` on its command line and would run for a minute.
    fn sleeper(mention: &Path) -> Child {
        Command::new("sh")
            .args(["-c", "sleep 60; true"])
            .arg(mention)
            .process_group(0)
            .stdin(Stdio::null())
            .spawn()
            .expect("`sh` is on every Unix")
    }

    fn group_of(child: &Child) -> i32 {
        i32::try_from(child.id()).expect("process numbers are small")
    }

    /// The number of a process that has ended and was waited for.
    fn gone() -> i32 {
        let mut child = Command::new("true").spawn().expect("`true` is on every Unix");
        let pid = group_of(&child);
        child.wait().expect("our own child");
        pid
    }

    /// Goal: a killed drill leaves nothing. Method: a note whose owner is gone, and a group that names its directory.
    #[tokio::test]
    async fn what_a_killed_drill_left_is_ended() {
        let root = tempfile::tempdir().expect("a scratch directory");
        let directory = root.path().join("emulator-x1");
        fs::create_dir(&directory).expect("a scratch directory");
        let mut child = sleeper(&directory);
        let mut note = Note::new(group_of(&child), directory.clone());
        (note.owner, note.owner_started) = (gone(), None);
        note.write(root.path()).expect("a scratch file");

        assert_eq!(sweep(root.path()).await.expect("sweeps"), 1);

        assert_eq!(members(note.group), []);
        assert!(!directory.exists() && !note.path(root.path()).exists());
        child.wait().expect("our own child");
    }

    /// Goal: a number that was given away again is left alone. Method: a group that names another directory.
    #[tokio::test]
    async fn a_stranger_with_the_same_number_is_left_alone() {
        let root = tempfile::tempdir().expect("a scratch directory");
        let mut child = sleeper(Path::new("elsewhere"));
        let mut note = Note::new(group_of(&child), root.path().join("emulator-x2"));
        (note.owner, note.owner_started) = (gone(), None);
        note.write(root.path()).expect("a scratch file");

        assert_eq!(sweep(root.path()).await.expect("sweeps"), 1);

        assert!(!members(note.group).is_empty());
        assert!(!note.path(root.path()).exists());
        assert!(end_group(note.group).await.expect("ends"));
        child.wait().expect("our own child");
    }

    /// Goal: a drill that runs beside this one is left alone. Method: a note by this very process.
    #[tokio::test]
    async fn a_running_drill_is_left_alone() {
        let root = tempfile::tempdir().expect("a scratch directory");
        let directory = root.path().join("emulator-x3");
        let mut child = sleeper(&directory);
        let note = Note::new(group_of(&child), directory);
        note.write(root.path()).expect("a scratch file");

        assert_eq!(sweep(root.path()).await.expect("sweeps"), 0);

        assert!(!members(note.group).is_empty());
        assert!(note.path(root.path()).exists());
        assert!(end_group(note.group).await.expect("ends"));
        child.wait().expect("our own child");
    }

    /// Goal: a note cannot be used to remove what is not a drill's. Method: a note that names a directory elsewhere.
    #[tokio::test]
    async fn nothing_outside_the_root_is_removed() {
        let root = tempfile::tempdir().expect("a scratch directory");
        let outside = tempfile::tempdir().expect("a scratch directory");
        let mut note = Note::new(gone(), outside.path().to_owned());
        (note.owner, note.owner_started) = (gone(), None);
        note.write(root.path()).expect("a scratch file");

        assert_eq!(sweep(root.path()).await.expect("sweeps"), 1);

        assert!(outside.path().exists());
    }
}
