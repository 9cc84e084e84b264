//! Which failures the document tells of: those that an operation's rule and form bring with them,
//! beside those that its handler names.

use super::rules::{Allowance, Rule};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, Response};

/// The answer that stands for each status, and what it means. All failures look alike.
const ANSWERS: [(&str, &str, &str); 10] = [
    ("400", "NoJson", "The body is no JSON."),
    (
        "401",
        "NotSignedIn",
        "Nobody is signed in, or the credential is no longer good.",
    ),
    (
        "403",
        "Refused",
        "The caller may not do this, or their plan does not allow it.",
    ),
    ("404", "NotFound", "There is no such thing, or it is another user's."),
    (
        "409",
        "Conflict",
        "It exists already, it is in a state that does not allow this, or the same request is at work.",
    ),
    ("413", "TooLarge", "The body is too large."),
    ("415", "NotSaidToBeJson", "The body is not said to be JSON."),
    ("422", "DoesNotFit", "What was sent does not fit."),
    ("429", "TooMany", "Too many requests."),
    (
        "5XX",
        "Failed",
        "The control server failed, or somebody whom it asked did.",
    ),
];

/// The answers that operations name.
pub fn answers() -> impl Iterator<Item = (String, Response)> {
    ANSWERS.iter().map(|(status, name, meaning)| {
        let error = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("ErrorBody")))
            .build();
        let mut answer = Response::new(*meaning);
        answer.content.insert("application/json".to_owned(), error.into());
        let header = match *status {
            "401" => Some(("www-authenticate", header(Type::String, "How to sign in."))),
            "429" => Some(("retry-after", header(Type::Integer, "When to try again, in seconds."))),
            _ => None,
        };
        if let Some((name, header)) = header {
            answer.headers.insert(name.to_owned(), header.into());
        }
        ((*name).to_owned(), answer)
    })
}

/// Tells of an operation's failures, and of the key that makes it safe to send again.
pub fn tell(method: &str, rule: &Rule, operation: &mut Operation) {
    let keyed = rule.needs_caller() && method == "POST";
    let body = operation.request_body.is_some();
    let path = takes(operation, &ParameterIn::Path);
    let sent = body || keyed || path || takes(operation, &ParameterIn::Query);
    if keyed {
        let key = RefOr::T(idempotency_key());
        operation.parameters.get_or_insert_default().push(key);
    }
    for (status, name, _) in ANSWERS {
        let brought = match status {
            "400" | "415" => body,
            "401" => rule.needs_caller(),
            // A change may also come from another site's page.
            "403" => rule.needs_caller() || method != "GET",
            "404" => path,
            "409" => keyed,
            "413" => body || keyed,
            "422" => sent,
            "429" => rule.allowance != Allowance::Free,
            _ => true,
        };
        let told = &mut operation.responses.responses;
        if brought || told.contains_key(status) {
            told.insert(status.to_owned(), Ref::from_response_name(name).into());
        }
    }
}

fn takes(operation: &Operation, place: &ParameterIn) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|p| matches!(p, RefOr::T(p) if p.parameter_in == *place))
}

fn header(of: Type, description: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(of)))
        .description(Some(description))
        .build()
}

fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[!-~]{1,100}$"));
    ParameterBuilder::new()
        .name("idempotency-key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Makes it safe to send the request again: it is done once."))
        .schema(Some(schema))
        .build()
}
