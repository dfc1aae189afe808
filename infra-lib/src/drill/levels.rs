//! Drills of a deployed site.
