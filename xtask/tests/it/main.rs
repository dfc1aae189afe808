//! The command line as an operator meets it: exit code, standard output and standard error of a whole command.

mod command;
mod cost;
mod diagram;
mod explain;
mod interrupt;
mod night;
mod prove;
mod refusals;
