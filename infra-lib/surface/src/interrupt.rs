//! What ends a command from outside: Ctrl-C, a closed terminal, a cancelled job, a shutdown. All of them do the same.

use std::fs;
use std::future::poll_fn;
use std::task::Poll;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Who asked the command to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupt {
    /// SIGHUP: the terminal or the SSH connection is gone.
    HangUp = 1,
    /// SIGINT: Ctrl-C.
    CtrlC = 2,
    /// SIGQUIT: Ctrl-\.
    Quit = 3,
    /// SIGTERM: a cancelled CI job, `kill`, or a shutdown of the machine.
    Terminate = 15,
}

impl Interrupt {
    pub const ALL: [Self; 4] = [Self::HangUp, Self::CtrlC, Self::Quit, Self::Terminate];

    /// The signal's number, which POSIX fixes for these four.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }
}

/// Every request to end, from the moment this is made: none is lost between two calls of [`Interrupts::next`].
#[derive(Debug)]
pub struct Interrupts(Vec<(Interrupt, Signal)>);

impl Interrupts {
    /// From now on these signals no longer end the process by themselves.
    #[must_use]
    pub fn listen() -> Self {
        let heard = Interrupt::ALL.into_iter().filter(|&interrupt| {
            // `nohup` asks that a closed terminal end nothing.
            interrupt != Interrupt::HangUp || !is_ignored(interrupt)
        });
        let listen = |interrupt: Interrupt| {
            let signal = signal(SignalKind::from_raw(interrupt.number()));
            (interrupt, signal.expect("the kernel lets a process handle these signals"))
        };
        Self(heard.map(listen).collect())
    }

    /// Waits for the next request.
    pub async fn next(&mut self) -> Interrupt {
        poll_fn(|context| {
            let heard = self.0.iter_mut().find_map(|(interrupt, signal)| {
                signal.poll_recv(context).is_ready().then_some(*interrupt)
            });
            heard.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

/// Whether the process was started with this signal ignored, where the system says it.
fn is_ignored(interrupt: Interrupt) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (interrupt.number() - 1)) != 0
}
