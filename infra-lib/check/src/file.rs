//! Anybody's template, checked by the rules that need no site.

use std::path::{Path, PathBuf};

use cfn::{Facts, Raw, Template, View};

use super::finding::Finding;
use super::scope::{Document, Scope};
use super::{inspect, references, sorted};
use site::names::Region;

/// A template that cannot be checked.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum FileError {
    /// There is no such file.
    #[error("no template: `{}`", path.display())]
    #[diagnostic(
        code("check::file"),
        help("name a CloudFormation template, YAML or JSON, after `--template`")
    )]
    Absent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is there and cannot be read.
    #[error("cannot read the template: `{}`", path.display())]
    #[diagnostic(code("check::file"), help("it must be a file that you may read, in UTF-8"))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// It is no template.
    #[error("`{file}` is no CloudFormation template: {message}")]
    #[diagnostic(
        code("check::template"),
        help(
            "a template is a YAML or JSON mapping with `Resources`; correct the file, or name another after `--template`"
        )
    )]
    Invalid {
        /// The file.
        file: String,
        /// What is wrong with it.
        message: String,
    },
    /// There is no such region.
    #[error("unknown region: `{region}`")]
    #[diagnostic(code("usage"))]
    Region {
        /// What was given.
        region: String,
        /// What to do.
        #[help]
        hint: String,
    },
}

/// A region that AWS has.
///
/// # Errors
/// [`FileError::Region`] with the nearest name if there is none.
pub fn region(text: &str) -> Result<Region, FileError> {
    let known = Region::parse(text).ok().filter(|region| REGIONS.contains(&region.as_str()));
    known.ok_or_else(|| {
        let similar = |name: &&str| strsim::damerau_levenshtein(name, text);
        let nearest = REGIONS.into_iter().min_by_key(similar).filter(|name| similar(name) <= 3);
        let hint = nearest.map_or_else(
            || "give the region that the template is deployed in, such as `us-east-1`".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        FileError::Region { region: text.to_owned(), hint }
    })
}

/// Whether a text is the name of a region.
pub(super) fn is_region(text: &str) -> bool {
    REGIONS.contains(&text)
}

/// Everything that is wrong with a template in a region, with its parameters' defaults, worst first.
///
/// # Errors
/// [`FileError`] if there is no such file or it is no template.
pub fn check_file(path: &Path, region: &Region) -> Result<Vec<Finding>, FileError> {
    let text = std::fs::read_to_string(path).map_err(|source| {
        let path = path.to_owned();
        if source.kind() == std::io::ErrorKind::NotFound {
            FileError::Absent { path }
        } else {
            FileError::Read { path, source }
        }
    })?;
    check_text(&path.display().to_string(), &text, region)
}

/// Everything that is wrong with the text of a template, as [`check_file`] does.
///
/// # Errors
/// [`FileError::Invalid`] if it is no template.
pub fn check_text(file: &str, text: &str, region: &Region) -> Result<Vec<Finding>, FileError> {
    let template = Template::parse(text)
        .map_err(|message| FileError::Invalid { file: file.to_owned(), message })?;
    let document = Document::new(file.to_owned(), text, None);
    let facts = Facts::of(&template, region.as_str(), |_| None);
    let view = View::new(&template, &facts);
    let scope = Scope::new(&document, &template, &facts, &view, None);
    inspect(&scope);
    // A transform makes names that are not in the text, a macro anywhere in it too.
    if template.root.get("Transform").is_none() && !has_macro(&template.root) {
        references::check(&scope);
    }
    Ok(sorted(scope.into_findings()))
}

/// Whether a macro or an include stands somewhere in a template, or a directive of a packager (`Modules`, `Rain::`) that puts
/// resources there before AWS sees it.
fn has_macro(raw: &Raw) -> bool {
    if cfn::function(raw).is_some_and(|(name, _)| name == "Transform") {
        return true;
    }
    let puts = |key: &str| key == "Fn::Transform" || key == "Modules" || key.starts_with("Rain::");
    match raw {
        Raw::Sequence(list) => list.iter().any(has_macro),
        Raw::Mapping(map) => {
            map.iter().any(|(key, value)| key.as_str().is_some_and(puts) || has_macro(value))
        }
        Raw::Tagged(tagged) => {
            tagged.tag.to_string().starts_with("!Rain::") || has_macro(&tagged.value)
        }
        Raw::Null | Raw::Bool(_) | Raw::Number(_) | Raw::String(_) => false,
    }
}

// Source: AWS General Reference, "AWS Regions", with the partitions of China and GovCloud.
const REGIONS: [&str; 38] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];
