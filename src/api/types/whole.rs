//! Whole numbers as JSON means them: `1.0` is one, too.

use serde::{Deserialize, Deserializer, de};

/// Whole numbers up to this are told apart when they are written with a point.
const EXACT: f64 = (1_i64 << 53) as f64;

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Pointed(f64),
}

/// Reads a whole number or null.
///
/// # Errors
/// If it is a fraction, or too large to be known exactly.
pub fn maybe<'de, D: Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
    match Option::<Number>::deserialize(d).map_err(|_| de::Error::custom("not a whole number"))? {
        None => Ok(None),
        Some(Number::Whole(n)) => Ok(Some(n)),
        Some(Number::Pointed(n)) if n.fract() == 0.0 && n.abs() < EXACT => Ok(Some(n as i64)),
        Some(Number::Pointed(_)) => Err(de::Error::custom("not a whole number")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_point_makes_no_fraction() {
        let read = |text: &str| super::maybe(&mut serde_json::Deserializer::from_str(text)).ok();
        assert_eq!(read("7"), Some(Some(7)));
        assert_eq!(read("7.0"), Some(Some(7)));
        assert_eq!(read("-2e3"), Some(Some(-2000)));
        assert_eq!(read("null"), Some(None));
        for bad in ["7.5", "1e300", "9007199254740993.0", "\"7\"", "true"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
