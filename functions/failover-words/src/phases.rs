//! The parts of a recovery.

/// The parts of a recovery on the way to the first page, in their order. Drills measure them and the simulator predicts them.
pub const PHASES: [&str; 8] = [
    "health check turns red",
    "look or alarm",
    "controller",
    "launch",
    "boot",
    "targets healthy",
    "DNS moves",
    "clients follow",
];
