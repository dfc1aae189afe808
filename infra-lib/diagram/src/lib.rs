//! A picture of a site, made from its model: who answers users, what watches, what acts, and in which order.
//!
//! [`Scene`] says what there is, without a place for anything; it is what `--format json` shows. [`mermaid`] writes it as text,
//! and [`draw`] lays it out: columns, rows and lanes are measured from the site's own names, so nothing is placed by hand for one
//! site. [`svg`] writes the laid-out [`Drawing`].
//!
//! # Invariants
//! No two labels overlap, no line crosses a label or a foreign box, no two lines share a stretch. The tests measure it.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod drawing;
mod layout;
mod mermaid;
mod palette;
mod scene;
mod svg;
mod text;
mod zone;

pub use self::drawing::{Anchor, Drawing, Label, Panel, PanelKind, Point, Rect, Tone, Wire};
pub use self::layout::draw;
pub use self::mermaid::mermaid;
pub use self::scene::{Edge, EdgeKind, Fleet, Node, NodeId, RegionScene, Role, Scene, Step};
pub use self::svg::svg;
pub use self::text::{Face, width};
pub use self::zone::{DiagramError, Zone};
