//! MD5, where a dialect or a file name wants it.

use std::fmt::Write as _;

use md5::{Digest, Md5};

/// A text's MD5 in 32 small hex digits.
pub(super) fn md5_hex(text: &str) -> String {
    let mut hex = String::with_capacity(32);
    for byte in Md5::digest(text) {
        // Writing to a string can't fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
