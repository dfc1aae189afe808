//! The C library that a program needs, by the versions of the symbols that it takes from it.

use std::fmt;

/// Source: Lambda guide, "OS-only runtime": `provided.al2023` is Amazon Linux 2023, whose release notes name glibc 2.34.
pub(super) const OF_THE_RUNTIME: Version = Version { major: 2, minor: 34 };

/// Source: System V ABI, "Symbol Versioning": type of the section of needed versions, and the flag of one that may be missing.
const SHT_GNU_VERNEED: u32 = 0x6fff_fffe;
const VER_FLG_WEAK: u16 = 2;
/// BOUND: a program needs a handful of libraries, and of each a few dozen versions.
const ENTRIES_MAX: usize = 1000;

/// A version of the C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    major: u32,
    minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The highest version that a program cannot start without. Nothing if it is no 64-bit ELF program, or takes nothing of glibc.
pub(super) fn needed(program: &[u8]) -> Option<Version> {
    let file = File(program);
    if !program.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let (first, size) = (file.offset(0x28)?, file.half(0x3a)?);
    let count = usize::from(file.half(0x3c)?);
    let section = |index: usize| first.checked_add(index.checked_mul(usize::from(size))?);
    let is_needs = |at: &usize| file.word(at + 4) == Some(SHT_GNU_VERNEED);
    let at = (0..count).filter_map(section).find(is_needs)?;
    let names = section(usize::try_from(file.word(at + 0x28)?).ok()?)?;
    let names = file.offset(names + 0x18)?;
    let mut highest = None;
    for library in file.chain(file.offset(at + 0x18)?, 12) {
        let first = library + usize::try_from(file.word(library + 8)?).ok()?;
        for version in file.chain(first, 12) {
            if file.half(version + 4)? & VER_FLG_WEAK != 0 {
                continue;
            }
            let name = names + usize::try_from(file.word(version + 8)?).ok()?;
            highest = highest.max(file.text(name).and_then(parse));
        }
    }
    highest
}

/// A version by the name that its symbols have, such as `GLIBC_2.34` or `GLIBC_2.2.5`.
fn parse(name: &str) -> Option<Version> {
    let mut numbers = name.strip_prefix("GLIBC_")?.split('.').map(str::parse);
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(Version { major, minor })
}

/// A little-endian file. What lies beyond its end is nothing.
#[derive(Clone, Copy)]
struct File<'a>(&'a [u8]);

impl<'a> File<'a> {
    fn bytes<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    fn half(self, at: usize) -> Option<u16> {
        self.bytes(at).map(u16::from_le_bytes)
    }

    fn word(self, at: usize) -> Option<u32> {
        self.bytes(at).map(u32::from_le_bytes)
    }

    fn offset(self, at: usize) -> Option<usize> {
        usize::try_from(self.bytes(at).map(u64::from_le_bytes)?).ok()
    }

    fn text(self, at: usize) -> Option<&'a str> {
        let rest = self.0.get(at..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        std::str::from_utf8(&rest[..end]).ok()
    }

    /// Entries, each of which says how far it is to the next; 0 ends them.
    fn chain(self, first: usize, next: usize) -> impl Iterator<Item = usize> {
        let after =
            move |at: &usize| match usize::try_from(self.word(at.checked_add(next)?)?).ok()? {
                0 => None,
                distance => at.checked_add(distance),
            };
        std::iter::successors(Some(first), after).take(ENTRIES_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_compared_by_its_numbers() {
        let version = |name| parse(name).expect("a version");
        assert!(version("GLIBC_2.4") < version("GLIBC_2.34"));
        assert!(version("GLIBC_2.2.5") < OF_THE_RUNTIME);
        assert!(version("GLIBC_2.35") > OF_THE_RUNTIME);
        assert_eq!(parse("GCC_3.0").or(parse("GLIBC_PRIVATE")), None);
        assert_eq!(OF_THE_RUNTIME.to_string(), "2.34");
    }

    /// Goal: the versions are found where a linker puts them. Method: this test's own program, and every beginning of it that is
    /// cut off within the first kilobyte.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn a_program_s_own_need_is_read_and_one_cut_off_has_none() {
        let program = std::env::current_exe().and_then(std::fs::read).expect("this program");
        let found = needed(&program).expect("it needs glibc");
        assert!(found >= Version { major: 2, minor: 14 } && found.major == 2, "{found}");
        assert!((0..1024).all(|end| needed(&program[..end]).is_none()));
        assert_eq!(needed(b"#!/bin/sh\n"), None);
    }
}
