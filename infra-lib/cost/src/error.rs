//! Why a price cannot be told.

use std::path::PathBuf;

use miette::{NamedSource, SourceSpan};

use site::model::StackId;
use site::names::Region;

use super::item::Item;

/// A site whose price cannot be told.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CostError {
    /// A template cannot be read.
    #[error("the template of `{stack}` cannot be read: {message}")]
    #[diagnostic(code("cost::template"), help("`cargo xtask check` shows what is wrong with it"))]
    Template {
        /// Whose.
        stack: StackId,
        /// What the YAML reader says.
        message: String,
    },
    /// A template holds something that has neither a price nor a reason to have none.
    #[error("`{stack}`: `{resource}` has no price line: {what}")]
    #[diagnostic(
        code("cost::unpriced"),
        help(
            "say what it costs in `infra-lib/cost/src/catalogue.rs`: `Free`, `OnUse`, or lines with a price of \
             `infra-lib/cost/prices.toml`"
        )
    )]
    Unpriced {
        /// The stack.
        stack: StackId,
        /// Its logical id.
        resource: String,
        /// The type, or the setting of it, that nobody priced.
        what: String,
    },
    /// What a resource costs depends on something that is known only once it stands.
    #[error(
        "`{stack}`: what `{resource}` costs depends on `{property}`, which cannot be told from the template"
    )]
    #[diagnostic(
        code("cost::unclear"),
        help("give it as a number, a text, or a parameter that the site file feeds")
    )]
    Unclear {
        /// The stack.
        stack: StackId,
        /// Its logical id.
        resource: String,
        /// The property.
        property: String,
    },
    /// There is no such price.
    #[error("no price for `{item}` in {region}")]
    #[diagnostic(
        code("cost::price"),
        help(
            "ask AWS with `--live`, or look it up at {source_url}, write the dollars for one {unit} into a file, and give \
             that with `--prices FILE`:\n\n[{item}]\n{region} = \"0.00\"\n"
        )
    )]
    Missing {
        /// For what.
        item: Item,
        /// Where.
        region: Region,
        /// What it would be for.
        unit: String,
        /// AWS's page.
        source_url: String,
    },
    /// A file of prices cannot be read.
    #[error("cannot read the prices: `{}`", path.display())]
    #[diagnostic(code("cost::prices"), help("it must be a file that you may read, in UTF-8"))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A file of prices says something that cannot be.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Prices(Box<PricesError>),
}

/// What is wrong in a file of prices, and where.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{message}")]
#[diagnostic(code("cost::prices"), help("{hint}"))]
pub struct PricesError {
    /// What is wrong.
    pub message: String,
    /// What was expected at the place.
    pub expected: String,
    /// What to do.
    pub hint: String,
    #[source_code]
    pub(super) text: NamedSource<String>,
    #[label("{expected}")]
    pub(super) span: SourceSpan,
}
