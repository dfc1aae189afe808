//! End-to-end tests against the emulator, and the tests that hold the house rules.

mod house;
