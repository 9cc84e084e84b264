//! Who is let in: the end of every sign-in, in one transaction.

use crate::api::server::peer::Peer;
use crate::api::server::{App, layers};
use crate::config::ServerSettings;
use crate::error::{Error, Kind, Result};
use crate::google::{Identity, Proof};
use crate::model::{Role, Scope, Subscription, Token, TokenKind, User, new_id, now};
use crate::secrets::{Secret, bearer};
use crate::store::{Deed, Tx};

/// What is given to who signs in.
pub struct Wanted {
    /// A session or an API token.
    pub kind: TokenKind,
    /// What to call it.
    pub name: String,
    /// What it is good for.
    pub scope: Scope,
}

/// Lets somebody in whom Google vouches for, and gives them a token. What happens is in the
/// audit, also if they are not let in.
///
/// # Errors
/// `refused` if the proof was used before or the person is not let in.
pub async fn sign_in(
    app: &App,
    proof: &Proof,
    id_token: &Secret,
    wanted: Wanted,
    peer: Peer,
) -> Result<(User, Token, Secret)> {
    let address = peer.0.to_string();
    match try_sign_in(app, proof, id_token, wanted, &address).await {
        Ok(done) => Ok(done),
        Err(e) => {
            app.store
                .note(Deed {
                    actor: "nobody",
                    user_id: "",
                    action: SIGN_IN,
                    object: Some(&proof.identity.email),
                    address: Some(&address),
                    result: e.kind().code(),
                    request_id: layers::request_id().as_deref(),
                })
                .await?;
            Err(e)
        }
    }
}

const SIGN_IN: &str = "sign in";

async fn try_sign_in(
    app: &App,
    proof: &Proof,
    id_token: &Secret,
    wanted: Wanted,
    address: &str,
) -> Result<(User, Token, Secret)> {
    let at = now();
    let given = bearer::mint(match wanted.kind {
        TokenKind::Session => "cws_",
        TokenKind::Api => "cwk_",
    })?;
    let mut tx = app.store.begin().await?;
    if !tx.spend_proof(id_token.expose(), at, proof.expires_at).await? {
        return Err(Error::new(
            Kind::Auth,
            "this proof of who you are was used already, and signs in once",
        )
        .hint("sign in again"));
    }
    let user = admit(&mut tx, &app.settings, &proof.identity).await?;
    let token = Token {
        id: new_id(),
        user_id: user.id.clone(),
        kind: wanted.kind,
        name: wanted.name,
        scope: wanted.scope,
        created_at: at,
        used_at: at,
        expires_at: at + wanted.kind.longest(),
    };
    tx.insert_token(&token, given.expose()).await?;
    tx.note(Deed {
        actor: &user.id,
        user_id: &user.id,
        action: SIGN_IN,
        object: Some(&token.id),
        address: Some(address),
        result: "ok",
        request_id: layers::request_id().as_deref(),
    })
    .await?;
    tx.commit().await?;
    Ok((user, token, given))
}

/// The user of a Google account; makes one if they may have one.
async fn admit(tx: &mut Tx, settings: &ServerSettings, who: &Identity) -> Result<User> {
    // Two first users at once would both be admin.
    tx.lock_users().await?;
    let named = is_named(settings, who);
    let domain = who.hd.as_deref().unwrap_or_default().to_lowercase();
    if !named && !settings.domains.is_empty() && !settings.domains.iter().any(|d| d.to_lowercase() == domain) {
        return Err(closed("only accounts of certain organisations are let in here"));
    }
    if let Some(mut user) = tx.user_of_google(&who.sub).await? {
        if user.disabled {
            return Err(closed("this user is disabled"));
        }
        let email = who.email.to_lowercase();
        if user.email != email || user.name != who.name {
            tx.set_user_names(&user.id, &email, who.name.as_deref()).await?;
            (user.email, user.name) = (email, who.name.clone());
        }
        return Ok(user);
    }
    let first = settings.admins.is_empty() && tx.count_users().await? == 0;
    if !named && !first && !settings.open_registration {
        return Err(closed("registration is closed here"));
    }
    let at = now();
    let user = User {
        id: new_id(),
        google_sub: who.sub.clone(),
        email: who.email.to_lowercase(),
        name: who.name.clone(),
        role: if named || first { Role::Admin } else { Role::Member },
        disabled: false,
        created_at: at,
        updated_at: at,
    };
    tx.insert_user(&user).await?;
    let subscription = Subscription {
        plan: settings.first_plan,
        ..Subscription::first(at)
    };
    tx.put_subscription(&user.id, &subscription).await?;
    Ok(user)
}

/// Whether the operator named this person an admin. Google is the authority for its own
/// addresses and for those of organisations that it hosts; any other may have changed hands
/// since Google looked.
fn is_named(settings: &ServerSettings, who: &Identity) -> bool {
    let email = who.email.to_lowercase();
    let domain = email.rsplit('@').next().unwrap_or_default();
    let hosted = who.hd.as_ref().is_some_and(|hd| hd.to_lowercase() == domain);
    let sure = hosted || domain == "gmail.com" || domain == "googlemail.com";
    sure && settings.admins.iter().any(|a| a.to_lowercase() == email)
}

fn closed(why: &str) -> Error {
    Error::new(Kind::Auth, why).hint("ask an admin of this control server")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_google_is_no_authority_for_names_nobody() {
        let settings = ServerSettings {
            admins: vec!["Ada@Example.org".into(), "bob@gmail.com".into()],
            ..ServerSettings::default()
        };
        let who = |email: &str, hd: Option<&str>| Identity {
            sub: "1".into(),
            email: email.into(),
            name: None,
            hd: hd.map(str::to_owned),
        };
        assert!(is_named(&settings, &who("ada@example.org", Some("example.org"))));
        assert!(is_named(&settings, &who("Bob@gmail.com", None)));
        assert!(!is_named(&settings, &who("ada@example.org", None)));
        assert!(!is_named(&settings, &who("ada@example.org", Some("evil.example"))));
        assert!(!is_named(&settings, &who("eve@example.org", Some("example.org"))));
    }
}
