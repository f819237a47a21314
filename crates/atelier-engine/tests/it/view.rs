//! Events as lines made to be read.

use atelier_domain::event::{
    ArtifactEvent, AttemptEvent, BranchEvent, BucketEvent, CanonEvent, GateEvent, MessageEvent, ReceiptEvent,
    RunEvent, StepEvent,
};
use atelier_domain::text::Texts;
use atelier_domain::{Envelope, Event, Text};

fn read(text: &Text, texts: &dyn Texts) -> String {
    text.get(texts).map_or_else(|hash| format!("?{hash}"), |text| text.to_string())
}

/// One event in one line.
pub(crate) fn line(envelope: &Envelope, texts: &dyn Texts) -> String {
    let kind = envelope.event.kind();
    let rest = match &envelope.event {
        Event::Run(event) => run(event, texts),
        Event::Step(event) => step(event, texts),
        Event::Attempt(event) => attempt(event, texts),
        Event::Gate(event) => gate(event, texts),
        Event::Bucket(event) => bucket(event, texts),
        Event::Canon(CanonEvent::RuleProposed(rule)) => rule.text.clone(),
        Event::Canon(_) => String::new(),
        Event::Artifact(ArtifactEvent::Saved(saved)) => {
            format!("{}/{} v{}", saved.kind, saved.name, saved.version)
        }
        Event::Artifact(ArtifactEvent::Withdrawn(gone)) => format!("{}/{}", gone.kind, gone.name),
        Event::Receipt(ReceiptEvent::Opened(receipt)) => format!("{} #{}", receipt.path, receipt.attempt),
        Event::Receipt(ReceiptEvent::Recorded(receipt)) => {
            let error = receipt.error.as_ref().map(|e| format!(" {}", e.code)).unwrap_or_default();
            let heard = if receipt.feedback.is_empty() {
                String::new()
            } else {
                format!(" heard {}", receipt.feedback.len())
            };
            format!("{} #{}{error}{heard}", receipt.path, receipt.attempt)
        }
        Event::Message(MessageEvent::Sent(sent)) => {
            format!("{} {:?}: {}", sent.n, sent.priority, read(&sent.text, texts))
        }
        Event::Branch(BranchEvent::Forked(forked)) => format!("at {}", forked.at_seq),
        Event::Project(_) | Event::Memory(_) | Event::Name(_) => String::new(),
    };
    format!("{kind} {rest}").trim_end().to_owned()
}

fn run(event: &RunEvent, texts: &dyn Texts) -> String {
    match event {
        RunEvent::Started(started) => format!("{} {}", started.workflow, read(&started.inputs, texts)),
        RunEvent::Paused(paused) => paused.reason.clone(),
        RunEvent::Resumed(resumed) => {
            let list = |word: &str, paths: &[String]| {
                if paths.is_empty() { String::new() } else { format!("{word} {} ", paths.join(" ")) }
            };
            list("reopened", &resumed.reopened) + &list("dropped", &resumed.dropped)
        }
        RunEvent::Stepped(stepped) => stepped.path.clone().unwrap_or_default(),
        RunEvent::Finished(finished) => {
            let outputs = finished.outputs.as_ref().map(|text| read(text, texts)).unwrap_or_default();
            let error = finished.error.as_ref().map(|e| e.code.clone()).unwrap_or_default();
            format!("{:?} {outputs}{error}", finished.outcome).to_lowercase()
        }
        RunEvent::Rewound(rewound) => format!("to {} dropped {}", rewound.to, rewound.dropped.join(" ")),
    }
}

fn step(event: &StepEvent, texts: &dyn Texts) -> String {
    match event {
        StepEvent::Started(started) => {
            format!("{}{}", started.path, if started.stepped { " (stepped)" } else { "" })
        }
        StepEvent::Iterated(iterated) => format!("{}[{}]", iterated.path, iterated.iteration),
        StepEvent::Finished(finished) => format!("{} = {}", finished.path, read(&finished.output, texts)),
        StepEvent::Skipped(skipped) => format!("{}: {}", skipped.path, skipped.reason),
        StepEvent::Failed(failed) => format!("{}: {}", failed.path, failed.error.code),
    }
}

fn attempt(event: &AttemptEvent, texts: &dyn Texts) -> String {
    match event {
        AttemptEvent::Requested(asked) => {
            let call = if asked.call == 0 { String::new() } else { format!(" call {}", asked.call) };
            let model =
                asked.model.as_ref().filter(|m| *m != "one").map(|m| format!(" on {m}")).unwrap_or_default();
            let delay = if asked.delay_ms == 0 { "" } else { " after a while" };
            let because =
                asked.because.as_ref().map(|t| format!(" because {}", read(t, texts))).unwrap_or_default();
            format!("{} #{}{call}{model}{delay}{because}", asked.path, asked.attempt)
        }
        AttemptEvent::Finished(done) => format!("{} #{}", done.path, done.attempt),
        AttemptEvent::Failed(failed) => format!("{} #{}: {}", failed.path, failed.attempt, failed.error.code),
        AttemptEvent::Interrupted(cut) => format!("{} #{}", cut.path, cut.attempt),
    }
}

fn gate(event: &GateEvent, texts: &dyn Texts) -> String {
    match event {
        GateEvent::Opened(opened) => {
            let findings = opened.findings.join("; ");
            format!("{} {} {} {findings}", opened.path, opened.kind, read(&opened.output, texts))
        }
        GateEvent::Turned(turned) => format!("{}: {}", turned.turn, read(&turned.text, texts)),
        GateEvent::Decided(decided) => decided.action.word().to_owned(),
        GateEvent::Reopened(reopened) => reopened.error.code.clone(),
    }
}

fn bucket(event: &BucketEvent, texts: &dyn Texts) -> String {
    let fields = |set: &atelier_domain::event::bucket::Fields| serde_json::to_string(set).unwrap();
    match event {
        BucketEvent::Created(made) => {
            format!("{} {} {} {}", made.r#type, made.title, fields(&made.fields), read(&made.body, texts))
        }
        BucketEvent::Edited(edited) => {
            let body = edited.body.as_ref().map(|text| read(text, texts)).unwrap_or_default();
            format!("{} -{} {body}", fields(&edited.set), edited.removed.join(" "))
        }
        BucketEvent::Archived(_) | BucketEvent::Restored(_) => String::new(),
    }
}
