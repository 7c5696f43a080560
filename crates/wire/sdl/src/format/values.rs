//! What a text says, value by value, apart from the order of its top-level entries.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// The events of the first document without their places, by top-level entry.
///
/// Entries of one name stay in their order, because the last one counts.
pub fn of(text: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut entries: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    let (mut depth, mut children, mut anchors, mut base) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut current = String::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, _)) = event else { break };
        let shown = match &event {
            Event::DocumentEnd => break,
            Event::Alias(anchor) => format!("*{}", *anchor as i128 - base as i128),
            Event::Scalar(text, style, anchor, tag) => {
                anchors = anchors.max(*anchor);
                let is_plain = *style == ScalarStyle::Plain;
                format!("{is_plain} {} {tag:?} {text}", *anchor != 0)
            }
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                anchors = anchors.max(*anchor);
                depth += 1;
                format!("{} {} {tag:?}", matches!(event, Event::MappingStart(..)), *anchor != 0)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    continue; // the end of the whole belongs to no entry
                }
                "end".to_owned()
            }
            _ => continue,
        };
        let is_node = !matches!(event, Event::SequenceEnd | Event::MappingEnd);
        let is_start = matches!(event, Event::SequenceStart(..) | Event::MappingStart(..));
        if is_node && depth == 1 + usize::from(is_start) {
            if children.is_multiple_of(2) && !is_start {
                current.clone_from(&shown);
                base = anchors;
                entries.entry(current.clone()).or_default().push(Vec::new());
            }
            children += 1;
        }
        if let Some(values) = entries.get_mut(&current).and_then(|values| values.last_mut()) {
            values.push(shown);
        }
    }
    entries
}
