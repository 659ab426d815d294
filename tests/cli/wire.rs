//! The other side of a real socket: the served sandbox, something in between that listens in, and a server that answers
//! whatever a test wants.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::harness::{Place, boxed};

/// `sipform sandbox serve`, ended with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
    // Held open: what is written to a closed pipe is an error.
    _stdout: BufReader<std::process::ChildStdout>,
}

impl Served {
    /// Keeps its state under `served/` in the place.
    pub(crate) fn new(place: &Place, options: &str) -> Self {
        for (provider, seed) in [
            ("yeastar", include_str!("../../examples/sandbox/yeastar.json")),
            ("7moor", include_str!("../../examples/sandbox/7moor.json")),
        ] {
            let file = format!("served/{provider}.box.json");
            if !place.path(&file).exists() {
                place.write(&file, &boxed(provider, seed));
            }
        }
        let mut command = place.command(&format!("sandbox serve --listen 127.0.0.1:0 --state served {options}"));
        let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Sandbox on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { child, url, _stdout: stdout }
    }
}

impl Served {
    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Two targets behind these addresses, with the served sandbox's own credentials, and these entries.
pub(crate) fn desired(pbx: &str, centre: &str, entries: &str) -> String {
    let mut text = String::from("version: 1\ntargets:\n");
    let limits = "limits: { requests_per_second: 1000, timeout: 20s }";
    _ = writeln!(
        text,
        "  hq: {{ provider: yeastar, url: \"{pbx}\", username: api, password: \"${{env:HQ}}\", {limits} }}"
    );
    _ = writeln!(
        text,
        "  cc: {{ provider: 7moor, url: \"{centre}\", app_key: \"2000113\", secret: \"${{env:CC}}\", {limits} }}"
    );
    text + entries
}

/// A place with real targets.
pub(crate) fn real(url: &str, entries: &str) -> Place {
    let mut place = Place::new();
    place.set("HQ", "sandbox");
    place.set("CC", "sandbox-secret");
    place.write("desired-state.yaml", &desired(url, url, entries));
    place
}

/// Hands everything on to another address and keeps a copy.
pub(crate) struct Tap {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Tap {
    pub(crate) fn new(towards: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (towards, copy) = (towards.trim_start_matches("http://").to_owned(), Arc::clone(&heard));
        thread::spawn(move || {
            for near in listener.incoming() {
                let Ok(near) = near else { continue };
                let Ok(far) = TcpStream::connect(&towards) else { continue };
                carry(&near, &far, &copy);
                carry(&far, &near, &copy);
            }
        });
        Self { url, heard }
    }

    /// What went over the wire so far, both ways.
    pub(crate) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }
}

fn carry(from: &TcpStream, to: &TcpStream, copy: &Arc<Mutex<Vec<u8>>>) {
    let (mut from, mut to, copy) = (from.try_clone().unwrap(), to.try_clone().unwrap(), Arc::clone(copy));
    thread::spawn(move || {
        let mut piece = [0; 8192];
        while let Ok(length) = from.read(&mut piece) {
            copy.lock().unwrap().extend_from_slice(&piece[..length]);
            if length == 0 || to.write_all(&piece[..length]).is_err() {
                break;
            }
        }
        _ = to.shutdown(Shutdown::Write);
    });
}

/// A server that answers as a test says, and remembers what it was asked.
pub(crate) struct Fixed {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fixed {
    /// `answer` makes a whole HTTP answer from a whole request.
    pub(crate) fn new(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        Self::raw(move |request| answer(request).into_bytes())
    }

    /// The same for answers that are no text.
    pub(crate) fn raw(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let note = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let Some(request) = request(&stream) else { continue };
                let answer = answer(&request);
                note.lock().unwrap().push(request);
                _ = stream.write_all(&answer);
            }
        });
        Self { url, asked }
    }

    /// The same answer every time.
    pub(crate) fn always(status: &'static str, content_type: &'static str, body: &'static str) -> Self {
        Self::new(move |_| answer(status, content_type, body))
    }

    /// The requests, head and body.
    pub(crate) fn heard(&self) -> String {
        self.asked.lock().unwrap().join("\n")
    }

    /// The requests' first lines.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|request| request.lines().next().unwrap_or_default().to_owned()).collect()
    }
}

/// A whole HTTP answer. `content_type` may bring further headers, each on a line of its own.
pub(crate) fn answer(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// Reads one request, head and body.
fn request(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let (mut text, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        text.push_str(&line);
        let lower = line.trim().to_ascii_lowercase();
        if lower.is_empty() {
            break;
        }
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(text + &String::from_utf8_lossy(&body))
}

/// An address on this machine where nobody listens.
pub(crate) fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
