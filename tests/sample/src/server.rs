//! A server on this machine that answers in AWS's place, so that the real client is tested.

use std::sync::{Arc, Mutex};

use cloud::{Aws, CloudSettings};
use site::names::Region;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Status line and body of an answer. `None` is an answer that is lost: the connection ends without it.
pub type Reply = Option<(&'static str, String)>;

/// The server, and a client that takes it for AWS.
#[derive(Debug)]
pub struct Server {
    /// What takes it for AWS.
    pub aws: Aws,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// One that gives each request the same answer.
    pub async fn answering(status: &'static str, body: &str) -> Self {
        Self::scripted(vec![Some((status, body.to_owned()))]).await
    }

    /// One that gives one answer after the other, and the last of them again and again.
    pub async fn scripted(script: Vec<Reply>) -> Self {
        let framed = |(status, body): (&str, String)| framed(status, body.as_bytes());
        Self::replaying(script.into_iter().map(|reply| reply.map(framed)).collect()).await
    }

    /// One that gives each request the same answer, which is no text.
    pub async fn bytes(status: &str, body: Vec<u8>) -> Self {
        Self::replaying(vec![Some(framed(status, &body))]).await
    }

    async fn replaying(script: Vec<Option<Vec<u8>>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut turn = 0;
            while let Ok((mut connection, _)) = listener.accept().await {
                let request = heard(&mut connection).await;
                notes.lock().expect("no panic").push(request);
                if let Some(answer) = &script[turn.min(script.len() - 1)] {
                    connection.write_all(answer).await.ok();
                }
                turn += 1;
            }
        });
        let aws = Aws::connect(&CloudSettings::emulator(endpoint), &Region::detector()).await;
        Self { aws, asked }
    }

    /// Every request so far, as it was sent.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn framed(status: &str, body: &[u8]) -> Vec<u8> {
    let date = "date: Thu, 01 Jan 2026 00:00:00 GMT\r\nconnection: close";
    let head = format!("HTTP/1.1 {status}\r\n{date}\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

async fn heard(connection: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = connection.read(&mut part).await.unwrap_or(0);
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let complete = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
            });
            body.len() >= length.unwrap_or(0)
        });
        if complete || read == 0 {
            return text;
        }
    }
}
