//! The API's document, made from the handlers themselves.

use super::{App, across, failures, rules};
use crate::api::types::ErrorBody;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{InfoBuilder, License, OpenApi};
use utoipa::{PartialSchema, ToSchema};

/// Where the document is.
pub const PATH: &str = "/api/openapi.json";

/// The whole document.
pub fn document() -> OpenApi {
    let (_, mut api) = super::resources().split_for_parts();
    let mut license = License::new("MIT");
    license.identifier = Some("MIT".into());
    api.info = InfoBuilder::new()
        .title("clawdwako control server")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Personal AI agents on Telegram, on servers of their own. Sign in with Google; \
             command lines and scripts use API tokens (Authorization: Bearer …).",
        ))
        .license(Some(license))
        .build();
    let components = api.components.get_or_insert_default();
    components.security_schemes.insert(
        "token".into(),
        SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)).into(),
    );
    components
        .schemas
        .insert("ErrorBody".into(), <ErrorBody as PartialSchema>::schema());
    let mut schemas = Vec::new();
    <ErrorBody as ToSchema>::schemas(&mut schemas);
    components.schemas.extend(schemas);
    for (name, rule) in across::rules() {
        across::add(&mut components.schemas, name, rule);
    }
    let answers = failures::answers().map(|(name, answer)| (name, answer.into()));
    components.responses.extend(answers);
    for (path, item) in &mut api.paths.paths {
        let operations = [
            ("GET", &mut item.get),
            ("POST", &mut item.post),
            ("PUT", &mut item.put),
            ("DELETE", &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            let Some(rule) = rules::find(method, path) else {
                continue;
            };
            failures::tell(method, rule, operation);
            if rule.needs_caller() {
                operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("token", [])]);
            }
        }
    }
    api
}

pub fn routes() -> Router<App> {
    let text = document().to_pretty_json().unwrap_or_default();
    Router::new().route(
        PATH,
        get(move || {
            let text = text.clone();
            async move { ([(header::CONTENT_TYPE, "application/json")], text).into_response() }
        }),
    )
}
