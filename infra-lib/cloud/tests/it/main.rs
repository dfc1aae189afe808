//! Tests of the way to AWS: what the client sends and reads, and who may send it.

mod wire;
mod writes;
