//! Numbers and runs of numbers: `"2000-2099"` stands for a hundred objects.

/// The most numbers of one run.
pub(super) const MAX_RUN: u64 = 1_000_000;

/// The most digits of a run's numbers.
const MAX_DIGITS: usize = 18;

/// A run of numbers of the same length, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    first: u64,
    last: u64,
    digits: usize,
}

impl Run {
    /// Reads `2000-2099`; `None` is a text that doesn't look like a run.
    pub(super) fn parse(text: &str) -> Option<Result<Self, String>> {
        let (first, last) = text.split_once('-')?;
        let (first, last) = (first.trim(), last.trim());
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        (is_digits(first) && is_digits(last)).then(|| Self::between(first, last))
    }

    fn between(first: &str, last: &str) -> Result<Self, String> {
        if first.is_empty() || first.len() != last.len() {
            return Err("expected a run of numbers with the same count of digits, like \"2000-2099\"".into());
        }
        let digits = first.len();
        let (Ok(first), Ok(last)) = (first.parse::<u64>(), last.parse::<u64>()) else {
            return Err(format!("expected a run of numbers of at most {MAX_DIGITS} digits"));
        };
        if digits > MAX_DIGITS {
            return Err(format!("expected a run of numbers of at most {MAX_DIGITS} digits"));
        }
        if first > last {
            return Err("expected a run that begins with the smaller number".into());
        }
        if last - first >= MAX_RUN {
            return Err(format!("expected a run of at most {MAX_RUN} numbers"));
        }
        Ok(Self { first, last, digits })
    }

    /// The number at this place of the run, with its leading zeros.
    pub(super) fn at(self, offset: u32) -> String {
        format!("{:0width$}", self.first + u64::from(offset), width = self.digits)
    }

    /// How many numbers there are.
    pub(super) fn count(self) -> u64 {
        self.last - self.first + 1
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn runs_are_told_from_numbers() {
        for text in ["2004", "+1555", "a-b", "+1-2", ""] {
            assert_eq!(Run::parse(text), None, "{text}");
        }
        let run = Run::parse("0098-0101").unwrap().unwrap();
        let numbers: Vec<_> = (0..4).map(|offset| run.at(offset)).collect();
        assert_eq!(numbers, ["0098", "0099", "0100", "0101"]);
        assert_eq!(Run::parse("7-7").unwrap().unwrap().count(), 1);
    }

    #[test]
    fn bad_runs_are_refused() {
        let long = format!("{}-{}", "1".repeat(19), "2".repeat(19));
        for text in ["2000-299", "2099-2000", "0000000-1000000", "2000-", "-2000", "-", &long] {
            assert!(Run::parse(text).unwrap().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_run_has_as_many_numbers_as_it_counts(first in 0_u64..9_000, count in 1_u64..999) {
            let last = first + count - 1;
            let run = Run::parse(&format!("{first:04}-{last:04}")).unwrap().unwrap();
            prop_assert_eq!(run.count(), count);
            prop_assert_eq!(run.at(0), format!("{first:04}"));
            prop_assert_eq!(run.at(u32::try_from(count).unwrap() - 1), format!("{last:04}"));
        }
    }
}
