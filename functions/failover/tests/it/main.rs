//! The shell's own tests: conversations with a scripted AWS, replayed wire requests, settings, DNS,
//! probe, log.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

mod answers;
mod cbor;
mod clock;
mod envelopes;
mod events;
mod lines;
mod replay;
mod scenarios;
mod settings;
mod verdicts;
mod wire;
mod world;
