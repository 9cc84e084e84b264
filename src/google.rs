//! Sign-in with Google: device flow (RFC 8628) and id_token verification.
