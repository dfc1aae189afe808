//! A journal for people: as text, as Markdown, and as a page that needs nothing but itself.
//!
//! | module | holds |
//! |---|---|
//! | `text` | what a terminal shows |
//! | `markdown` | what goes into an issue |
//! | `html` | the page: one file, no script, nothing from elsewhere |
//! | `chart` | its pictures |
//! | `history` | earlier drills of the same site and level |
//! | `folder` | where all of it lies |

mod chart;
mod folder;
mod history;
mod html;
mod markdown;
mod text;
mod words;

pub use self::folder::{Written, name, write};
pub use self::history::{Earlier, History};
pub use self::html::page;
pub use self::markdown::markdown;
