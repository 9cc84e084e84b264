//! A load at a fixed rate: requests go out when they are due, whether or not the ones before
//! were answered, and their time counts from when they were due.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

pub struct Plan {
    pub address: String,
    /// Path and bearer token, in turn.
    pub requests: Vec<(String, String)>,
    /// Requests a second, over all connections.
    pub rate: u32,
    pub seconds: u32,
    pub connections: u32,
}

/// What came of it: for each request its number and how long its answer took.
pub struct Told {
    times: Vec<(usize, Duration)>,
    pub failed: usize,
}

/// Times, sorted.
pub struct Times(Vec<Duration>);

impl Told {
    /// The times of every `of`th request, beginning with number `part`.
    pub fn of(&self, part: usize, of: usize) -> Times {
        let mut times: Vec<Duration> = self
            .times
            .iter()
            .filter(|(n, _)| n % of == part)
            .map(|(_, t)| *t)
            .collect();
        times.sort_unstable();
        Times(times)
    }
}

impl Times {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that this part of all requests took at most.
    pub fn at(&self, part: f64) -> Duration {
        self.0[((self.0.len() - 1) as f64 * part) as usize]
    }
}

pub fn run(plan: &Plan) -> Told {
    let total = (plan.rate * plan.seconds) as usize;
    let begin = Instant::now() + Duration::from_millis(100);
    let lanes: Vec<(Vec<(usize, Duration)>, usize)> = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..plan.connections as usize)
            .map(|lane| scope.spawn(move || one_connection(plan, lane, total, begin)))
            .collect();
        lanes.into_iter().map(|l| l.join().unwrap()).collect()
    });
    Told {
        failed: lanes.iter().map(|(_, failed)| failed).sum(),
        times: lanes.into_iter().flat_map(|(times, _)| times).collect(),
    }
}

fn one_connection(plan: &Plan, lane: usize, total: usize, begin: Instant) -> (Vec<(usize, Duration)>, usize) {
    let stream = TcpStream::connect(&plan.address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    let (mut times, mut failed) = (Vec::new(), 0);
    for number in (lane..total).step_by(plan.connections as usize) {
        let due = begin + Duration::from_secs(1) * u32::try_from(number).unwrap() / plan.rate;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let (path, token) = &plan.requests[number % plan.requests.len()];
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\r\n",
            plan.address
        );
        writer.write_all(request.as_bytes()).unwrap();
        if !answered_well(&mut reader) {
            failed += 1;
        }
        times.push((number, due.elapsed()));
    }
    (times, failed)
}

/// Reads one answer; whether its status is 200.
fn answered_well(reader: &mut impl BufRead) -> bool {
    let (mut line, mut length, mut well) = (String::new(), 0, false);
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let head = line.trim_end().to_ascii_lowercase();
        if head.starts_with("http/1.1 ") {
            well = head.starts_with("http/1.1 200");
        } else if let Some(value) = head.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        } else if head.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    well
}
