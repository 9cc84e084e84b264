//! HTTP/1.1 by hand, for what no client library sends.

use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// How long an answer may take that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection.
pub struct Wire {
    stream: TcpStream,
    /// What has come and was not looked at.
    come: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Whether it says that the connection ends with it.
    pub fn closes(&self) -> bool {
        self.header("connection") == Some("close")
    }
}

impl Wire {
    pub async fn open(address: SocketAddr) -> Wire {
        let stream = timeout(PATIENCE, TcpStream::connect(address)).await;
        Wire {
            stream: stream.expect("a connection in time").unwrap(),
            come: Vec::new(),
        }
    }

    /// A connection whose end takes next to nothing that it does not read.
    pub async fn open_narrow(address: SocketAddr) -> Wire {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = timeout(PATIENCE, socket.connect(address)).await;
        Wire {
            stream: stream.expect("a connection in time").unwrap(),
            come: Vec::new(),
        }
    }

    /// Reads one byte.
    pub async fn sip(&mut self) {
        timeout(PATIENCE, self.stream.read_u8()).await.unwrap().unwrap();
    }

    /// Whether the other side, which is on this machine, still holds the connection.
    pub fn is_held(&self) -> bool {
        let ports = [self.stream.peer_addr(), self.stream.local_addr()].map(|a| a.unwrap().port());
        let row = format!("0100007F:{:04X} 0100007F:{:04X} 01 ", ports[0], ports[1]);
        std::fs::read_to_string("/proc/net/tcp").unwrap().contains(&row)
    }

    /// Sends all of it.
    pub async fn send(&mut self, text: &str) {
        self.try_send(text.as_bytes()).await.unwrap();
    }

    /// Sends as much of it as the other side takes.
    pub async fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let sent = timeout(PATIENCE, self.stream.write_all(bytes)).await;
        sent.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
    }

    /// Reads on; none if nothing more comes.
    async fn more(&mut self) -> std::io::Result<Option<()>> {
        let mut piece = [0; 16 * 1024];
        let read = timeout(PATIENCE, self.stream.read(&mut piece)).await;
        let n = read.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
        self.come.extend_from_slice(&piece[..n]);
        Ok((n > 0).then_some(()))
    }

    /// Reads until a text has come, and answers all up to its end.
    pub async fn until(&mut self, text: &str) -> std::io::Result<String> {
        loop {
            let found = self.come.windows(text.len()).position(|w| w == text.as_bytes());
            if let Some(at) = found {
                let rest = self.come.split_off(at + text.len());
                let come = std::mem::replace(&mut self.come, rest);
                return Ok(String::from_utf8(come).unwrap());
            }
            if self.more().await?.is_none() {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// The next answer, whose length is told.
    pub async fn try_answer(&mut self) -> std::io::Result<Answer> {
        let head = self.until("\r\n\r\n").await?;
        let status = head[9..12].parse().unwrap();
        let mut answer = Answer {
            status,
            head,
            body: Value::Null,
        };
        let length: usize = answer.header("content-length").map_or(0, |l| l.parse().unwrap());
        while self.come.len() < length {
            self.more().await?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        }
        let rest = self.come.split_off(length);
        let body = std::mem::replace(&mut self.come, rest);
        if !body.is_empty() {
            answer.body = serde_json::from_slice(&body).unwrap();
        }
        Ok(answer)
    }

    pub async fn answer(&mut self) -> Answer {
        self.try_answer().await.expect("an answer")
    }

    /// Sends a request and reads its answer.
    pub async fn ask(&mut self, request: &str) -> Answer {
        self.send(request).await;
        self.answer().await
    }

    /// Asks whether the process lives.
    pub async fn is_well(&mut self) -> bool {
        self.ask("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.status == 200
    }

    /// Waits until the other side has closed it, with or without a word.
    pub async fn closed(&mut self) {
        loop {
            match self.more().await {
                Ok(Some(())) => {}
                Ok(None) => return,
                Err(e) if e.kind() == std::io::ErrorKind::TimedOut => panic!("it is still open"),
                Err(_) => return,
            }
        }
    }

    /// Whether it is open: nothing has come, and no end either.
    pub fn is_open(&self) -> bool {
        let nothing = self.stream.try_read(&mut [0]);
        nothing.is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock)
    }
}
