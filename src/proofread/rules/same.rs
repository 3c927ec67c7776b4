//! `same-quantity`: two labels with the same words and different numbers. Off: a label alone is right about one time in
//! ten; a declared claim says it better.

use std::collections::BTreeMap;

use crate::model::fact::Unit;
use crate::model::printed::Printed;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::relation::{Verdict, Worked};
use crate::proofread::rules::Gather;
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::View;
use crate::proofread::words::{Words, is_among};

/// Words that say nothing of what is counted.
static STOP: Words = Words::of("the of a an in for and all our is are number total");
/// Words that are said of many things.
static GENERIC: Words = Words::of(
    "status coverage score pass rate readiness time count result results duration size tests files lines \
     confidence impact priority effort cost",
);
/// Words that tell two numbers of one thing apart.
static QUALIFIERS: Words = Words::of(
    "before after initial final target actual claimed expected previous current phase day week run round old \
     new baseline estimated planned max min maximum minimum",
);

/// A value of a label, where it stands, and under which headings.
type Value = (Worked, Anchor, Printed, Vec<String>);

/// Reports two values of the same label below the same outermost heading.
#[derive(Default)]
pub(super) struct SameQuantity {
    /// By the first byte of the heading and the words of the label.
    known: BTreeMap<(Option<usize>, Vec<String>), Vec<Value>>,
}

impl Gather for SameQuantity {
    fn section(&mut self, view: &View<'_>, _: &mut Sink<'_, '_>) {
        for labelled in &view.document.labelled {
            let Some(block) = labelled.value_block else { continue };
            let mut label = view.label_words(labelled);
            label.retain(|word| !is_among(word, &STOP));
            label.sort_unstable();
            let specific = label.len() >= 2 && !label.iter().all(|word| is_among(word, &GENERIC));
            if !specific || label.iter().any(|word| is_among(word, &QUALIFIERS)) {
                continue;
            }
            let mention = view.behind(block, labelled).next();
            let Some((mention, printed)) = mention.and_then(|mention| Some((mention, mention.plain()?))) else {
                continue;
            };
            let Some(worked) = Worked::of(printed, 0) else { continue };
            let section = view.document.path(view.block(block).scope).last();
            let section = section.map(|scope| view.document.scopes[scope].start);
            let anchor = view.anchor(block, mention.span.clone());
            let under = view.under(anchor.bytes.start);
            let values = self.known.entry((section, label)).or_default();
            // Of three nobody knows which two belong together.
            if values.len() < 3 {
                values.push((worked, anchor, printed.clone(), under));
            }
        }
    }

    fn end(&mut self, sink: &mut Sink<'_, '_>) {
        for ((_, label), mentions) in std::mem::take(&mut self.known) {
            let [(first, place, one, _), (second, other, two, under)] = mentions.as_slice() else { continue };
            if one.unit != two.unit || one.unit == Unit::One && one.exact != two.exact {
                continue;
            }
            let verdict =
                if first.agrees(second) == Verdict::Inconsistent { Verdict::Inconsistent } else { Verdict::Consistent };
            sink.judge_under(verdict, Some(under.clone()), || Draft {
                message: format!("\"{}\" is {} here and {} there", label.join(" "), two.text, one.text),
                claimed: two.text.clone(),
                recomputed: one.text.clone(),
                readings: &["nearest", "cut off or rounded up"],
                anchors: vec![other.clone(), place.clone()],
                at_most: Level::Warning,
            });
        }
    }
}
