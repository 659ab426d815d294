//! Rows that are cut out of an answer while it arrives, against a reader that has it whole.

use crate::provider::rows_oracle::{cut, is_same, whole};

/// Reads an answer that comes in pieces, of as many bytes as its own last bytes say; takes it if there are rows in it.
pub(super) fn rows(data: &[u8]) -> bool {
    let lengths: Vec<usize> = data.iter().rev().take(4).map(|byte| usize::from(*byte) % 40).chain([7]).collect();
    // What stands before the object is cut off elsewhere.
    let start = data.iter().position(|byte| *byte == b'{').unwrap_or(data.len());
    let data = data.split_at(start).1;
    let mut has_rows = false;
    for path in [&["data"][..], &["data", "sipNumberList"]] {
        let read = whole(path, data);
        for enough in [0, 64, 1 << 20] {
            let cut = cut(path, enough, data, &lengths);
            assert!(is_same(&cut, &read), "{cut:?} where {read:?} was to be read");
        }
        has_rows |= read.is_ok_and(|(rows, _)| !rows.is_empty());
    }
    has_rows
}
