//! The machine in words, without its name.

use std::fs::read_to_string;

use serde::Serialize;

/// What was measured on.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Cores that a process gets.
    pub cores: usize,
    /// Name of the processor, as it calls itself.
    pub processor: String,
    /// Units: GiB.
    pub memory_gib: Option<u64>,
    /// System and kernel.
    pub system: String,
    /// Processes that wanted a core when it began, on average over a minute.
    pub load: Option<f64>,
}

impl Machine {
    /// This one, now.
    pub fn look() -> Self {
        let read = |path: &str| read_to_string(path).unwrap_or_default();
        let kernel = read("/proc/sys/kernel/osrelease");
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: field(&read("/proc/cpuinfo"), "model name")
                .unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            memory_gib: field(&read("/proc/meminfo"), "MemTotal").and_then(|text| gib(&text)),
            system: format!("{} {}", std::env::consts::OS, kernel.trim()).trim().to_owned(),
            load: read("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()),
        }
    }

    /// Whether others want the cores too, so that times say little.
    pub fn is_busy(&self) -> bool {
        self.load.is_some_and(|load| load > 0.5)
    }

    /// As one sentence.
    pub fn words(&self) -> String {
        let cores = if self.cores == 1 { "core" } else { "cores" };
        let memory = self.memory_gib.map_or_else(String::new, |gib| format!(", {gib} GiB"));
        let load = self.load.map_or_else(String::new, |load| format!("; load at the start {load}"));
        format!("{} {cores}, {}{memory}, {}{load}", self.cores, self.processor, self.system)
    }
}

fn field(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// What the kernel calls kB is 1024 bytes.
fn gib(text: &str) -> Option<u64> {
    let kibibytes: u64 = text.strip_suffix("kB")?.trim().parse().ok()?;
    Some((kibibytes + (1 << 19)) >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read() {
        let text = "processor\t: 0\nmodel name\t: A Processor @ 2.5GHz\nflags\t: x\n";
        assert_eq!(field(text, "model name").as_deref(), Some("A Processor @ 2.5GHz"));
        assert_eq!(field(text, "MemTotal"), None);
        assert_eq!(gib("16384000 kB"), Some(16));
        assert_eq!(gib("much"), None);
    }

    #[test]
    fn a_machine_is_told_in_one_sentence_and_is_busy_above_half_a_process() {
        let machine = Machine {
            cores: 2,
            processor: "A Processor".to_owned(),
            memory_gib: Some(8),
            system: "linux 6.1".to_owned(),
            load: Some(0.51),
        };
        let told = "2 cores, A Processor, 8 GiB, linux 6.1; load at the start 0.51";
        assert_eq!((machine.words().as_str(), machine.is_busy()), (told, true));
        let quiet = Machine { load: Some(0.5), memory_gib: None, ..machine };
        assert!(!quiet.is_busy() && !quiet.words().contains("GiB"));
    }
}
