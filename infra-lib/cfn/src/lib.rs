//! CloudFormation templates: read with their tags, evaluated as far as they can be without AWS, made concrete for linters.
//!
//! [`Template::parse`] reads the text. [`View::new`] evaluates it with what is known of the parameters ([`Facts`]): functions,
//! conditions and mappings are decided, and what only AWS knows stays a [`Value::Unknown`]. Checks, prices, pictures and linters
//! all look at a [`View`], so they see the same resources. [`Places`] says where in the text a value stands, and [`concrete()`]
//! writes a view as the template that CloudFormation sees once it has the parameters.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod concrete;
mod condition;
mod evaluate;
mod facts;
mod names;
mod node;
mod places;
mod template;
mod view;

pub use serde_norway::Value as Raw;

pub use self::concrete::{Refused, concrete};
pub use self::facts::{Facts, Known};
pub use self::names::{Kind, Use, dangling, names_behind};
pub use self::node::{Node, Value};
pub use self::places::Places;
pub use self::template::{Parameter, Resource, Template, function, items, scalar, section};
pub use self::view::{View, Viewed};
