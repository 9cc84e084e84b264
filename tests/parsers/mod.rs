//! No parser of what comes from outside panics or takes long, whatever it is given: arbitrary
//! bytes, and answers as the services give them, damaged. `fuzz/run` looks further.

use crate::support::cli::repository;
use crate::support::parsers::{ALL, Parser};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long one input may take. A client is cut off after a quarter of a second; the rest is for
/// a busy machine.
const LIMIT: Duration = Duration::from_secs(10);

/// What is done to an answer: at a place, this many bytes give way to these.
type Damage = (prop::sample::Index, usize, Vec<u8>);

fn damage() -> impl Strategy<Value = Damage> {
    let put = prop_oneof![
        Just(Vec::new()),
        proptest::collection::vec(any::<u8>(), 1..8),
        proptest::sample::select(vec![
            "null",
            "-1",
            "1e999",
            "99999999999999999999",
            "0.1",
            "\"\"",
            "[]",
            "{}",
            "true",
            ",",
            "\n\n",
            "\r",
            "\\ud800",
            "\u{202e}\u{1b}[2J",
            "٣",
            "é",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        (1..5000usize).prop_map(|n| b"[".repeat(n)),
        (1..5000usize).prop_map(|n| b"9".repeat(n)),
    ];
    (any::<prop::sample::Index>(), 0..6usize, put)
}

fn damaged(seed: &[u8], all: &[Damage]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for (at, length, put) in all {
        let from = at.index(bytes.len() + 1);
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, put.iter().copied());
    }
    bytes
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let dir = repository().join("fuzz/seeds").join(name);
    let read = |dir: &Path| {
        std::fs::read_dir(dir)
            .unwrap()
            .map(|e| std::fs::read(e.unwrap().path()).unwrap())
    };
    read(&dir).collect()
}

fn bears(name: &str, parser: Parser) {
    let seeds = seeds(name);
    for seed in &seeds {
        parser(seed);
    }
    let input = prop_oneof![
        1 => proptest::collection::vec(any::<u8>(), 0..200),
        3 => (proptest::sample::select(seeds), proptest::collection::vec(damage(), 1..4))
            .prop_map(|(seed, all)| damaged(&seed, &all)),
    ];
    let mut runner = TestRunner::new(Config {
        cases: 96,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&input, |bytes| {
            let begun = Instant::now();
            parser(&bytes);
            prop_assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
            Ok(())
        })
        .unwrap();
}

macro_rules! parsers {
    ($($name:ident)*) => {
        $(#[test] fn $name() {
            bears(stringify!($name), crate::support::parsers::$name);
        })*

        /// Each parser has its test, its fuzz target and its seeds.
        #[test]
        fn none_is_left_out() {
            let here = [$(stringify!($name)),*];
            for (name, _) in ALL {
                assert!(here.contains(name), "{name}");
                assert!(repository().join(format!("fuzz/targets/{name}.rs")).exists(), "{name}");
                assert!(!seeds(name).is_empty(), "{name}");
            }
            assert_eq!(here.len(), ALL.len());
        }
    };
}

parsers!(hetzner digitalocean telegram google models openclaw config events ssh_output);
