//! What stands between the program and the boxes: it hands requests on one by one, counts them, and has the program killed
//! at one of them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// How often what is handed on is looked after.
const GLANCE: Duration = Duration::from_millis(5);

/// What becomes of the request at which the program is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strike {
    /// It never gets there.
    Before,
    /// It is carried out, and nobody hears the answer.
    After,
    /// It is carried out late: when the next run has looked and is about to write, or looks for the second time.
    Late,
}

/// Listens on an address of its own, the same one for as long as it lives.
pub(crate) struct Proxy {
    pub(crate) url: String,
    /// Asks for the program's death; the answer is that it is dead.
    pub(crate) strikes: Receiver<Sender<()>>,
    shared: Arc<Shared>,
}

struct Shared {
    towards: SocketAddr,
    strikes: Sender<Sender<()>>,
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Default)]
struct State {
    /// The paths of this run's requests so far.
    paths: Vec<String>,
    strike: Option<(usize, Strike)>,
    /// A request that is still under way.
    late: Option<Vec<u8>>,
    handing_on: usize,
}

/// One request, whole.
struct Request {
    path: String,
    bytes: Vec<u8>,
}

impl Proxy {
    pub(crate) fn new(towards: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (strikes, heard) = channel();
        let shared = Arc::new(Shared { towards, strikes, state: Mutex::default(), idle: Condvar::new() });
        let own = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&own);
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self { url, strikes: heard, shared }
    }

    /// A new run begins. A request that is under way from the last one stays so.
    pub(crate) fn begin(&self, strike: Option<(usize, Strike)>) {
        let mut state = self.shared.state();
        state.paths.clear();
        state.strike = strike;
    }

    /// Waits until nothing is handed on any more, and gives the paths of the run's requests.
    pub(crate) fn end(&self) -> Vec<String> {
        let mut state = self.shared.state();
        while state.handing_on > 0 {
            // One that came too late to be struck at: the program has ended by itself.
            self.strikes.try_iter().for_each(|dead| _ = dead.send(()));
            state = self.shared.idle.wait_timeout(state, GLANCE).unwrap().0;
        }
        state.strike = None;
        state.paths.clone()
    }

    /// Forgets what was still under way.
    pub(crate) fn forget(&self) {
        self.shared.state().late = None;
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some(request) = read(&stream) else { return };
        let (strike, late) = self.arrive(&request);
        if let Some(late) = late {
            self.hand_on(&late);
        }
        let answer = match strike {
            Some(Strike::Before | Strike::Late) => Vec::new(),
            Some(Strike::After) | None => self.hand_on(&request.bytes),
        };
        match strike {
            Some(strike) => {
                self.kill();
                let mut state = self.state();
                state.late = (strike == Strike::Late).then_some(request.bytes);
            }
            None => _ = stream.write_all(&answer),
        }
        self.state().handing_on -= 1;
        self.idle.notify_all();
    }

    /// Counts a request; tells whether it is the one to strike at, and what has to be carried out before it.
    fn arrive(&self, request: &Request) -> (Option<Strike>, Option<Vec<u8>>) {
        let mut state = self.state();
        let index = state.paths.len();
        let looks_again = state.paths.contains(&request.path) && is_look(&request.path);
        state.paths.push(request.path.clone());
        state.handing_on += 1;
        let strike = state.strike.filter(|(at, _)| *at == index).map(|(_, strike)| strike);
        let is_due = looks_again || is_write(&request.path);
        let late = if is_due { state.late.take() } else { None };
        (strike, late)
    }

    fn kill(&self) {
        let (dead, heard) = channel();
        // Nobody listens where the program has ended by itself meanwhile.
        if self.strikes.send(dead).is_ok() {
            _ = heard.recv();
        }
    }

    /// Sends a request and reads its whole answer.
    fn hand_on(&self, bytes: &[u8]) -> Vec<u8> {
        let mut answer = Vec::new();
        let mut far = TcpStream::connect(self.towards).unwrap();
        if far.write_all(bytes).is_ok() {
            _ = far.read_to_end(&mut answer);
        }
        answer
    }
}

/// Reads one request and lets its connection end with it, so that the next one comes over another.
fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let path = head.split(' ').nth(1)?.split('?').next()?.to_owned();
    let bytes = [head.as_bytes(), b"Connection: close\r\n\r\n", &body].concat();
    Some(Request { path, bytes })
}

/// Whether a call changes anything on a box.
pub(crate) fn is_write(path: &str) -> bool {
    const WRITES: [&str; 9] =
        ["add", "add_siptrunk", "update", "update_siptrunk", "delete", "delete_siptrunk", "create", "sipAdd", "edit"];
    path.rsplit('/').next().is_some_and(|name| WRITES.contains(&name))
}

/// Whether it is one of the calls that every look makes, and makes once.
fn is_look(path: &str) -> bool {
    const LOOKS: [&str; 4] = ["/trunk/list", "/trunklist/query", "/call/sip/list", "/voice/sipQuery"];
    LOOKS.iter().any(|look| path.contains(look))
}
