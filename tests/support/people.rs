//! Users and their tokens, without any sign-in.

use clawdwako::model::{Role, Scope, Token, TokenKind, User, new_id, now};
use clawdwako::secrets::bearer;
use clawdwako::store::{Store, Tx};

/// Somebody whom no store knows yet.
pub fn a_user(email: &str, role: Role) -> User {
    User {
        id: new_id(),
        google_sub: format!("sub-{email}"),
        email: email.into(),
        name: None,
        role,
        disabled: false,
        created_at: now(),
        updated_at: now(),
    }
}

/// A token of somebody's that no store knows yet.
pub fn a_token(user: &User, kind: TokenKind, scope: Scope) -> Token {
    let at = now();
    Token {
        id: new_id(),
        user_id: user.id.clone(),
        kind,
        name: "test".into(),
        scope,
        created_at: at,
        used_at: at,
        expires_at: at + kind.longest(),
    }
}

/// Somebody whom the store knows.
pub async fn add_user(store: &Store, email: &str, role: Role) -> User {
    let user = a_user(email, role);
    let mut tx = store.begin().await.unwrap();
    tx.insert_user(&user).await.unwrap();
    tx.commit().await.unwrap();
    user
}

/// One more token of somebody's; answers what is sent along.
pub async fn add_token(tx: &mut Tx, user: &User, kind: TokenKind, scope: Scope) -> String {
    let given = bearer::mint("cwk_").unwrap();
    let token = a_token(user, kind, scope);
    tx.insert_token(&token, given.expose()).await.unwrap();
    given.expose().to_owned()
}
