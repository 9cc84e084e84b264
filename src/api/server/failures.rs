//! Which failures the document tells of: those that an operation's rule and form bring with them,
//! beside those that its handler names.

use super::rules::{Allowance, Rule};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, Response};

/// What each status means. All failures look alike.
const MEANINGS: [(&str, &str); 10] = [
    ("400", "The body is no JSON."),
    ("401", "Nobody is signed in, or the credential is no longer good."),
    ("403", "The caller may not do this, or their plan does not allow it."),
    ("404", "There is no such thing, or it is another user's."),
    (
        "409",
        "It exists already, it is in a state that does not allow this, or the same request is at work.",
    ),
    ("413", "The body is too large."),
    ("415", "The body is not said to be JSON."),
    ("422", "What was sent does not fit."),
    ("429", "Too many requests."),
    ("5XX", "The control server failed, or somebody whom it asked did."),
];

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
    let brought = [
        ("400", body),
        ("401", rule.needs_caller()),
        // A change may also come from another site's page.
        ("403", rule.needs_caller() || method != "GET"),
        ("404", path),
        ("409", keyed),
        ("413", body || keyed),
        ("415", body),
        ("422", sent),
        ("429", rule.allowance != Allowance::Free),
        ("5XX", true),
    ];
    let answers = &mut operation.responses.responses;
    for (status, _) in brought.into_iter().filter(|(_, can_be)| *can_be) {
        answers
            .entry(status.to_owned())
            .or_insert_with(|| Response::new("").into());
    }
    for (status, meaning) in MEANINGS {
        let Some(RefOr::T(answer)) = answers.get_mut(status) else {
            continue;
        };
        let error = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("ErrorBody")))
            .build();
        answer.description = meaning.to_owned();
        answer.content.insert("application/json".to_owned(), error.into());
        let header = match status {
            "401" => Some(("www-authenticate", header(Type::String, "How to sign in."))),
            "429" => Some(("retry-after", header(Type::Integer, "When to try again, in seconds."))),
            _ => None,
        };
        if let Some((name, header)) = header {
            answer.headers.insert(name.to_owned(), header.into());
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
