use super::*;

fn config(env: &[(&str, &str)], file: Option<&str>, flags: &Flags, sandbox: Option<&SandboxEnv>) -> Result<Config> {
    let lookup = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
    Config::from_parts(&Parts {
        env: &lookup,
        home: Path::new("/home/u"),
        read: &|_| Ok(file.map(str::to_owned)),
        flags,
        sandbox,
    })
}

fn plain(env: &[(&str, &str)], file: &str) -> Result<Config> {
    config(env, Some(file), &Flags::default(), None)
}

#[test]
fn environment_beats_file_and_both_are_named() {
    let file = "provider = 'hetzner'\nregion = 'fsn1'\nowner = 7\n[endpoints]\nhetzner = 'https://h.example/v1'";
    let c = plain(
        &[("CLAWDWAKO_PROVIDER", "digitalocean"), ("CLAWDWAKO_REGION", "")],
        file,
    )
    .unwrap();
    let provider = c.defaults.provider.unwrap();
    assert_eq!(
        (provider.value, provider.source),
        (ProviderKind::DigitalOcean, Source::Environment("CLAWDWAKO_PROVIDER"))
    );
    // An empty variable is not set.
    assert_eq!(c.defaults.region.unwrap(), Sourced::new("fsn1".into(), Source::File));
    assert_eq!(c.defaults.owner.unwrap(), Sourced::new(7, Source::File));
    assert_eq!(c.endpoints.hetzner.as_str(), "https://h.example/v1/");
    assert_eq!(c.endpoint_sources["hetzner"], Source::File);
    assert_eq!(c.endpoints.telegram, Endpoints::default().telegram);
}

#[test]
fn profiles_inherit_and_flags_choose() {
    let file =
        "profile = 'work'\nsize = 's'\nregion = 'r'\n[profiles.work]\nregion = 'w'\n[profiles.home]\nregion = 'h'";
    let c = plain(&[], file).unwrap();
    assert_eq!(
        (c.profile.as_str(), c.defaults.region.unwrap().value.as_str()),
        ("work", "w")
    );
    assert_eq!(c.defaults.size.unwrap().value, "s");
    let flags = Flags {
        profile: Some("home".into()),
        ..Flags::default()
    };
    let c = config(&[("CLAWDWAKO_PROFILE", "work")], Some(file), &flags, None).unwrap();
    assert_eq!(c.defaults.region.unwrap().value, "h");
    assert!(c.dirs.state.ends_with("clawdwako/profiles/home"));
    let e = plain(&[("CLAWDWAKO_PROFILE", "wrok")], file).unwrap_err();
    assert_eq!((e.kind(), e.next_step()), (Kind::Usage, Some("did you mean \"work\"?")));
    let e = plain(&[("CLAWDWAKO_PROFILE", "../x")], "").unwrap_err();
    assert!(e.message().contains("no profile's name"));
}

#[test]
fn unknown_keys_are_refused_with_the_nearest() {
    let e = plain(&[], "reigon = 'x'").unwrap_err();
    assert_eq!(e.next_step(), Some("did you mean `region`?"));
    assert!(e.message().contains("/home/u/.config/clawdwako/config.toml"));
    let e = plain(&[], "[endpoints]\nhetzer = 'x'").unwrap_err();
    assert_eq!(e.next_step(), Some("did you mean `hetzner`?"));
    let e = plain(&[], "hetzner_api_token = 'sssecret'").unwrap_err();
    assert!(e.next_step().unwrap().contains("secrets set") && !format!("{e:?}").contains("sssecret"));
    let e = plain(&[], "region = 5").unwrap_err();
    assert!(e.message().contains("`region` has to be a text"));
    let e = plain(&[], "region = 'a'\nsize = 'sssecret").unwrap_err();
    assert!(
        e.message().contains("line 2") && !e.message().contains("sssecret"),
        "{e}"
    );
}

#[test]
fn credentials_keep_their_source_and_never_print() {
    let c = plain(
        &[("HETZNER_API_TOKEN", " tok \n")],
        "[secret_files]\nhetzner = '/x'\nopenai = '~/k'",
    )
    .unwrap();
    let given = c.given_secret(SecretName::Hetzner).unwrap().unwrap();
    assert_eq!(
        (given.value.expose(), given.source),
        ("tok", Source::Environment("HETZNER_API_TOKEN"))
    );
    assert!(matches!(&c.secrets[&SecretName::Openai].value, Given::File(p) if p == Path::new("/home/u/k")));
    assert!(c.given_secret(SecretName::Google).unwrap().is_none());
    assert!(!format!("{c:?}").contains("\"tok\""));
}

#[test]
fn the_sandbox_never_sees_the_real_world() {
    let flags = Flags {
        sandbox: true,
        ..Flags::default()
    };
    let env = [
        ("HETZNER_API_TOKEN", "real"),
        ("CLAWDWAKO_TELEGRAM_URL", "https://real.example"),
        ("CLAWDWAKO_OWNER", "7"),
        ("CLAWDWAKO_NPM_REGISTRY", "https://mirror.example"),
    ];
    let file = "[endpoints]\nopenai = 'https://real.example'\n[secret_files]\nopenai = '/real'";
    let c = config(&env, Some(file), &flags, None).unwrap();
    // A database is named by its user in any case: a control server in the sandbox refuses one
    // that is not called sandbox.
    assert!(c.secrets.is_empty());
    let e = &c.endpoints;
    for url in [
        &e.hetzner,
        &e.digitalocean,
        &e.telegram,
        &e.anthropic,
        &e.openai,
        &e.google_ai,
    ] {
        assert_eq!(url.as_str(), "http://127.0.0.1:9/");
    }
    for url in [&e.google_auth, &e.google_device, &e.google_token, &e.google_jwks] {
        assert_eq!(url.as_str(), "http://127.0.0.1:9/");
    }
    assert!(c.dirs.state.ends_with("clawdwako/sandbox/profiles/default"));

    // A mirror gets no credentials, and may be the only way to packages.
    assert_eq!(e.npm_registry.as_ref().unwrap().as_str(), "https://mirror.example/");

    let told: SandboxEnv = [
        ("HETZNER_API_TOKEN", "fake"),
        ("CLAWDWAKO_HETZNER_URL", "http://127.0.0.1:4000/v1"),
        ("CLAWDWAKO_OWNER", "42"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .into();
    let c = config(&env, Some(file), &flags, Some(&told)).unwrap();
    assert_eq!(
        c.given_secret(SecretName::Hetzner).unwrap().unwrap().value.expose(),
        "fake"
    );
    assert_eq!(c.endpoints.hetzner.as_str(), "http://127.0.0.1:4000/v1/");
    assert_eq!(c.defaults.owner.unwrap(), Sourced::new(42, Source::Sandbox));
}

#[test]
fn credentials_are_only_sent_encrypted_or_to_this_machine() {
    for (address, fine) in [
        ("http://127.0.0.1:1/", true),
        ("http://localhost:1", true),
        ("https://a.example", true),
        ("http://a.example", false),
        ("ftp://a.example", false),
        ("https://u:p@a.example", false),
        ("a.example", false),
    ] {
        assert_eq!(
            plain(&[("CLAWDWAKO_OPENAI_URL", address)], "").is_ok(),
            fine,
            "{address}"
        );
    }
    // What is checked by its hash may come unencrypted.
    assert!(plain(&[("CLAWDWAKO_NODE_MIRROR", "http://mirror.example")], "").is_ok());
}

#[test]
fn one_folder_can_hold_everything() {
    let c = plain(&[("CLAWDWAKO_HOME", "/srv/c")], "").unwrap();
    assert_eq!(
        c.dirs,
        Dirs {
            config_file: "/srv/c/config.toml".into(),
            config_demanded: false,
            portable: true,
            state: "/srv/c/state/profiles/default".into(),
            cache: "/srv/c/cache".into(),
            known_hosts: "/home/u/.ssh/known_hosts".into(),
            sandbox: "/srv/c/state/sandbox/world".into(),
        }
    );
    let c = plain(&[("XDG_STATE_HOME", "/s"), ("XDG_CACHE_HOME", "relative")], "").unwrap();
    assert_eq!(c.dirs.state, Path::new("/s/clawdwako/profiles/default"));
    assert_eq!(c.dirs.cache, Path::new("/home/u/.cache/clawdwako"));
    let flags = Flags {
        config: Some("/nowhere".into()),
        ..Flags::default()
    };
    let e = config(&[], None, &flags, None).unwrap_err();
    assert!(e.message().contains("/nowhere"));
}

#[test]
fn the_control_server_comes_from_environment_or_profile() {
    let file = "server_url = 'https://a.example'\n[profiles.work]\nremote = true\nserver_url = 'https://w.example/x'";
    let c = plain(&[], file).unwrap();
    let server = c.remote.server.unwrap();
    assert_eq!(
        (server.value.as_str(), server.source),
        ("https://a.example/", Source::File)
    );
    assert!(!c.remote.wanted);
    let work = [("CLAWDWAKO_PROFILE", "work")];
    let c = plain(&work, file).unwrap();
    assert!(c.remote.wanted);
    assert_eq!(c.remote.server.unwrap().value.as_str(), "https://w.example/x/");
    let c = plain(&[work[0], ("CLAWDWAKO_SERVER_URL", "http://[::1]:1")], file).unwrap();
    assert_eq!(c.remote.server.unwrap().value.as_str(), "http://[::1]:1/");
    assert!(plain(&[], "server_url = 'http://a.example'").is_err());
    assert!(
        plain(&[], "remote = 'yes'")
            .unwrap_err()
            .message()
            .contains("true or false")
    );
}

#[test]
fn in_the_sandbox_only_a_control_server_on_this_machine_counts() {
    let flags = Flags {
        sandbox: true,
        ..Flags::default()
    };
    let token = ("CLAWDWAKO_SERVER_TOKEN", "t");
    for (address, counts) in [("https://real.example", false), ("http://127.0.0.1:8080", true)] {
        let c = config(&[("CLAWDWAKO_SERVER_URL", address), token], None, &flags, None).unwrap();
        assert_eq!(c.remote.server.is_some(), counts);
        assert_eq!(c.secrets.contains_key(&SecretName::ServerToken), counts, "{address}");
    }
}
