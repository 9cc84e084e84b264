//! One connection: its requests, and how long each part of it may take.

use super::Limits;
use super::body::{Answer, Incoming};
use super::socket::Socket;
use super::table::Place;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, Response, header};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

/// The longest head of a request, in bytes; a connection buffers no more than that.
pub const MAX_HEAD: usize = 32 << 10;
/// How many headers a request has at most.
const MAX_HEADERS: usize = 100;
/// How long a request may take until its answer is sent, live streams aside. Handlers have a
/// deadline of their own, which is shorter.
const ANSWER: Duration = Duration::from_secs(120);
/// How long a live stream that has to end may take until its reader has the rest.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long the last of an answer may take once its connection has to go.
const FLUSH: Duration = Duration::from_millis(500);

/// What a connection does, and until when it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Its first request has not come.
    First(Instant),
    /// It waits for another request.
    Idle(Instant),
    /// The head of another one has begun.
    Head(Instant),
    /// A request is answered.
    Answer(Instant),
    /// A live stream goes on, which knows by itself when it has to end.
    Live,
}

impl Phase {
    fn until(self) -> Option<Instant> {
        match self {
            Phase::First(t) | Phase::Idle(t) | Phase::Head(t) | Phase::Answer(t) => Some(t),
            Phase::Live => None,
        }
    }

    /// Whether nothing is on its way to the other side. While it waits for another request the end
    /// of the last answer may still be.
    fn owes_nothing(self) -> bool {
        matches!(self, Phase::First(_) | Phase::Head(_))
    }
}

/// What the parts of a connection tell each other.
pub struct State {
    place: Place,
    /// Whether the stream that is answered with has to end.
    over: AtomicBool,
    phase: watch::Sender<Phase>,
    head: Duration,
    idle: Duration,
}

impl State {
    /// Bytes came.
    pub fn heard(&self) {
        self.phase.send_if_modified(|phase| match phase {
            Phase::Idle(_) => {
                *phase = Phase::Head(Instant::now() + self.head);
                true
            }
            _ => false,
        });
    }

    /// The head of a request is whole.
    fn begins(&self) {
        self.place.is_busy();
        self.over.store(false, Ordering::SeqCst);
        self.phase.send_replace(Phase::Answer(Instant::now() + ANSWER));
    }

    fn streams(&self) {
        self.phase.send_replace(Phase::Live);
        if self.over.load(Ordering::SeqCst) {
            self.ends_stream();
        }
    }

    /// Its stream has to end: however slowly it is read, that does not take long.
    fn ends_stream(&self) {
        self.over.store(true, Ordering::SeqCst);
        self.phase.send_if_modified(|phase| {
            let live = *phase == Phase::Live;
            if live {
                *phase = Phase::Answer(Instant::now() + LAST_WORDS);
            }
            live
        });
    }

    /// The answer was handed over.
    pub fn ends(&self) {
        // The end of it may still be on its way to a slow reader.
        self.phase.send_replace(if self.over.load(Ordering::SeqCst) {
            Phase::Answer(Instant::now() + LAST_WORDS)
        } else {
            Phase::Idle(Instant::now() + self.idle)
        });
        self.place.waits();
    }

    fn owes_nothing(&self) -> bool {
        self.phase.borrow().owes_nothing()
    }

    /// Waits until what the connection does has taken too long.
    async fn overdue(&self) {
        let mut changes = self.phase.subscribe();
        loop {
            let phase = *changes.borrow_and_update();
            let late = async {
                match phase.until() {
                    Some(until) => sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = late => return,
                // The sender is ours, so it is there.
                _ = changes.changed() => {}
            }
        }
    }
}

/// What a live stream knows of its connection.
#[derive(Clone)]
pub struct Reader(Arc<State>);

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

impl Reader {
    /// The stream has to end. Whoever does not read its end is cut off.
    pub fn ends_soon(&self) {
        self.0.ends_stream();
    }
}

/// Serves one connection to its end.
pub async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
    routes: Router,
    limits: Arc<Limits>,
    mut ending: watch::Receiver<bool>,
) {
    let state = Arc::new(State {
        place,
        over: AtomicBool::new(false),
        phase: watch::Sender::new(Phase::First(Instant::now() + limits.head)),
        head: limits.head,
        idle: limits.idle,
    });
    let service = Requests {
        state: state.clone(),
        routes: TowerToHyperService::new(routes),
        peer,
    };
    let socket = TokioIo::new(Socket::new(stream, Some(state.clone())));
    let mut connection = http().serve_connection(socket, service);
    let mut told = false;
    loop {
        tokio::select! {
            _ = &mut connection => break,
            () = state.overdue() => return,
            () = state.place.evicted() => {
                if state.owes_nothing() {
                    return;
                }
                Pin::new(&mut connection).graceful_shutdown();
                // Whoever does not take the rest goes without it.
                let _ = timeout(FLUSH, &mut connection).await;
                return;
            }
            () = told_to_end(&mut ending), if !told => {
                told = true;
                if state.owes_nothing() {
                    return;
                }
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
    let socket = connection.into_parts().io.into_inner();
    tokio::select! {
        () = socket.linger() => {}
        () = state.place.evicted() => {}
        () = told_to_end(&mut ending), if !told => {}
    }
}

/// Waits until all connections have to end, also where whoever would say so is gone.
async fn told_to_end(ending: &mut watch::Receiver<bool>) {
    let _ = ending.wait_for(|&now| now).await;
}

/// How HTTP is spoken. The deadlines are ours: hyper's one for the head begins when the
/// connection has nothing to do.
pub fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS);
    http
}

/// Answers the requests of a connection.
struct Requests {
    state: Arc<State>,
    routes: TowerToHyperService<Router>,
    peer: SocketAddr,
}

impl Service<Request<hyper::body::Incoming>> for Requests {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<hyper::body::Incoming>) -> Self::Future {
        self.state.begins();
        let ended = EndOf(Some(self.state.clone()));
        let (parts, body) = request.into_parts();
        let (body, read) = Incoming::new(body);
        let mut request = Request::from_parts(parts, Body::new(body));
        request.extensions_mut().insert(ConnectInfo(self.peer));
        request.extensions_mut().insert(Reader(self.state.clone()));
        let answer = self.routes.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            let headers = response.headers_mut();
            // What is left of the request would be taken for the next one, or has to be read
            // though nobody wants it: HTTP has a word for that.
            if !read.to_its_end() {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
            if kind.is_some_and(|k| k.starts_with(b"text/event-stream"))
                && let Some(state) = &ended.0
            {
                state.streams();
            }
            Ok(response.map(|body| Answer::new(body, ended)))
        })
    }
}

/// Tells that a request is over, however it ends.
pub struct EndOf(Option<Arc<State>>);

impl Drop for EndOf {
    fn drop(&mut self) {
        if let Some(state) = self.0.take() {
            state.ends();
        }
    }
}
