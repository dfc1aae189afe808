//! Ctrl-C ends at once and tells how to go on.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::command::{Folder, SITE, told};

#[test]
fn an_interrupt_ends_with_its_own_code_and_tells_how_to_resume() {
    // Somebody who takes the call and never answers: the command is certain to be waiting when the signal comes.
    let silence = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", silence.local_addr().expect("an address"));
    let folder = Folder::with(SITE);
    let mut command = folder.command("destroy --yes");
    command.env("AWS_ENDPOINT_URL", endpoint);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let _call = silence.accept().expect("the command calls");
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.expect("kill starts").success());
    let told = told(&child.wait_with_output().expect("it ends"));
    assert!(told.starts_with("exit code: 130\n"), "{told}");
    assert!(told.contains("run `cargo xtask destroy` again to resume"), "{told}");
}
