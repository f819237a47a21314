//! Every kind of finding, with the file that causes it and the line it points to.

use atelier_catalog::{Catalog, Layer};

use crate::layer;

const AGENT: &str = "\
---
name: Sage
role: Answers.
inputs:
  question: {type: text, required: true}
output: {type: object, additionalProperties: false, required: [answer], properties: {answer: {type: string, maxLength: 90}}}
saves:
  - {save: bucket, type: note, title: '{{ output.answer }}', fields: {text: output.answer}}
checks:
  - {if: output.answer == '', say: Nothing was said.}
full:
  context_tokens: 100
  calls:
    - {id: only, system: system, prompt: task, schema: output, max_output_tokens: 60}
---
# system
Be wise.

# task
{{ inputs.question }}
";
const TYPE: &str = "name: Note\nplural: Notes\nfields: {text: {type: text}}\ncontext_window: '{{ title }}'\n";
const WORKFLOW: &str = "\
title: Ask
inputs:
  question: {type: text, required: true}
steps:
  - id: ask
    kind: agent
    agent: sage
  - id: keep
    kind: transform
    value: '{{ steps.ask.output.answer }}'
outputs:
  answer: steps.keep.output
";
const AGENT_PATH: &str = "c/agents/sage.md";
const TYPE_PATH: &str = "c/types/note.yaml";
const FLOW_PATH: &str = "c/workflows/ask.yaml";

fn findings(files: &[(&str, &str)]) -> String {
    let (_, findings) = Catalog::load(&[layer("", files)]);
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The findings after one change to one of three good files.
fn after(path: &str, from: &str, to: &str) -> String {
    let change = |at: &str, text: &str| {
        if at != path {
            return text.to_owned();
        }
        assert!(text.contains(from), "{at} holds {from}");
        text.replacen(from, to, 1)
    };
    let (agent, of, flow) = (change(AGENT_PATH, AGENT), change(TYPE_PATH, TYPE), change(FLOW_PATH, WORKFLOW));
    findings(&[(AGENT_PATH, &agent), (TYPE_PATH, &of), (FLOW_PATH, &flow)])
}

/// Each change must give exactly these findings.
fn check(path: &str, cases: &[(&str, &str, &str)]) {
    for (from, to, expected) in cases {
        assert_eq!(after(path, from, to), *expected, "{from} -> {to}");
    }
}

#[test]
fn the_files_the_cases_start_from_are_good() {
    assert_eq!(after(AGENT_PATH, "", ""), "");
}

#[test]
fn an_agents_keys_and_sections() {
    check(
        AGENT_PATH,
        &[
            (
                "name: Sage",
                "nmae: Sage",
                "c/agents/sage.md:2: name: is missing\nc/agents/sage.md:2: nmae: unknown key; did you mean name?",
            ),
            ("role: Answers.", "role: 7", "c/agents/sage.md:3: role: should be a text, is a whole number"),
            (
                "role: Answers.",
                "role: Answers.\ntier: huge",
                "c/agents/sage.md:4: tier: `huge` is not one of fast, heavy",
            ),
            (
                "role: Answers.",
                "role: Answers.\ncolour: red",
                "c/agents/sage.md:4: colour: `red` is not a colour; write it as '#rrggbb', in quotes",
            ),
            (
                "role: Answers.",
                "role: Answers.\ncontext: [cannon]",
                "c/agents/sage.md:4: context: `cannon` is no source of context; did you mean canon?",
            ),
            (
                "{type: text,",
                "{type: txt,",
                "c/agents/sage.md:5: inputs.question.type: `txt` is not one of string, text, integer, boolean, list, any; did you mean text?",
            ),
            (
                "prompt: task",
                "prompt: tusk",
                "c/agents/sage.md:14: full.calls[0].prompt: there is no section `# tusk`; did you mean task?\nc/agents/sage.md:20: no call uses the section `task`; name it in a call, or drop it",
            ),
            ("# task", "# task\n\n# task", "c/agents/sage.md:21: the section `task` is there twice"),
            (
                "---\n# system",
                "# system",
                "c/agents/sage.md:1: the front matter does not end; begin the file with `---`, the keys, and `---`",
            ),
            (
                "{id: only",
                "{id: Only",
                "c/agents/sage.md:14: full.calls[0].id: `Only` is no good name; use lower-case letters, digits and underscores, a letter first",
            ),
        ],
    );
}

#[test]
fn an_agents_schema_is_bounded_and_whole() {
    check(
        AGENT_PATH,
        &[
            (
                "maxLength: 90",
                "minLength: 9",
                "c/agents/sage.md:6: output.answer: has no `maxLength`: a small model would go on for ever; say `maxLength:` and how many at most",
            ),
            (
                "type: string, maxLength: 90",
                "type: number",
                "c/agents/sage.md:6: output.answer: a number that is not whole; use `integer`, in thousandths if need be",
            ),
            (
                "additionalProperties: false, ",
                "",
                "c/agents/sage.md:6: output: other properties are allowed; say `additionalProperties: false`",
            ),
            (
                "maxLength: 90",
                "maxlength: 90, maxLength: 90",
                "c/agents/sage.md:6: output.answer.maxlength: is not used in crews' schemas; did you mean maxLength, minLength?",
            ),
            (
                "maxLength: 90",
                "pattern: '^a+$'",
                "c/agents/sage.md:6: output.answer.pattern: does not bound the text; begin it with `^`, end it with `$`, and bound every repetition, as in `[a-z]{1,9}`",
            ),
            (
                "maxLength: 90",
                "maxLength: 900",
                "c/agents/sage.md:14: full.only.max_output_tokens: the longest answer by the schema takes about 308 tokens, 60 are allowed; tighten `maxLength` and `maxItems`, or raise `max_output_tokens`",
            ),
            (
                "schema: output,",
                "into: text, schema: output,",
                "c/agents/sage.md:12: full: the answers of its calls do not add up to `output`: : Additional properties are not allowed ('text' was unexpected); compare the calls' schemas and `into` with `output`",
            ),
        ],
    );
}

#[test]
fn an_agents_templates_and_expressions() {
    let hint = "prompts see inputs, so_far and n; a value that may be absent needs an `if`";
    let wrong = format!(
        "c/agents/sage.md:20: full.only.prompt: undefined value: `inputs.answer` is undefined; {hint}"
    );
    check(
        AGENT_PATH,
        &[
            ("{{ inputs.question }}", "{{ inputs.answer }}", &wrong),
            (
                "{{ inputs.question }}",
                "{{ inputs.question | shout }}",
                &format!(
                    "c/agents/sage.md:20: full.only.prompt: unknown filter: filter shout is unknown; {hint}"
                ),
            ),
            (
                "if: output.answer == ''",
                "if: output.answer ==",
                "c/agents/sage.md:10: checks[0].if: syntax error: unexpected end of input, expected expression",
            ),
            (
                "say: Nothing was said.",
                "say: '{{ output.text }}'",
                "c/agents/sage.md:10: checks[0].say: undefined value: `output.text` is undefined",
            ),
            (
                "type: note",
                "type: noet",
                "c/agents/sage.md:8: saves[0].type: there is no type `noet`; did you mean note?",
            ),
            (
                "fields: {text: output.answer}",
                "fields: {test: output.answer}",
                "c/agents/sage.md:8: saves[0].fields: the type `note` has no field `test`; did you mean text?",
            ),
            (
                "fields: {text: output.answer}",
                "fields: {text: item.text}",
                "c/agents/sage.md:8: saves[0].fields.text: `item.text` names something that is not there",
            ),
            (
                "save: bucket",
                "save: bukcet",
                "c/agents/sage.md:8: saves[0].save: `bukcet` cannot be saved; did you mean bucket?",
            ),
        ],
    );
}

#[test]
fn a_first_tiny_prompt_is_short_whatever_it_is_given() {
    let tiny = "tiny:\n  context_tokens: 10\n  calls:\n    - {id: only, system: system, prompt: task, schema: output, max_output_tokens: 60}\n---\n# system";
    let found = after(AGENT_PATH, "---\n# system", tiny);
    assert!(
        found.starts_with("c/agents/sage.md:18: tiny.only.prompt: with long inputs it takes "),
        "{found}"
    );
    assert!(
        found.ends_with("a first tiny prompt at most 300; shorten it, or cut inputs with `| words(40)`"),
        "{found}"
    );
}

#[test]
fn a_workflows_steps() {
    check(
        FLOW_PATH,
        &[
            (
                "kind: transform",
                "kind: transfrom",
                "c/workflows/ask.yaml:9: steps[1].kind: there is no step kind `transfrom`; did you mean transform?",
            ),
            (
                "agent: sage",
                "agent: saga",
                "c/workflows/ask.yaml:7: steps[0].agent: there is no agent `saga`; did you mean sage?",
            ),
            (
                "agent: sage",
                "agent: sage\n    with: {qustion: 1}",
                "c/workflows/ask.yaml:8: steps[0].with: the agent `sage` needs `question`\nc/workflows/ask.yaml:8: steps[0].with: the agent `sage` takes no `qustion`; did you mean question?",
            ),
            (
                "id: keep",
                "id: ask",
                "c/workflows/ask.yaml:8: steps[1].id: there is a step `ask` already, in line 5; give each step its own id",
            ),
            (
                "id: keep",
                "id: Keep it",
                "c/workflows/ask.yaml:8: steps[1].id: `Keep it` is no good name; use lower-case letters, digits and underscores, a letter first",
            ),
            (
                "kind: transform",
                "kind: transform\n    need: [ask]",
                "c/workflows/ask.yaml:10: steps[1].need: unknown key; did you mean needs?",
            ),
            (
                "kind: transform",
                "kind: transform\n    needs: [aks]",
                "c/workflows/ask.yaml:10: steps[1].needs: there is no step `aks` beside it; did you mean ask?\nc/workflows/ask.yaml:11: steps[1].value: the step `ask` may not be done here; add `ask` to `needs`",
            ),
            (
                "kind: transform",
                "kind: transform\n    gate: sometimes",
                "c/workflows/ask.yaml:10: steps[1].gate: `sometimes` is not one of always, on_violation, never",
            ),
            (
                "kind: transform",
                "kind: transform\n    when: 1 > 2",
                "c/workflows/ask.yaml:10: steps[1].when: never holds, so the step never starts",
            ),
            (
                "steps.ask.output.answer",
                "steps.aks.output",
                "c/workflows/ask.yaml:10: steps[1].value: there is no step `aks`; did you mean ask?",
            ),
            (
                "steps.ask.output.answer",
                "steps.ask.text",
                "c/workflows/ask.yaml:10: steps[1].value: nobody fills `steps.ask.text`; a step has output, status, findings, asked",
            ),
            (
                "steps.ask.output.answer",
                "inputs.qestion",
                "c/workflows/ask.yaml:10: steps[1].value: there is no input `qestion`; did you mean question?",
            ),
            (
                "answer: steps.keep.output",
                "answer: keep.output",
                "c/workflows/ask.yaml:12: outputs.answer: nobody fills `keep`; known: inputs, steps",
            ),
            (
                "{type: text, required: true}",
                "{type: integer, default: 1.5}",
                "c/workflows/ask.yaml:3: inputs.question.default: does not fit the type integer",
            ),
            (
                "kind: transform\n    value:",
                "kind: tool\n    tool: save_artefact\n    with:",
                "c/workflows/ask.yaml:10: steps[1].tool: there is no tool `save_artefact`; did you mean save_artifact?",
            ),
            (
                "title: Ask",
                "title: [Ask",
                "c/workflows/ask.yaml:2: this is not YAML: illegal placement of ':' indicator",
            ),
            ("title: Ask", "title: Ask\ntitle: Ask", "c/workflows/ask.yaml:2: `title` is written twice"),
        ],
    );
}

#[test]
fn steps_and_workflows_do_not_go_in_circles() {
    check(
        FLOW_PATH,
        &[
            (
                "kind: agent",
                "kind: agent\n    needs: [keep]",
                "c/workflows/ask.yaml:7: steps[0].needs: steps wait for each other: ask → keep → ask; use a step of kind `loop` to repeat steps",
            ),
            (
                "kind: transform\n",
                "kind: transform\n    needs: [ask, keep]\n",
                "c/workflows/ask.yaml:10: steps[1].needs: steps wait for each other: keep → keep; use a step of kind `loop` to repeat steps",
            ),
            (
                "outputs:",
                "  - id: again\n    kind: call\n    workflow: ask\n    with: {question: '{{ inputs.question }}'}\noutputs:",
                "c/workflows/ask.yaml:13: steps[2].workflow: workflows call each other in a circle: ask → ask; use a step of kind `loop` to repeat steps",
            ),
            (
                "outputs:",
                "  - id: last\n    kind: join\n    needs: [one]\n  - id: one\n    kind: join\n    needs: [two]\n  - id: two\n    kind: join\n    needs: [one]\noutputs:",
                "c/workflows/ask.yaml:13: steps[2].needs: never starts: it waits for `one`, which never starts\nc/workflows/ask.yaml:16: steps[3].needs: steps wait for each other: one → two → one; use a step of kind `loop` to repeat steps",
            ),
        ],
    );
}

#[test]
fn loop_variables_are_seen_inside_only() {
    let inside = "  - id: many
    kind: each
    each: '[1, 2]'
    as: number
    collect: steps.double.output
    steps:
      - id: double
        kind: transform
        value: '{{ number * 2 + index }}'
outputs:";
    assert_eq!(after(FLOW_PATH, "outputs:", inside), "");
    let outside = inside.replace("each: '[1, 2]'", "each: '[number]'");
    assert_eq!(
        after(FLOW_PATH, "outputs:", &outside),
        "c/workflows/ask.yaml:13: steps[2].each: nobody fills `number`; known: inputs, steps"
    );
}

#[test]
fn types_and_places_of_files() {
    check(
        TYPE_PATH,
        &[
            ("plural: Notes", "", "c/types/note.yaml:1: plural: is missing"),
            (
                "{type: text}",
                "{type: essay}",
                "c/types/note.yaml:3: fields.text.type: `essay` is not one of string, text, integer, number, boolean, date, enum, list, reference, json",
            ),
            ("{type: text}", "{type: enum}", "c/types/note.yaml:3: fields.text.values: an enum needs values"),
            (
                "{type: text}",
                "{type: reference, to: [book]}",
                "c/types/note.yaml:3: fields.text.to: there is no type `book`; known: note",
            ),
            (
                "'{{ title }}'",
                "'{{ titel }}'",
                "c/types/note.yaml:4: context_window: nobody fills `titel`; did you mean title?",
            ),
        ],
    );
    assert_eq!(
        findings(&[("c/notes.txt", "hello"), ("c/types/My Type.yaml", TYPE)]),
        "c/notes.txt:1: nothing of a crew has this place; crews hold <crew>/agents/<id>.md, documents/<id>.md, workflows/<id>.yaml, types/<id>.yaml\n\
         c/types/My Type.yaml:1: `My Type` is no good name; use lower-case letters, digits and hyphens, a letter first, at most 64"
    );
    assert_eq!(
        findings(&[(TYPE_PATH, TYPE), ("d/types/note.yaml", TYPE)]),
        "d/types/note.yaml:1: c/types/note.yaml has the same id; give one of them another name"
    );
}

#[test]
fn the_built_in_layer_is_named_as_a_person_would() {
    let mut layer = Layer::builtin();
    layer.files.retain(|file| file.path.ends_with("plot-architect.md"));
    let (_, findings) = Catalog::load(&[layer]);
    assert!(findings.iter().all(|f| f.file == "crews/story/agents/plot-architect.md"), "{findings:?}");
    assert!(!findings.is_empty(), "its types and documents are not there");
}
