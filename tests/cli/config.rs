//! Flags beat environment beats config file; the file's mistakes are told.

use crate::support::cli::Home;

#[test]
fn the_config_file_is_read_and_the_environment_beats_it() {
    let home = Home::new();
    home.write("clawdwako/config.toml", "region = 'from-file'\nsize = 'from-file'\n[endpoints]\ntelegram = 'http://127.0.0.1:9'\nnode_mirror = 'http://127.0.0.1:9'\n");
    let output = home
        .command(&["doctor", "--json"])
        .env("CLAWDWAKO_REGION", "from-env")
        .env("CLAWDWAKO_HETZNER_URL", "http://127.0.0.1:9")
        .env("CLAWDWAKO_GOOGLE_TOKEN_URL", "http://127.0.0.1:9")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("region is from-env (from CLAWDWAKO_REGION)"), "{text}");
    assert!(text.contains("size is from-file (from config file)"), "{text}");
    assert!(
        text.contains("another address for telegram (from config file)"),
        "{text}"
    );
}

#[test]
fn mistakes_in_the_file_name_the_file_and_what_was_meant() {
    let home = Home::new();
    let path = home.write("own.toml", "reigon = 'x'\n");
    let path = path.to_str().unwrap();
    let ran = home.run(&["list", "--config", path]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains(path) && ran.err.contains("did you mean `region`?"),
        "{ran:?}"
    );
    // Commands that need no settings work with a broken file too.
    home.run(&["version", "--config", path]).ok();
    home.run(&["completions", "fish", "--config", path]).ok();
}
