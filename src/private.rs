//! Files that are their user's alone: the one place that makes, replaces and opens them.
//!
//! What holds for all of them: mode 0600, in folders of mode 0700, whatever the umask is; never
//! through a symbolic link, which somebody else could have put there; whole or not at all, also
//! after a power cut.

use crate::error::{Error, Kind, NOT_WRITABLE, Result};
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What only the owner may.
const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;
/// What others may with a file.
const OTHERS: u32 = 0o077;
/// That everybody may write to a folder, and that nobody may rename what is another's in it.
const WORLD_WRITABLE: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// Makes sure that a folder is there, with those above it.
///
/// # Errors
/// `io` if it cannot be made; `store` if somebody else could change what is in it.
pub fn folder(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(FOLDER).create(path);
    made.map_err(|e| {
        Error::new(Kind::Io, format!("{} cannot be made", path.display()))
            .hint(NOT_WRITABLE)
            .because(e)
    })?;
    // Of a link that the user made for a folder on another disk, the folder counts.
    let meta = std::fs::metadata(path)?;
    let me = rustix::process::geteuid().as_raw();
    let foreign = meta.uid() != me && meta.uid() != 0;
    if foreign || meta.mode() & (WORLD_WRITABLE | STICKY) == WORLD_WRITABLE {
        return Err(
            Error::new(Kind::Store, format!("others can change what is in {}", path.display())).hint(format!(
                "look what is in it, then give it to yourself alone: chown {me} {0} and chmod 700 {0}",
                path.display()
            )),
        );
    }
    Ok(())
}

/// Makes a file that is not there yet. A link of that name counts as there.
///
/// # Errors
/// `exists` if there is something of that name; `io`.
pub fn create(path: &Path) -> Result<File> {
    let made = OpenOptions::new().write(true).create_new(true).mode(FILE).open(path);
    let file = made.map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => there(path),
        _ => cannot(path, "made", e),
    })?;
    // A umask takes away, and may have taken the owner's rights too.
    file.set_permissions(Permissions::from_mode(FILE))?;
    Ok(file)
}

/// Replaces a file, or makes it: a reader sees the old text or the new one, never half of it.
///
/// # Errors
/// `store` if a link is in its place; `io`.
pub fn replace(path: &Path, text: &[u8]) -> Result<()> {
    if path.is_symlink() {
        return Err(link(path));
    }
    let draft = draft(path, text)?;
    let placed = std::fs::rename(&draft, path)
        .map_err(|e| cannot(path, "written", e))
        .and_then(|()| settle(path));
    if placed.is_err() {
        // What nobody will use; gone already if only the last step failed.
        let _ = std::fs::remove_file(&draft);
    }
    placed
}

/// Writes a file if there is none of that name; answers whether it did. Of several at once, one
/// does.
///
/// # Errors
/// `io`.
pub fn place(path: &Path, text: &[u8]) -> Result<bool> {
    let draft = draft(path, text)?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Ok(()) => settle(path).map(|()| true),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(cannot(path, "written", e)),
    }
}

/// A file that is written bit by bit, and has its name only once it is whole. Dropped before
/// that, it is gone.
pub struct Draft {
    file: BufWriter<File>,
    draft: PathBuf,
    path: PathBuf,
}

impl Draft {
    /// Begins a file that is not there yet.
    ///
    /// # Errors
    /// `exists` if there is something of that name; `io`.
    pub fn begin(path: &Path) -> Result<Draft> {
        if path.symlink_metadata().is_ok() {
            return Err(there(path));
        }
        let draft = draft_name(path);
        Ok(Draft {
            file: BufWriter::new(create(&draft)?),
            draft,
            path: path.to_owned(),
        })
    }

    /// Writes more of it.
    ///
    /// # Errors
    /// `io`.
    pub fn write(&mut self, text: &[u8]) -> Result<()> {
        self.file.write_all(text).map_err(|e| cannot(&self.path, "written", e))
    }

    /// Gives it its name, once all of it is on the disk.
    ///
    /// # Errors
    /// `exists` if there is something of that name by now; `io`.
    pub fn place(mut self) -> Result<()> {
        let written = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        written.map_err(|e| cannot(&self.path, "written", e))?;
        match std::fs::hard_link(&self.draft, &self.path) {
            Ok(()) => settle(&self.path),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(there(&self.path)),
            Err(e) => Err(cannot(&self.path, "written", e)),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What nobody will use: it has its real name, or is not whole.
        let _ = std::fs::remove_file(&self.draft);
    }
}

/// Opens a file that is to be read; none if it is not there.
///
/// # Errors
/// `store` if it is a link or no plain file, or if others may read it; `io`.
pub fn open(path: &Path) -> Result<Option<File>> {
    let file = match OpenOptions::new().read(true).custom_flags(no_follow()).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(_) if path.is_symlink() => return Err(link(path)),
        Err(e) => return Err(cannot(path, "read", e)),
    };
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(refused(path, "is no plain file"));
    }
    if meta.mode() & OTHERS != 0 {
        return Err(refused(path, "can be read by others"));
    }
    Ok(Some(file))
}

/// Opens a file to write to it or to lock it, as it is; makes it if it is not there. One that
/// others may read is taken away from them.
///
/// # Errors
/// `store` if it is a link or no plain file; `io`.
pub fn open_or_create(path: &Path) -> Result<File> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE)
        .custom_flags(no_follow())
        .open(path);
    let file = match opened {
        Ok(file) => file,
        Err(_) if path.is_symlink() => return Err(link(path)),
        Err(e) => return Err(cannot(path, "written", e)),
    };
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(refused(path, "is no plain file"));
    }
    if meta.mode() & 0o777 != FILE {
        file.set_permissions(Permissions::from_mode(FILE))?;
    }
    Ok(file)
}

/// Makes an empty file if there is none, for a library that opens it by name; takes one that
/// is there away from others. Does not open it: to close a file lets go of the locks that this
/// process holds on it elsewhere, and SQLite relies on those.
///
/// # Errors
/// `store` if it is a link or no plain file; `io`.
pub fn claim(path: &Path) -> Result<()> {
    match create(path) {
        Err(e) if e.kind() == Kind::Exists => {}
        made => return made.map(drop),
    }
    let meta = std::fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        return Err(link(path));
    }
    if !meta.is_file() {
        return Err(refused(path, "is no plain file"));
    }
    if meta.mode() & 0o777 != FILE {
        std::fs::set_permissions(path, Permissions::from_mode(FILE))?;
    }
    Ok(())
}

/// Has a file's name outlive a power cut.
///
/// # Errors
/// `io`.
pub fn settle(path: &Path) -> Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let dir = dir.unwrap_or(Path::new("."));
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|e| cannot(path, "written", e))
}

/// A new file beside another, with all of the text on the disk.
fn draft(path: &Path, text: &[u8]) -> Result<PathBuf> {
    let draft = draft_name(path);
    let mut file = create(&draft)?;
    if let Err(e) = file.write_all(text).and_then(|()| file.sync_all()) {
        let _ = std::fs::remove_file(&draft);
        return Err(cannot(path, "written", e));
    }
    Ok(draft)
}

fn draft_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", crate::model::new_id()));
    path.with_file_name(name)
}

fn there(path: &Path) -> Error {
    Error::new(Kind::Exists, format!("{} is there already", path.display()))
        .hint("name a file that is not there, or move this one away")
}

fn no_follow() -> i32 {
    // The bits of O_NOFOLLOW fit: they are the C library's `int` flags. A pipe that somebody put
    // there must not keep us waiting.
    (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK)
        .bits()
        .cast_signed()
}

fn cannot(path: &Path, what: &str, e: std::io::Error) -> Error {
    Error::new(Kind::Io, format!("{} cannot be {what}", path.display()))
        .hint("is there space, and may you write there? CLAWDWAKO_HOME names another folder")
        .because(e)
}

fn link(path: &Path) -> Error {
    Error::new(
        Kind::Store,
        format!(
            "{} is a symbolic link, and what is private is not kept behind one",
            path.display()
        ),
    )
    .hint(format!(
        "look where it leads with `ls -l {0}`; if you did not make it, somebody else did: remove it",
        path.display()
    ))
}

fn refused(path: &Path, why: &str) -> Error {
    Error::new(Kind::Store, format!("{} {why}", path.display())).hint(format!(
        "run `ls -l {0}`; if it is yours and nobody else has read it, `chmod 600 {0}`",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::unix::fs::symlink;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn text(path: &Path) -> String {
        let mut text = String::new();
        open(path).unwrap().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn what_is_made_is_private_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b");
        folder(&deep).unwrap();
        assert_eq!((mode(&deep), mode(&dir.path().join("a"))), (0o700, 0o700));
        let path = deep.join("f.json");
        assert!(open(&path).unwrap().is_none());
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!((text(&path), mode(&path)), ("two".into(), 0o600));
        assert!(!place(&path, b"three").unwrap() && place(&deep.join("g"), b"three").unwrap());
        assert_eq!(create(&path).unwrap_err().kind(), Kind::Exists);
        assert_eq!(text(&path), "two");
        assert_eq!(std::fs::read_dir(&deep).unwrap().count(), 2, "no draft is left");
    }

    #[test]
    fn what_others_can_read_is_refused_or_taken_from_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, "x").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(open(&path).unwrap_err().message().contains("read by others"));
        for take in [|p: &Path| open_or_create(p).map(drop), |p: &Path| claim(p)] {
            std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
            take(&path).unwrap();
            assert_eq!((mode(&path), text(&path)), (0o600, "x".into()));
        }
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).unwrap();
        assert_eq!(folder(dir.path()).unwrap_err().kind(), Kind::Store);
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o1777)).unwrap();
        folder(dir.path()).unwrap();
    }

    #[test]
    fn a_planted_link_or_pipe_is_refused_and_its_target_untouched() {
        let dir = tempfile::tempdir().unwrap();
        let (there, gone) = (dir.path().join("target"), dir.path().join("nothing"));
        std::fs::write(&there, "theirs").unwrap();
        std::fs::set_permissions(&there, Permissions::from_mode(0o600)).unwrap();
        for target in [&there, &gone] {
            let path = dir.path().join("f");
            symlink(target, &path).unwrap();
            assert_eq!(create(&path).unwrap_err().kind(), Kind::Exists);
            for e in [
                replace(&path, b"ours").unwrap_err(),
                open(&path).map(drop).unwrap_err(),
                open_or_create(&path).map(drop).unwrap_err(),
                claim(&path).unwrap_err(),
            ] {
                assert!(
                    e.kind() == Kind::Store && e.message().contains("symbolic link"),
                    "{target:?}: {e}"
                );
            }
            assert!(!place(&path, b"ours").unwrap());
            assert!(path.is_symlink());
            std::fs::remove_file(&path).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&there).unwrap(), "theirs");
        assert!(!gone.exists());

        let pipe = dir.path().join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        assert!(open(&pipe).unwrap_err().message().contains("no plain file"));
        assert!(open_or_create(&pipe).unwrap_err().message().contains("no plain file"));
    }
}
