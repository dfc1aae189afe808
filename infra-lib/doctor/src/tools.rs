//! Whether this machine has what builds, drills and checks need.

use super::case::Case;
use super::verdict::{Answer, Stop, Verdict};

/// BOUND: an estimate with room to spare: the tool and the Lambda, each with its own build of the SDK, and the emulator.
const DISK_MIN_BYTES: u64 = 6 * GIB;
const GIB: u64 = 1 << 30;

pub(super) fn rust(case: &Case<'_>) -> Answer {
    Ok(match &case.machine()?.rust {
        Ok(target) => Verdict::ok(format!("builds for {target}")),
        Err((missing, hint)) => Verdict::error(missing, hint),
    })
}

pub(super) fn python(case: &Case<'_>) -> Answer {
    Ok(match &case.machine()?.python {
        Ok(program) => Verdict::ok(program),
        Err(found) => Verdict::warning(
            format!("no usable Python: {found}"),
            "only drills and tests need it: `apt-get install python3 python3-venv` or `brew install python`",
        ),
    })
}

pub(super) fn disk(case: &Case<'_>) -> Answer {
    let free = case.machine()?.disk_free;
    let free = free.ok_or_else(|| Stop::Nothing("the system does not say".to_owned()))?;
    let words = format!("{} GiB free", free / GIB);
    Ok(if free < DISK_MIN_BYTES {
        Verdict::warning(
            format!("{words}, and a first build needs {}", DISK_MIN_BYTES / GIB),
            "free some space, or build elsewhere with `CARGO_TARGET_DIR`",
        )
    } else {
        Verdict::ok(words)
    })
}

pub(super) fn emulator(case: &Case<'_>) -> Answer {
    let machine = case.machine()?;
    Ok(match (&machine.python, machine.emulator) {
        (_, true) => Verdict::ok("installed"),
        (Ok(_), false) => Verdict::ok("not yet: the first drill installs it, from PyPI"),
        (Err(_), false) => Verdict::warning(
            "not installed, and without Python it cannot be",
            "install Python; the first drill does the rest",
        ),
    })
}
