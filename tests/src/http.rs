//! Asks a server's plain HTTP listener.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const DEADLINE: Duration = Duration::from_secs(10);

/// An answer: its status code and its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    pub status: u16,
    pub body: String,
}

/// Gets `path` from `address` (`host:port`).
pub async fn get(address: &str, path: &str) -> Result<Page> {
    let asked = tokio::time::timeout(DEADLINE, ask(address, path)).await;
    asked.with_context(|| format!("no answer from {address}{path} within {DEADLINE:?}"))?
}

/// The same over TLS, with a token where there is one.
pub async fn get_sealed(
    address: &str,
    path: &str,
    config: Arc<ClientConfig>,
    token: Option<&str>,
) -> Result<Page> {
    let header = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let asked = tokio::time::timeout(DEADLINE, async {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::IpAddress(address.parse::<SocketAddr>()?.ip().into());
        exchange(TlsConnector::from(config).connect(name, stream).await?, address, path, &header).await
    });
    asked.await.with_context(|| format!("no answer from {address}{path} within {DEADLINE:?}"))?
}

async fn ask(address: &str, path: &str) -> Result<Page> {
    let stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
    exchange(stream, address, path, "").await
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    address: &str,
    path: &str,
    headers: &str,
) -> Result<Page> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    read(&String::from_utf8_lossy(&answer)).with_context(|| format!("{address}{path} answers no HTTP"))
}

fn read(answer: &str) -> Option<Page> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { join_chunks(body)? } else { body.to_owned() };
    Some(Page { status, body })
}

fn join_chunks(mut rest: &str) -> Option<String> {
    let mut body = String::new();
    loop {
        let (size, after) = rest.split_once("\r\n")?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.push_str(after.get(..size)?);
        rest = after.get(size..)?.strip_prefix("\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole_and_in_chunks() {
        let whole = read("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nno\nq");
        assert_eq!(whole, Some(Page { status: 503, body: "no\nq".to_owned() }));
        let chunked =
            read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        assert_eq!(chunked, Some(Page { status: 200, body: "abcde".to_owned() }));
        assert_eq!(read("nonsense"), None);
    }
}
