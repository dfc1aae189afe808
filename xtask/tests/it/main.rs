//! The command line as an operator meets it: exit code, standard output and standard error of a whole command.

mod command;
mod interrupt;
mod refusals;
