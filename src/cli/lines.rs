//! A long output on its way out: made fit and written some lines at a time, so that it is nowhere in memory whole.

use std::io::{self, Write};

/// How much is gathered before it is written.
const AT_ONCE: usize = 64 << 10;

/// Makes whole lines fit and writes them.
pub(super) struct Lines<W, F> {
    out: W,
    /// What makes lines fit: it gives the same for lines together as for each by itself.
    fit: F,
    gathered: Vec<u8>,
    /// How much of it is whole lines.
    whole: usize,
}

/// Writes what `fill` writes, through `fit`.
///
/// # Errors
/// The stream's, or `fill`'s.
pub(super) fn write_fit<W: Write, F: Fn(&str) -> String>(
    out: W,
    fit: F,
    fill: impl FnOnce(&mut Lines<W, F>) -> io::Result<()>,
) -> io::Result<()> {
    let mut lines = Lines { out, fit, gathered: Vec::new(), whole: 0 };
    fill(&mut lines)?;
    lines.whole = lines.gathered.len();
    lines.write_whole()?;
    lines.out.flush()
}

impl<W: Write, F: Fn(&str) -> String> Lines<W, F> {
    fn write_whole(&mut self) -> io::Result<()> {
        let whole = self.gathered.get(..self.whole).unwrap_or_default();
        self.out.write_all((self.fit)(&String::from_utf8_lossy(whole)).as_bytes())?;
        self.gathered.drain(..self.whole);
        self.whole = 0;
        Ok(())
    }
}

impl<W: Write, F: Fn(&str) -> String> Write for Lines<W, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') {
            self.whole = self.gathered.len() + last + 1;
        }
        self.gathered.extend_from_slice(bytes);
        if self.whole >= AT_ONCE {
            self.write_whole()?;
        }
        Ok(bytes.len())
    }

    /// Writes nothing: a line that isn't whole can't be made fit.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::diag::fit_to_print;

    proptest! {
        /// However it comes in, also in the middle of a character.
        #[test]
        fn it_comes_out_as_if_made_fit_whole(line in "(é|:|\u{1b}|#|[a-c]|\\[){0,30}", pieces in 1..9_usize) {
            let text = (line + "\n").repeat(AT_ONCE / 8);
            let mut out = Vec::new();
            let fill = |lines: &mut Lines<_, _>| text.as_bytes().chunks(1 << pieces).try_for_each(|piece| lines.write_all(piece));
            write_fit(&mut out, |text| fit_to_print(text, false), fill).unwrap();
            prop_assert_eq!(String::from_utf8(out).unwrap(), fit_to_print(&text, false));
        }
    }

    #[test]
    fn it_stops_where_nobody_reads_any_more() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut written = 0;
        let error = write_fit(Closed, str::to_owned, |lines| {
            (0..100 * AT_ONCE).try_for_each(|_| {
                written += 2;
                lines.write_all(b"x\n")
            })
        });
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(written, AT_ONCE);
    }
}
