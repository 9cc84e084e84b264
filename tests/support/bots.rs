//! Records of bots for tests of what is shown.

use clawdwako::model::{
    AgentFacts, Audience, Bot, BotStatus, Deployment, DeploymentStatus, Facts, PackagesSum, Placement, ProviderKind,
    SshTarget, new_id, now,
};

/// A bot that was deployed, with its deployment.
pub fn a_bot(name: &str, telegram_id: i64) -> (Bot, Deployment) {
    let bot = Bot {
        user_id: clawdwako::model::LOCAL_USER.into(),
        id: new_id(),
        name: name.into(),
        telegram_id,
        username: Some(format!("{}_bot", name.replace('-', "_"))),
        model: "anthropic/claude-opus-5".into(),
        audience: Audience::Owner(42),
        status: BotStatus::Active,
        failure: None,
        created_at: now(),
        updated_at: now(),
    };
    let facts = Facts {
        ipv4: Some("198.18.0.1".into()),
        region: Some("fsn1".into()),
        size: Some("cx23".into()),
        price_month: Some(5.99),
        currency: Some("EUR".into()),
        ..Facts::default()
    };
    let deployment = Deployment {
        id: new_id(),
        bot_id: bot.id.clone(),
        provider: ProviderKind::Hetzner,
        status: DeploymentStatus::Active,
        placement: Placement::default(),
        facts,
        created_at: now(),
        updated_at: now(),
    };
    (bot, deployment)
}

/// The same with every fact that a finished deployment has, as long as they are in life.
pub fn a_bot_in_full(name: &str, telegram_id: i64) -> (Bot, Deployment) {
    let (bot, mut deployment) = a_bot(name, telegram_id);
    let (key, sum) = ("A".repeat(68), "0123456789abcdef".repeat(4));
    let key = format!("ssh-ed25519 {key} clawdwako-{name}-{}", deployment.id);
    let f = &mut deployment.facts;
    f.ssh_public_key = Some(key.clone());
    (f.ssh_key_id, f.firewall_id) = (Some("120704776".into()), Some("120704777".into()));
    (f.instance_id, f.action_id) = (Some("120704778".into()), Some("610873205655090".into()));
    (f.memory_mb, f.swap) = (Some(2048), Some("2048 MiB".into()));
    f.ipv6 = Some("2001:db8:731:cf0a::1".into());
    f.ssh = Some(SshTarget {
        host: "198.18.0.1".into(),
        port: 22,
        user: "root".into(),
    });
    (f.host_key, f.next_host_key) = (Some(key.clone()), Some(key));
    f.agent = AgentFacts {
        user: Some(format!("cw-{name}-d15c6839")),
        port: Some(18789),
        version: Some("2026.9.6".into()),
        integrity: Some(format!("sha512-{}==", "I".repeat(86))),
        packages: Some(PackagesSum {
            count: 328,
            sha256: sum.clone(),
        }),
        node: Some("26.12.1".into()),
        node_sha256: Some(sum),
        pid: Some(1466),
    };
    f.answered_at = Some(now());
    (bot, deployment)
}

/// What is known of a server that cannot be reached.
pub fn out_of_reach() -> Facts {
    Facts {
        ssh: Some(SshTarget {
            host: super::no_such_host(),
            port: 22,
            user: "root".into(),
        }),
        host_key: Some(clawdwako::ssh::generate("host").unwrap().public),
        ..Facts::default()
    }
}
