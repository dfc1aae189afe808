//! The operator's verbs. `cargo xtask` builds this program and becomes it.
//!
//! Each verb has a file of its own; the whole command surface is in the crate `surface`.

mod bench;
mod check;
mod consent;
mod cost;
mod deploy;
mod destroy;
mod diagram;
mod doctor;
mod drill;
mod explain;
mod init;
mod package;
mod plan;
mod progress;
mod render;
mod simulate;
mod site;
mod status;
mod steer;

use surface::command;
use surface::exit::Exit;
use surface::flags::{Flags, OperatorVerb, Verb};

#[tokio::main]
async fn main() {
    let flags = command::flags();
    command::run(&flags, Box::pin(run(&flags))).await;
}

async fn run(flags: &Flags) -> miette::Result<Exit> {
    let verb = match &flags.verb {
        Verb::Operator(verb) => verb,
        Verb::Contributor(_) => {
            return Err(miette::miette!(
                code = "usage",
                help = "run it from a checkout, with `cargo xtask`",
                "this verb is for contributors"
            ));
        }
    };
    match verb {
        OperatorVerb::Init(init) => init::run(flags, init).await,
        OperatorVerb::Doctor(doctor) => doctor::run(flags, doctor).await,
        OperatorVerb::Render(render) => render::run(flags, render),
        OperatorVerb::Check(check) => check::run(flags, check),
        OperatorVerb::Diagram(diagram) => diagram::run(flags, diagram),
        OperatorVerb::Plan(plan) => plan::run(flags, plan).await,
        OperatorVerb::Deploy(deploy) => Box::pin(deploy::run(flags, deploy)).await,
        OperatorVerb::Status(status) => status::run(flags, status).await,
        OperatorVerb::Failover(failover) => steer::failover(flags, failover).await,
        OperatorVerb::Failback(failback) => steer::failback(flags, failback).await,
        OperatorVerb::Approve(approve) => steer::approve(flags, approve).await,
        OperatorVerb::Mode(mode) => steer::mode(flags, mode).await,
        OperatorVerb::Destroy(destroy) => destroy::run(flags, destroy).await,
        OperatorVerb::Package => package::run(flags).await,
        OperatorVerb::Drill(drill) => Box::pin(drill::run(flags, drill)).await,
        OperatorVerb::Explain(explain) => explain::run(flags, explain).await,
        OperatorVerb::Cost(cost) => cost::run(flags, cost).await,
        OperatorVerb::Simulate(simulate) => simulate::run(flags, simulate),
        OperatorVerb::Bench(bench) => Box::pin(bench::run(flags, bench)).await,
    }
}
