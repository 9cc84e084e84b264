//! User data on its way to the machine: what cloud-init's reader for a cloud undoes.

use base64::Engine;
use std::io::Read;

/// The most that is unpacked; a guard against a bomb, far above what a cloud takes.
const MOST_UNPACKED: u64 = 16 << 20;

/// Undoes base64 as cloud-init's reader for Hetzner does: if the whole text is strict base64,
/// else the text stays. What comes out may be packed with gzip.
pub fn unpack(text: &str) -> String {
    match base64::engine::general_purpose::STANDARD.decode(text) {
        Ok(bytes) if !bytes.is_empty() => gunzip(&bytes)
            .or_else(|| String::from_utf8(bytes).ok())
            .unwrap_or_else(|| text.to_owned()),
        _ => text.to_owned(),
    }
}

fn gunzip(bytes: &[u8]) -> Option<String> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return None;
    }
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(bytes)
        .take(MOST_UNPACKED)
        .read_to_string(&mut text)
        .ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn base64(bytes: &[u8]) -> String {
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    #[test]
    fn plain_encoded_and_packed_come_out_the_same() {
        let plain = "#cloud-config\nhostname: a\n";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(plain.as_bytes()).unwrap();
        let packed = gzip.finish().unwrap();
        assert_eq!(unpack(plain), plain);
        assert_eq!(unpack(&base64(plain.as_bytes())), plain);
        assert_eq!(unpack(&base64(&packed)), plain);
    }

    #[test]
    fn what_is_no_text_stays_as_it_came() {
        let odd = base64(&[0xff, 0xfe, 0x00]);
        assert_eq!(unpack(&odd), odd);
        assert_eq!(unpack(""), "");
    }
}
