//! `server admin audit export`: the audit as JSON lines, to a file or to standard output.

use crate::support::cli::{Home, Ran};
use crate::support::engine::{Engine, on_both_engines};
use clawdwako::secrets::{Secret, master};
use clawdwako::store::{Deed, Store};
use serde_json::Value;
use std::os::unix::fs::{PermissionsExt, symlink};

on_both_engines!(the_audit_is_read_out_whole_and_for_its_owner_alone);

/// The key of the store, where several machines share it.
const KEY: &str = "5555555555555555555555555555555555555555555555555555555555555555";
/// More than are read at once.
const ENTRIES: usize = 2_500;

async fn ground(engine: &Engine) -> (Home, Store) {
    let home = Home::new();
    let Some(postgres) = &engine.postgres else {
        let store = home.server_store().await;
        return (home, store);
    };
    let sealer = master::load(engine.path(), Some(&Secret::new(KEY))).unwrap();
    let store = Store::connect(&Secret::new(postgres.url()), sealer).await.unwrap();
    let home = home.env("DATABASE_URL", &postgres.url());
    (home.env("CLAWDWAKO_MASTER_KEY", KEY), store)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn the_audit_is_read_out_whole_and_for_its_owner_alone(engine: Engine) {
    let (home, store) = ground(&engine).await;
    let mut tx = store.begin().await.unwrap();
    for n in 0..ENTRIES {
        let object = format!("thing {n}\n\u{202e}");
        let deed = Deed {
            actor: "ada",
            user_id: "ada",
            action: "POST /api/deploy",
            object: Some(&object),
            result: "ok",
            ..Deed::default()
        };
        tx.note(deed).await.unwrap();
    }
    tx.commit().await.unwrap();
    // One entry a day, the last on the first day of 2025.
    let ids = store.audit_between(0, i64::MAX, None, 5_000).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    for (n, entry) in ids.iter().enumerate() {
        let at = 1_735_689_600_000 - n as i64 * 24 * 3_600_000;
        tx.execute(
            "UPDATE audit SET at = $2 WHERE id = $1",
            &[entry.id.clone().into(), at.into()],
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let export = |more: &[&str]| -> Ran { home.run(&[&["server", "admin", "audit", "export"], more].concat()) };

    let printed = export(&[]).ok().out;
    let all = lines(&printed);
    assert_eq!(all.len(), ENTRIES);
    assert!(!printed.contains('\u{202e}'), "a terminal is not steered by it");
    let at = |entry: &Value| entry["at"].as_str().unwrap().to_owned();
    assert!(all.is_sorted_by_key(at), "oldest first");
    assert_eq!(at(&all[ENTRIES - 1]), "2025-01-01T00:00:00Z");
    assert_eq!(all[ENTRIES - 1]["object"], "thing 0\n\u{202e}");

    let file = home.path().join("audit.jsonl");
    let name = file.to_str().unwrap();
    let told = export(&[name, "--json"]).ok().json();
    assert_eq!(told["exported"]["entries"], ENTRIES + 1, "with the first export");
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(lines(&written)[..ENTRIES], all[..]);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // Neither a file that is there nor what a link leads to is touched.
    let link = home.path().join("link.jsonl");
    symlink(home.path().join("elsewhere"), &link).unwrap();
    for taken in [name, link.to_str().unwrap()] {
        let refused = export(&[taken]);
        assert!(
            refused.code == 1 && refused.err.contains("is there already"),
            "{refused:?}"
        );
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
    let left: Vec<_> = std::fs::read_dir(home.path())
        .unwrap()
        .flatten()
        .map(|e| e.file_name())
        .collect();
    assert!(left.iter().all(|n| !n.to_string_lossy().ends_with(".new")), "{left:?}");

    for (time, wanted) in [
        (&["--since", "2024-12-30", "--until", "2024-12-31"][..], 2),
        (
            &["--since", "2024-12-30T00:00:01Z", "--until", "2025-01-01T00:00:00Z"],
            1,
        ),
        (&["--since", "2999-01-01"], 0),
    ] {
        assert_eq!(lines(&export(time).ok().out).len(), wanted, "{time:?}");
    }
    assert_eq!(export(&["--since", "yesterday"]).code, 2);
}
