//! What a run that was cut off left behind: told, and waited for where it may still come to be.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::future::join_all;

use super::context::Context;
use super::error::CommandError;
use super::lock::spoken;
use super::output::{Output, counted};
use super::report;
use super::session::{Reading, Sessions};
use crate::apply::Stop;
use crate::apply::claims::{UnderWay, under_way};
use crate::apply::late::{Waited, wait};
use crate::diag::Diagnostic;
use crate::http::Failure;
use crate::ledger::{Journal, OpenIntent};
use crate::model::Target;
use crate::provider::Writer;

/// How many addresses are named in a message.
const NAMED: usize = 5;

/// What the journal says of a run that was cut off; warns of what doesn't belong there.
pub(super) fn left_over(journal: &Journal, output: Output) -> Result<Vec<OpenIntent>, CommandError> {
    let notes = journal.read()?;
    if notes.strange > 0 {
        let lines = counted(notes.strange, "line");
        let message = format!("the journal {} holds {lines} that can't be read", journal.path().display());
        let hint = "they were passed over; if a run was cut off, look for objects on the targets that no ledger knows";
        report::tell_all(output, [&Diagnostic::warning("journal", message).hint(hint)]);
    }
    Ok(notes.intents)
}

/// Looks again at targets on which a run that was cut off may still be making or removing something, until that
/// shows or can't come any more. `None` where the user interrupts.
pub(super) async fn look_again(
    context: &Context,
    sessions: &Sessions<dyn Writer>,
    readings: &mut BTreeMap<Arc<str>, Reading>,
    left_over: &[OpenIntent],
    output: Output,
    stop: &Stop,
) -> Option<()> {
    let looks = readings.iter_mut().filter_map(|(name, reading)| {
        let target = context.desired.target(name)?;
        let session = sessions.get(name)?.as_ref().ok()?;
        let awaited = under_way(target, reading.live.as_ref().ok()?, left_over)?;
        Some(async move {
            output.message(&told(target, &awaited));
            match wait(&**session, target, awaited.at_most, left_over, stop).await {
                Waited::Looked(live, observed) => *reading = Reading { live: Ok(live), observed },
                Waited::Blind(failure) => reading.live = Err(Failure::into_unreadable(failure)),
                Waited::Interrupted => return None,
            }
            Some(())
        })
    });
    join_all(looks).await.into_iter().collect()
}

fn told(target: &Target, awaited: &UnderWay) -> String {
    let named: Vec<_> = awaited.addresses.iter().take(NAMED).map(|address| crate::diag::clean(address)).collect();
    let mut text = named.join(", ");
    if awaited.addresses.len() > NAMED {
        _ = write!(text, " and {} more", awaited.addresses.len() - NAMED);
    }
    let (name, at_most) = (&target.name, spoken(awaited.at_most));
    format!("{name}: a run that was cut off may still be making or removing {text}; looking for up to {at_most}\n")
}
