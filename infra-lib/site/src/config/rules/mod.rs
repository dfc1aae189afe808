//! What settings may not say together. Each rule names one problem and its fix, at the setting to change. It says nothing while
//! something that it needs is wrong by itself.

mod dns;
mod edge;
mod network;
mod notices;
mod web;

use super::reader::Document;
use super::section::Parts;

/// Reports every problem that concerns more than one setting.
pub(super) fn report(file: &Document<'_>, parts: &Parts) {
    network::report(file, parts);
    web::report(file, parts);
    edge::report(file, parts);
    dns::report(file, parts);
    notices::report(file, parts);
}
