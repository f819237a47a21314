//! The studio over HTTP: the same requests, the same answers, and nobody comes in who should not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use atelier_testkit::{Atelier, Child, Matcher, ModelServer, Reply, eventually};
use serde_json::{Value, json};

use crate::support::{DEADLINE, IDEA, atelier, content, content_server, list, studio, text};

/// A studio that is served, and a client of it.
struct Served {
    address: String,
    child: Option<Child>,
}

/// An answer: its status, its head and its body.
struct Said {
    status: u16,
    head: String,
    body: String,
}

impl Said {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|e| panic!("no json ({e}): {} {}", self.status, self.body))
    }
}

impl Served {
    fn of(atelier: &Atelier) -> Self {
        let child = atelier.spawn(["serve", "--listen", "127.0.0.1:0"]);
        let said = child.wait_stderr("listening on http://", DEADLINE);
        let address = said.rsplit("http://").next().unwrap().trim().to_owned();
        Self { address, child: Some(child) }
    }

    fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let length = match body {
            "" => String::new(),
            body => format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()),
        };
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {}\r\n{length}{headers}\r\n{body}", self.address)
            .unwrap();
        stream
    }

    fn ask_with(&self, method: &str, path: &str, headers: &str, body: &str) -> Said {
        let mut stream = self.send(method, path, &format!("{headers}Connection: close\r\n"), body);
        let mut said = Vec::new();
        stream.read_to_end(&mut said).unwrap();
        let said = String::from_utf8(said).unwrap();
        let (head, body) = said.split_once("\r\n\r\n").unwrap_or((&said, ""));
        let status = head.split(' ').nth(1).unwrap_or_default().parse().unwrap_or(0);
        let body = if head.to_lowercase().contains("transfer-encoding: chunked") {
            unchunked(body)
        } else {
            body.to_owned()
        };
        Said { status, head: head.to_owned(), body }
    }

    fn get(&self, path: &str) -> Said {
        self.ask_with("GET", path, "", "")
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let said = self.ask_with("POST", path, "", &body);
        assert!(said.status < 300, "{path}: {} {}", said.status, said.body);
        said.json()
    }

    #[track_caller]
    fn read(&self, path: &str) -> Value {
        let said = self.get(path);
        assert_eq!(said.status, 200, "{path}: {}", said.body);
        said.json()
    }

    fn run(&self, run: &str) -> Value {
        self.read(&format!("/api/v1/runs/{run}"))
    }

    fn until(&self, run: &str, status: &str) -> Value {
        eventually(DEADLINE, &format!("the run to be {status}"), || {
            let now = self.run(run);
            (now["status"] == status).then_some(now)
        })
    }

    fn events(&self, path: &str, headers: &str) -> Stream {
        Stream { lines: BufReader::new(self.send("GET", path, headers, "")) }
    }
}

fn unchunked(body: &str) -> String {
    let (mut out, mut rest) = (String::new(), body);
    while let Some((size, after)) = rest.split_once("\r\n") {
        let Ok(n) = usize::from_str_radix(size.trim(), 16) else { break };
        if n == 0 {
            break;
        }
        out.push_str(&after[..n]);
        rest = &after[n + 2..];
    }
    out
}

/// A reader of server-sent events.
struct Stream {
    lines: BufReader<TcpStream>,
}

impl Stream {
    /// The next event with data: its id, name and data.
    fn next(&mut self) -> (String, String, Value) {
        let (mut id, mut event) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the stream ended");
            let line = line.trim_end();
            if let Some(word) = line.strip_prefix("id: ") {
                word.clone_into(&mut id);
            } else if let Some(word) = line.strip_prefix("event: ") {
                word.clone_into(&mut event);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return (id, event, serde_json::from_str(data).unwrap());
            }
        }
    }
}

#[test]
fn what_is_told_over_http_is_what_the_command_line_tells() {
    let server = content_server();
    let atelier = studio(&server);
    let served = Served::of(&atelier);
    let project = text(&served.post("/api/v1/projects", &json!({"name": "Salt"})), "id");
    let started = json!({"workflow": "story-bible", "inputs": {"idea": IDEA}, "gates": "never"});
    let run = text(&served.post(&format!("/api/v1/projects/{project}/runs"), &started), "id");
    let done = served.until(&run, "done");
    assert_eq!(done, atelier.json(["runs", "show", &run]));
    let events = served.read(&format!("/api/v1/projects/{project}/events?limit=1000"));
    assert_eq!(list(&events, "items"), &atelier.json_lines(["log", "--project", "Salt"]));
    let state = served.get(&format!("/api/v1/projects/{project}/state"));
    assert_eq!(state.body.trim(), atelier.run(["state", "--project", "Salt"]).stdout.trim());
    // c63: home shows projects, work, models, cost and health.
    let home = served.read("/api/v1/overview");
    assert_eq!(home["projects"][0]["id"], json!(project));
    assert!(home["projects"][0]["words"].as_u64().unwrap() > 0, "{home}");
    assert_eq!(home["projects"][0]["runs"]["done"], 1);
    // c37: the receipt by itself is the one in the run.
    let receipt = &done["receipts"][0];
    let path = format!("/api/v1/runs/{run}/receipts/{}", text(receipt, "id"));
    assert_eq!(&served.read(&path), receipt);
    let outline = served.read(&format!("/api/v1/runs/{run}?receipts=false"));
    assert!(outline["receipts"][0]["messages"].is_null() && outline["receipts"][0]["model"].is_string());
}

#[test]
fn a_stream_tells_every_event_once_also_after_the_server_was_killed() {
    let server = content_server();
    let atelier = studio(&server);
    let mut served = Served::of(&atelier);
    let project = text(&served.post("/api/v1/projects", &json!({"name": "Salt"})), "id");
    let path = format!("/api/v1/projects/{project}/stream");
    let mut stream = served.events(&format!("{path}?since=0"), "");
    let (id, event, data) = stream.next();
    assert_eq!((id.as_str(), event.as_str(), &data["seq"]), ("0-1", "event", &json!(1)));
    served.post(&format!("/api/v1/projects/{project}/feedback"), &json!({"text": "one"}));
    let (id, _, data) = stream.next();
    assert_eq!((id.as_str(), &data["kind"]), ("0-2", &json!("message.sent")));
    served.post(&format!("/api/v1/projects/{project}/feedback"), &json!({"text": "two"}));
    served.child.take().unwrap().kill9();
    let served = Served::of(&atelier);
    let mut stream = served.events(&path, "Last-Event-ID: 0-2\r\n");
    assert_eq!(stream.next().0, "0-3");
    let mut other = served.events(&path, "Last-Event-ID: 7-2\r\n");
    assert_eq!(other.next().1, "resync", "another history is told apart");
    assert_eq!(other.next().0, "0-1");
}

#[test]
fn whoever_comes_late_is_told_what_a_call_has_said_so_far() {
    let words = "The sea answers in a voice like slow bells. ".repeat(40);
    let server = ModelServer::with(content());
    server.when(Matcher::Nth(1), Reply::text(&words).chunk_chars(20));
    let mut held = Some(server.hold_after(10, Matcher::Nth(1)));
    let atelier = studio(&server);
    let served = Served::of(&atelier);
    let project = text(&served.post("/api/v1/projects", &json!({"name": "Salt"})), "id");
    let path = format!("/api/v1/projects/{project}/stream");
    let mut first = served.events(&path, "");
    let run = json!({"workflow": "story-bible", "inputs": {"idea": IDEA}});
    served.post(&format!("/api/v1/projects/{project}/runs"), &run);
    let (mut whole, mut late) = (String::new(), None);
    let mut of_late = String::new();
    loop {
        let (_, _, data) = first.next();
        if data["notice"] == "delta" {
            whole.push_str(data["text"].as_str().unwrap());
            if late.is_none() {
                let mut reader = served.events(&path, "");
                // Once it was told of the call, it listens.
                let (_, _, calling) = reader.next();
                assert_eq!(calling["notice"], "calling");
                calling["text"].as_str().unwrap().clone_into(&mut of_late);
                assert!(!of_late.is_empty(), "the text so far");
                late = Some(reader);
                held.take().unwrap().release();
            }
        }
        if data["notice"] == "ended" {
            break;
        }
    }
    let mut late = late.expect("the answer came in parts");
    loop {
        let (_, _, data) = late.next();
        match data["notice"].as_str() {
            Some("delta") => of_late.push_str(data["text"].as_str().unwrap()),
            Some("ended") => break,
            _ => {}
        }
    }
    assert_eq!(of_late, whole);
}

#[test]
fn c54_one_request_stops_all_and_nothing_begins_until_it_is_started() {
    let server = ModelServer::with(content());
    let held = server.hold(Matcher::Always);
    let atelier = studio(&server);
    let served = Served::of(&atelier);
    let start = json!({"workflow": "story-bible", "inputs": {"idea": IDEA}});
    let mut runs = Vec::new();
    for name in ["Salt", "Ash"] {
        let project = text(&served.post("/api/v1/projects", &json!({"name": name})), "id");
        runs.push((text(&served.post(&format!("/api/v1/projects/{project}/runs"), &start), "id"), project));
    }
    let stopped = served.post("/api/v1/stop", &json!({}));
    assert_eq!(list(&stopped, "paused").len(), 2, "{stopped}");
    for (run, project) in &runs {
        assert_eq!(served.run(run)["status"], "paused");
        let refused =
            served.ask_with("POST", &format!("/api/v1/projects/{project}/runs"), "", &start.to_string());
        assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("stopped")));
        let refused = served.ask_with("POST", &format!("/api/v1/runs/{run}/resume"), "", "");
        assert_eq!(refused.status, 409, "{}", refused.body);
    }
    held.release();
    atelier.run(["start"]).expect_code(0);
    served.post(&format!("/api/v1/runs/{}/resume", runs[0].0), &Value::Null);
    served.until(&runs[0].0, "done");
}

#[test]
fn c02_a_copy_has_everything_and_a_reset_leaves_an_empty_project() {
    let server = content_server();
    let atelier = studio(&server);
    let served = Served::of(&atelier);
    let project = text(&served.post("/api/v1/projects", &json!({"name": "Salt"})), "id");
    let start = json!({"workflow": "story-bible", "inputs": {"idea": IDEA}, "gates": "never"});
    let run = text(&served.post(&format!("/api/v1/projects/{project}/runs"), &start), "id");
    served.until(&run, "done");
    let form = json!({"fields": {"idea": IDEA, "chapters": 3}});
    let kept = served.ask_with(
        "PUT",
        &format!("/api/v1/projects/{project}/forms/story-bible"),
        "",
        &form.to_string(),
    );
    assert_eq!((kept.status, &kept.json()["fields"]), (200, &form["fields"]));

    let copy = served.post(&format!("/api/v1/projects/{project}/duplicate"), &json!({"name": "Salt again"}));
    let copy = text(&copy, "id");
    let of = |project: &str, what: &str| served.read(&format!("/api/v1/projects/{project}/{what}"));
    assert_eq!(
        of(&copy, "buckets")["items"].as_array().unwrap().len(),
        of(&project, "buckets")["items"].as_array().unwrap().len()
    );
    assert_eq!(of(&copy, "forms/story-bible")["fields"], form["fields"]);
    let paths = |project: &str| -> Vec<Value> {
        list(&of(project, "outputs"), "items").iter().map(|o| o["path"].clone()).collect()
    };
    eventually(DEADLINE, "the outputs of the copy", || (paths(&copy) == paths(&project)).then_some(()));
    let runs = of(&copy, "runs");
    assert_eq!(list(&runs, "items").len(), 1);
    assert_ne!(runs["items"][0]["id"], json!(run), "a run is one project's");
    let copied = served.run(&text(&runs["items"][0], "id"));
    assert_eq!(copied["receipts"][0]["messages"], served.run(&run)["receipts"][0]["messages"]);
    assert_eq!(copied["project"], json!(copy));

    served.post(&format!("/api/v1/projects/{project}/reset"), &Value::Null);
    assert_eq!(of(&project, "events")["items"].as_array().unwrap().len(), 1);
    assert_eq!(of(&project, "buckets")["items"], json!([]));
    assert_eq!(served.get(&format!("/api/v1/runs/{run}")).status, 404);
    served.ask_with("DELETE", &format!("/api/v1/projects/{copy}"), "", "");
    assert_eq!(served.get(&format!("/api/v1/projects/{copy}")).status, 404);
    served.post(&format!("/api/v1/projects/{copy}/restore"), &Value::Null);
    assert_eq!(of(&copy, "runs")["items"], runs["items"]);
}

#[test]
fn what_is_not_wanted_is_turned_away_in_words() {
    let atelier = atelier();
    let served = Served::of(&atelier);
    let problem = |said: &Said| {
        assert!(said.head.contains("application/problem+json"), "{}", said.head);
        (said.status, said.json()["code"].as_str().unwrap_or_default().to_owned())
    };
    let create = json!({"name": "Salt"}).to_string();
    let with =
        |headers: &str, body: &str| problem(&served.ask_with("POST", "/api/v1/projects", headers, body));
    assert_eq!(with("Origin: http://evil.example\r\n", &create), (403, "foreign_origin".into()));
    assert_eq!(with("Sec-Fetch-Site: cross-site\r\n", &create), (403, "foreign_origin".into()));
    assert_eq!(with("", "{\"name\": 7}"), (422, "bad_body".into()));
    assert_eq!(with("", &format!("{}1", "[".repeat(100_000))), (422, "bad_body".into()));
    assert_eq!(with("", "{\"name\": \"x\", \"more\": 1}"), (422, "bad_body".into()));
    assert_eq!(problem(&served.get("/api/v1/nothing")), (404, "not_found".into()));
    assert_eq!(problem(&served.get("/api/v1/projects/none")), (404, "not_found".into()));
    assert_eq!(problem(&served.get("/api/v1/projects?limit=0")), (422, "bad_limit".into()));
    assert_eq!(problem(&served.get("/api/v1/projects?limit=x")), (400, "bad_query".into()));
    assert_eq!(
        problem(&served.ask_with("PUT", "/api/v1/projects", "", &create)),
        (405, "wrong_method".into())
    );
    assert_eq!(served.read("/api/v1/projects")["items"], json!([]), "nothing of it was done");
    let taken = atelier.clone().run(["serve", "--listen", &served.address]);
    assert_eq!(taken.code, 4, "{taken}");
}
