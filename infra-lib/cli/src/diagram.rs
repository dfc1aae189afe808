//! `diagram`: an architecture picture of the site.

use diagram::{Scene, mermaid, svg};
use miette::{Context, IntoDiagnostic};
use surface::exit::Exit;
use surface::flags::{DiagramFlags, Flags, Format};
use surface::output;

use crate::site;

pub fn run(flags: &Flags, diagram: &DiagramFlags) -> miette::Result<Exit> {
    let scene = Scene::new(&site::load(flags)?)?;
    let picture = if diagram.mermaid { mermaid(&scene) } else { svg(&scene) };
    let Some(file) = &diagram.out else {
        return output::print(flags.format, &scene, |out| write!(out, "{picture}"));
    };
    let text = match flags.format {
        Format::Text => picture,
        Format::Json => serde_json::to_string_pretty(&scene).into_diagnostic()? + "\n",
    };
    let failed = || format!("cannot write the picture: `{}`", file.display());
    std::fs::write(file, text).into_diagnostic().wrap_err_with(failed)?;
    output::note(format_args!("a picture of {} in {}", scene.site, file.display()));
    Ok(Exit::Done)
}
