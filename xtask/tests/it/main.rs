//! The contributor's verbs as they are typed, and how every other verb gets to its program.

mod command;
mod operator;
mod prove;
