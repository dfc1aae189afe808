//! `cargo xtask`: the operator's and the developer's command.
//!
//! The contributor's verbs are here, each in a file of its own, and compile nothing of AWS's SDK. For any other verb this process
//! becomes the program `pilotlight`, which cargo builds first. The whole command surface is in the crate `surface`.

mod operator;
mod prove;
mod test;
mod tidy;

use std::future::ready;

use surface::command;
use surface::exit::Exit;
use surface::flags::{ContributorVerb, Flags, Verb};

#[tokio::main]
async fn main() {
    let flags = command::flags();
    let Verb::Contributor(verb) = &flags.verb else {
        let error = operator::replace_this_process();
        command::run(&flags, ready(Err(error))).await;
    };
    command::run(&flags, run(&flags, verb)).await;
}

async fn run(flags: &Flags, verb: &ContributorVerb) -> miette::Result<Exit> {
    match verb {
        ContributorVerb::Test => test::run().await,
        ContributorVerb::Tidy => tidy::run(flags),
        ContributorVerb::Prove(prove) => prove::run(flags, prove).await,
    }
}
