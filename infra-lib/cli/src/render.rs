//! `render`: the templates and parameters that a deploy would use.

use ::site::render;
use miette::{Context, IntoDiagnostic};
use surface::exit::Exit;
use surface::flags::{Flags, RenderFlags};
use surface::output;

use crate::site;

pub fn run(flags: &Flags, render: &RenderFlags) -> miette::Result<Exit> {
    let rendered = render::render(&site::load(flags)?);
    if let Some(folder) = &render.out {
        let failed = || format!("cannot write into `{}`", folder.display());
        let removed = render::write(&rendered, folder).into_diagnostic().wrap_err_with(failed)?;
        for name in removed {
            output::note(format_args!("removed {name}, which an earlier render wrote"));
        }
        output::note(format_args!("{} files in {}", rendered.len(), folder.display()));
        return Ok(Exit::Done);
    }
    output::print_closed(flags.format, &rendered, |out| {
        for (name, text) in &rendered {
            writeln!(out, "# {name}")?;
            writeln!(out, "{}", text.trim_end())?;
            writeln!(out)?;
        }
        Ok(())
    })
}
