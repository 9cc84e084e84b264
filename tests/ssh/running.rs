//! Running scripts: results, secrecy, bounds, and that nothing goes on without us.

use super::server::{PATIENCE, Plan, Server, possible, processes_with, secret, until};
use clawdwako::error::Kind;
use clawdwako::ssh::{Script, Session};
use std::time::{Duration, Instant};

fn quiet() -> impl FnMut(&str) + Send {
    |_| ()
}

/// A word that no other process has in its arguments.
fn unique(what: &str) -> String {
    format!("{what}-{}", clawdwako::model::new_id())
}

#[tokio::test]
async fn facts_lines_variables_and_input_arrive() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let script = Script::new(
        "all",
        "echo \"to out: $A\"\necho 'to err' >&2\necho ::fact who=$(whoami)\necho \"::fact input=$(cat | tr '\\n' '+')\"",
    )
    .var("A", "it's $HOME `x` \"ü\"")
    .input(secret("first\nexit 3\nlast"));
    let mut lines = Vec::new();
    let output = session
        .run(&script, &mut |line| lines.push(line.to_owned()))
        .await
        .unwrap();
    lines.sort();
    assert_eq!(lines, ["to err", "to out: it's $HOME `x` \"ü\""]);
    assert_eq!(output.facts["who"], "root");
    assert_eq!(output.facts["input"], "first+exit 3+last");
}

#[tokio::test]
async fn a_failure_tells_script_code_and_last_lines_but_never_the_input() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    for (body, code) in [
        (
            "for i in {1..40}; do echo line $i; done; echo why >&2; exit 9",
            "exit code 9",
        ),
        ("echo why; false; echo unreachable", "exit code 1"),
        ("echo why; echo \"$NO_SUCH_VARIABLE\"", "exit code 1"),
        ("echo why; kill -KILL $$", "exit code 137"),
        ("echo why; cat >/dev/null; return 4", "exit code 4"),
        (
            "echo why; echo 'mkdir: No space left on device' >&2; exit 1",
            "exit code 1",
        ),
    ] {
        let script = Script::new("broken", body).input(secret("hunter2-is-secret\n"));
        let e = session.run(&script, &mut quiet()).await.unwrap_err();
        assert_eq!(e.kind(), Kind::Remote, "{body}: {e}");
        let hint = e.next_step().unwrap();
        assert_eq!(
            hint.contains("free some space"),
            body.contains("No space"),
            "{body}: {hint}"
        );
        let text = e.message();
        assert!(
            text.contains("broken failed on root@127.0.0.1") && text.contains(code),
            "{body}: {text}"
        );
        assert!(text.contains("why") && !text.contains("unreachable"), "{text}");
        assert!(!text.contains("hunter2") && text.lines().count() <= 16, "{text}");
    }
    // The session lives on.
    session.run(&Script::new("true", "true"), &mut quiet()).await.unwrap();
}

#[tokio::test]
async fn no_process_shows_text_variables_or_input() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let (word, input) = (unique("variable"), unique("input"));
    let script = Script::new("look", "read -r x; echo \"::fact read=$x\"; sleep 1")
        .var("WORD", &word)
        .input(secret(&format!("{input}\n")));
    let mut on_line = quiet();
    let run = session.run(&script, &mut on_line);
    let looking = async {
        until("it runs", || !processes_with("bash -s").is_empty()).await;
        let end = Instant::now() + Duration::from_millis(900);
        while Instant::now() < end {
            for text in [&word, &input, &"clawdwako_main".to_owned()] {
                assert_eq!(processes_with(text), Vec::<String>::new());
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    let (output, ()) = tokio::join!(run, looking);
    assert_eq!(output.unwrap().facts["read"], input);
}

#[tokio::test]
async fn the_servers_own_clock_ends_a_script_and_all_its_children() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let mark = unique("overdue");
    // One child ignores the polite signal.
    let body = "bash -c 'trap \"\" TERM; while :; do sleep 0.2; done' \"$MARK\" & echo waiting; sleep 600";
    let script = Script::new("endless", body)
        .var("MARK", &mark)
        .within(Duration::from_secs(1));
    let started = Instant::now();
    let e = session.run(&script, &mut quiet()).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Timeout);
    assert!(
        e.message().contains("endless") && e.message().contains("waiting"),
        "{e}"
    );
    assert!(started.elapsed() < Duration::from_secs(13), "{:?}", started.elapsed());
    until("its children end", || processes_with(&mark).is_empty()).await;
}

#[tokio::test]
async fn a_dropped_run_or_session_ends_the_script_on_the_server() {
    if !possible() {
        return;
    }
    let server = Server::start();
    for whole_session in [false, true] {
        let mut session = server.session().await;
        let mark = unique("dropped");
        let script = Script::new("long", "bash -c 'while :; do sleep 0.2; done' \"$MARK\"").var("MARK", &mark);
        {
            let mut on_line = quiet();
            let run = session.run(&script, &mut on_line);
            tokio::pin!(run);
            tokio::select! {
                _ = &mut run => panic!("it ended"),
                () = until("it starts", || !processes_with(&mark).is_empty()) => {}
            }
        }
        if whole_session {
            drop(session);
        } else {
            session.run(&Script::new("true", "true"), &mut quiet()).await.unwrap();
        }
        until("it ends on the server", || processes_with(&mark).is_empty()).await;
    }
}

#[tokio::test]
async fn a_later_exclusive_script_ends_the_earlier_one_of_the_same_deployment_only() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let (ours, other) = (unique("ours"), unique("other"));
    let start = async |key: &str, mark: &str| {
        let mut session = server.session().await;
        // A child in a session of its own, as package managers make them.
        let script = Script::new(
            "long",
            "setsid bash -c 'trap \"\" TERM; while :; do sleep 0.2; done' \"$MARK\"",
        )
        .var("MARK", mark)
        .exclusive(key)
        .within(Duration::from_secs(60));
        let running = tokio::spawn(async move { session.run(&script, &mut quiet()).await });
        until("it starts", || !processes_with(mark).is_empty()).await;
        // In a tuple, because a task can itself be awaited.
        (running,)
    };
    let (first,) = start(&ours, &ours).await;
    let (second,) = start(&other, &other).await;
    let mut session = server.session().await;
    session.run(&Script::new("look", "true"), &mut quiet()).await.unwrap();
    assert!(
        !processes_with(&ours).is_empty(),
        "a script that is not exclusive disturbs nobody"
    );

    let mut lines = Vec::new();
    let script = Script::new("next", "echo mine").exclusive(&ours);
    session
        .run(&script, &mut |line| lines.push(line.to_owned()))
        .await
        .unwrap();
    assert!(processes_with(&ours).is_empty(), "both at once");
    assert_eq!(lines.last().unwrap(), "mine");
    assert!(lines[0].contains("earlier run"), "{lines:?}");
    assert_eq!(first.await.unwrap().unwrap_err().kind(), Kind::Remote);

    assert!(
        !processes_with(&other).is_empty() && !second.is_finished(),
        "another deployment's run goes on"
    );
    second.abort();
    let _ = second.await;
    session
        .run(&Script::new("next", "true").exclusive(&other), &mut quiet())
        .await
        .unwrap();
    assert!(processes_with(&other).is_empty());
}

#[tokio::test]
async fn an_exclusive_script_that_ended_leaves_its_place_to_the_next() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let script = Script::new("turn", "echo mine").exclusive(&unique("turns"));
    for _ in 0..5 {
        let output = session.run(&script, &mut quiet()).await.unwrap();
        assert_eq!(output.tail, ["mine"], "nothing was waited for or ended");
    }
}

#[tokio::test]
async fn a_hundred_megabytes_pass_in_little_memory() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let before = memory_kb();
    let body = "head -c 60000000 /dev/zero | tr '\\0' x; echo; (yes 'a line of twenty-four.' || true) | head -c 40000000; echo; echo done";
    let script = Script::new("loud", body).within(Duration::from_secs(120));
    let (mut count, mut longest) = (0u64, 0);
    let output = session
        .run(&script, &mut |line| {
            count += 1;
            longest = longest.max(line.len());
        })
        .await
        .unwrap();
    assert!(count > 1_000_000, "{count}");
    assert_eq!((longest, output.tail.len()), (2000, 200));
    assert_eq!(output.tail.last().unwrap(), "done");
    let grown = memory_kb().saturating_sub(before);
    assert!(grown < 60_000, "memory grew by {grown} kB");
}

/// A log that is followed, as `logs -f` does it: as much as comes, the terminal slower than the
/// server, and an endless line in its midst. 2 GB with `CLAWDWAKO_TESTS=whole`, else 48 MB.
#[tokio::test]
async fn a_log_of_two_gigabytes_is_followed_in_little_memory() {
    if !possible() {
        return;
    }
    let whole = std::env::var("CLAWDWAKO_TESTS").is_ok_and(|v| v == "whole");
    let bytes: u64 = if whole { 2 << 30 } else { 48 << 20 };
    let server = Server::start();
    let mut session = server.session().await;
    let before = memory_kb();
    let body = "(yes \"$LINE\" || true) | head -c \"$HALF\"; head -c 8000000 /dev/zero | tr '\\0' x; echo; \
                (yes \"$LINE\" || true) | head -c \"$HALF\"; echo; echo done";
    let line = format!("2026-11-24T10:00:00+00:00 openclaw: \u{1b}[31m{}", "é".repeat(80));
    let script = Script::new("loud", body)
        .var("LINE", &line)
        .var("HALF", (bytes / 2).to_string());
    let (mut count, mut longest, started) = (0u64, 0, Instant::now());
    let mut show = |line: &str| {
        count += 1;
        longest = longest.max(line.chars().count());
        if count.is_multiple_of(10_000) {
            // A terminal that takes its time: what waits must wait at the server.
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let output = session.follow(&script, &mut show).await.unwrap();
    assert!(count >= bytes / (line.len() as u64 + 1), "{count}");
    assert_eq!((longest, output.tail.len()), (2000, 200));
    assert_eq!(output.tail.last().unwrap(), "done");
    let grown = memory_kb().saturating_sub(before);
    eprintln!(
        "{} MB followed in {:?}: memory grew by {grown} kB",
        bytes >> 20,
        started.elapsed()
    );
    assert!(grown < 40_000, "memory grew by {grown} kB");
}

/// The largest that this process was so far.
fn memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn large_input_arrives_while_output_flows_back() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let text = "0123456789abcde\n".repeat(1 << 19);
    let script = Script::new("echo", "tee /dev/stderr | sha256sum | sed 's/^/::fact sum=/'").input(secret(&text));
    let output = session.run(&script, &mut quiet()).await.unwrap();
    assert!(
        output.facts["sum"].starts_with("ed5bcf979bd3"),
        "{}",
        output.facts["sum"]
    );
}

#[tokio::test]
async fn following_gives_lines_until_it_is_dropped() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let mark = unique("follow");
    let script = Script::new(
        "follow",
        "i=0; while :; do echo $((i += 1)) $MARK; bash -c 'sleep 0.05' $MARK; done",
    )
    .var("MARK", &mark)
    .within(Duration::from_millis(1));
    let (sender, mut lines) = tokio::sync::mpsc::unbounded_channel();
    {
        let mut on_line = move |line: &str| drop(sender.send(line.to_owned()));
        let following = session.follow(&script, &mut on_line);
        tokio::pin!(following);
        let counting = async {
            for i in 1..=30 {
                assert_eq!(lines.recv().await.unwrap(), format!("{i} {mark}"));
            }
        };
        tokio::select! {
            done = &mut following => panic!("it ended: {:?}", done.err()),
            () = counting => {}
        }
    }
    session.run(&Script::new("true", "true"), &mut quiet()).await.unwrap();
    until("it ends on the server", || processes_with(&mark).is_empty()).await;
}

/// A slow line brings the end of the output long after the exit status.
#[tokio::test]
async fn output_that_comes_after_the_exit_status_is_read_to_its_end() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    // It has to be out of the script's group before that is ended.
    let body = "up=$(mktemp -u)
        setsid bash -c 'touch \"$0\"; for i in 1 2; do sleep 1.6; echo late $i; done; rm \"$0\"' \"$up\" &
        until [ -e \"$up\" ]; do sleep 0.02; done
        echo done";
    let output = session.run(&Script::new("late", body), &mut quiet()).await.unwrap();
    assert_eq!(output.tail, ["done", "late 1", "late 2"]);
}

#[tokio::test]
async fn what_a_script_leaves_in_the_background_is_ended() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let mark = unique("left");
    let script = Script::new("leave", "bash -c 'while :; do sleep 0.2; done' \"$MARK\" & echo over").var("MARK", &mark);
    let started = Instant::now();
    session.run(&script, &mut quiet()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5));
    until("it is ended", || processes_with(&mark).is_empty()).await;
}

#[tokio::test]
async fn a_session_that_dies_is_a_network_error() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let mut session = server.session().await;
    let script = Script::new("cut", "kill -9 \"$(awk '{print $4}' /proc/$PPID/stat)\"; sleep 60");
    let e = session.run(&script, &mut quiet()).await.unwrap_err();
    assert_eq!(e.kind(), Kind::Network);
    let e = session
        .run(&Script::new("true", "true"), &mut quiet())
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Network);
    assert!(session.is_closed());
}

/// The server's packets stop coming, as when its power fails: no close, no reset.
#[tokio::test]
async fn a_server_that_falls_silent_is_noticed_within_25_seconds() {
    if !possible() {
        return;
    }
    let server = Server::start();
    let relay = Relay::start(server.address()).await;
    let target = clawdwako::model::SshTarget {
        port: relay.port,
        ..server.target()
    };
    let mut session = Session::connect(&target, &server.user.private, &server.host.public, PATIENCE)
        .await
        .unwrap();
    let script = Script::new("silent", "echo ready; sleep 300").within(Duration::from_secs(300));
    let cut = relay.cut.clone();
    let mut silent_since = None;
    let e = session
        .run(&script, &mut |_| {
            cut.store(true, std::sync::atomic::Ordering::SeqCst);
            silent_since = Some(Instant::now());
        })
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Network);
    let noticed = silent_since.unwrap().elapsed();
    assert!(noticed < Duration::from_secs(25), "{noticed:?}");
}

/// Passes packets on until it is cut; then it keeps both connections open and passes nothing.
struct Relay {
    port: u16,
    cut: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Relay {
    async fn start(to: std::net::SocketAddr) -> Relay {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let flag = cut.clone();
        tokio::spawn(async move {
            let (near, _) = listener.accept().await.unwrap();
            let far = tokio::net::TcpStream::connect(to).await.unwrap();
            let ((mut near_in, mut near_out), (mut far_in, mut far_out)) = (near.into_split(), far.into_split());
            let up = flag.clone();
            let pass = tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while let Ok(n @ 1..) = near_in.read(&mut buffer).await {
                    if !up.load(std::sync::atomic::Ordering::SeqCst) {
                        far_out.write_all(&buffer[..n]).await.unwrap();
                    }
                }
            });
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = far_in.read(&mut buffer).await {
                if !flag.load(std::sync::atomic::Ordering::SeqCst) {
                    near_out.write_all(&buffer[..n]).await.unwrap();
                }
            }
            let _ = pass.await;
        });
        Relay { port, cut }
    }
}

#[tokio::test]
async fn a_login_that_may_not_run_commands_is_told() {
    if !possible() {
        return;
    }
    let mut server = Server::plan(Plan {
        extra: "ForceCommand echo no shell for you; exit 1".into(),
        ..Plan::default()
    });
    server.launch();
    let e = server
        .session()
        .await
        .run(&Script::new("true", "true"), &mut quiet())
        .await
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Auth);
    assert!(e.message().contains("no shell for you"), "{e}");
}
