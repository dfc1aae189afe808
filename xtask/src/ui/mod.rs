//! What people see.

pub mod ask;
pub mod colour;
pub mod output;
pub mod progress;
pub mod report;
pub mod sheet;
pub mod table;
pub mod ticker;
