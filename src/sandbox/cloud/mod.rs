//! What the stand-ins of both clouds share: rate limits, public keys, user data, query
//! parameters, times.

pub mod bucket;
pub mod call;
pub mod params;
pub mod public_key;
pub mod serve;
pub mod times;
pub mod user_data;

/// The most memory that a machine gets unless its label or tag asks otherwise, in MiB: machines
/// of the sandbox share one computer.
pub const MEMORY_CAP_MB: i64 = 2048;

/// The memory of a machine in MiB: what its type has, capped, or what the user asks for.
pub fn memory_mb(of_type: i64, asked: Option<&str>) -> i64 {
    match asked.and_then(|text| text.parse::<i64>().ok()) {
        Some(asked) if asked >= 128 => asked,
        _ => of_type.min(MEMORY_CAP_MB),
    }
}

/// Whether a text can be a host name (RFC 1123): labels of letters, digits and hyphens, with dots.
pub fn is_hostname(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// Random lower-case hexadecimal digits.
pub fn random_hex(digits: usize) -> String {
    let mut bytes = vec![0u8; digits.div_ceil(2)];
    let _ = getrandom::fill(&mut bytes);
    let mut text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_capped_unless_asked_for() {
        assert_eq!(memory_mb(1024, None), 1024);
        assert_eq!(memory_mb(16384, None), MEMORY_CAP_MB);
        assert_eq!(memory_mb(16384, Some("4096")), 4096);
        assert_eq!(memory_mb(16384, Some("much")), MEMORY_CAP_MB);
        assert_eq!(memory_mb(16384, Some("3")), MEMORY_CAP_MB);
    }

    #[test]
    fn host_names_follow_rfc_1123() {
        for good in ["a", "a-b.c9", &"x".repeat(63)] {
            assert!(is_hostname(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a_b", "a..b", &"x".repeat(64)] {
            assert!(!is_hostname(bad), "{bad}");
        }
    }
}
