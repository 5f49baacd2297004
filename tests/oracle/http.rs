//! As much HTTP/1.1 as loopback needs: a client that keeps its connection, and a server's side of a request.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer. Header names are in lower case.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into() }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Writes the answer, always with its length, and leaves the connection open.
    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        // Prometheus shows the words for its targets.
        let words = match self.status {
            200 => "OK",
            400 => "Bad Request",
            404 => "Not Found",
            500 => "Internal Server Error",
            502 => "Bad Gateway",
            _ => "-",
        };
        let mut out = format!("HTTP/1.1 {} {words}\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            if !matches!(name.as_str(), "content-length" | "transfer-encoding" | "connection") {
                out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
            }
        }
        out.extend_from_slice(format!("content-length: {}\r\n\r\n", self.body.len()).as_bytes());
        out.extend_from_slice(&self.body);
        to.write_all(&out)
    }
}

/// A request that came in. Its body, if any, is not read: scrapes have none.
pub(crate) struct Request {
    /// As the first line has it: a path, or a whole URL where the asker takes us for its proxy.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
}

/// Reads the next request of a connection; `None` at its end.
pub(crate) fn read_request(from: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok(Some(Request { target, headers: read_headers(from)? }))
}

fn read_headers(from: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(headers);
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
}

/// A client of one server on 127.0.0.1 that keeps its connection.
pub(crate) struct Client {
    port: u16,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub(crate) fn new(port: u16) -> Self {
        Self { port, stream: None }
    }

    /// Asks for a path with its query.
    pub(crate) fn get(&mut self, path: &str, headers: &[(String, String)]) -> io::Result<Response> {
        let kept = self.stream.is_some();
        match self.attempt(path, headers) {
            // A kept connection may have been closed meanwhile.
            Err(_) if kept => self.attempt(path, headers),
            outcome => outcome,
        }
    }

    fn attempt(&mut self, path: &str, headers: &[(String, String)]) -> io::Result<Response> {
        let mut stream = if let Some(stream) = self.stream.take() {
            stream
        } else {
            let stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_read_timeout(Some(Duration::from_mins(1)))?;
            stream.set_nodelay(true)?;
            BufReader::new(stream)
        };
        let mut request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n", self.port);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let status =
            line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| bad("status line"))?;
        let headers = read_headers(&mut stream)?;
        let value =
            |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let mut body = Vec::new();
        if value("transfer-encoding") == Some("chunked") {
            loop {
                let mut size = String::new();
                stream.read_line(&mut size)?;
                let size = u64::from_str_radix(size.trim(), 16).map_err(|_| bad("chunk size"))?;
                stream.by_ref().take(size).read_to_end(&mut body)?;
                stream.read_line(&mut String::new())?;
                if size == 0 {
                    break;
                }
            }
        } else {
            let size =
                value("content-length").and_then(|size| size.parse().ok()).ok_or_else(|| bad("length"))?;
            stream.by_ref().take(size).read_to_end(&mut body)?;
        }
        if value("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(Response { status, headers, body })
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("unusable {what} in an answer"))
}

/// A text as part of a URL's query.
pub(crate) fn query_escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 3);
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
