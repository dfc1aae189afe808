//! The command line as an operator meets it: exit code, standard output and standard error of a whole command.

mod check;
mod command;
mod cost;
mod diagram;
mod doctor;
mod endings;
mod endpoint;
mod explain;
mod init;
mod matrix;
mod night;
mod refusals;
mod sign_in;
mod simulate;
mod status;
mod steer;
mod terminal;
