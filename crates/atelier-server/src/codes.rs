//! The codes of what can go wrong between an owner and its clients: one spelling, one place. Each has its page, `docs/errors/<code>.md`.

pub use atelier_runtime::codes::NOT_FOUND;

/// The address cannot be listened on.
pub const ADDRESS_UNUSABLE: &str = "address_unusable";
/// An answer over the limit.
pub const ANSWER_TOO_LONG: &str = "answer_too_long";
/// No address with a port.
pub const BAD_ADDRESS: &str = "bad_address";
/// The owner answered something else than was asked.
pub const BAD_ANSWER: &str = "bad_answer";
/// A body that is not what is wanted.
pub const BAD_BODY: &str = "bad_body";
/// A cursor that leads nowhere.
pub const BAD_CURSOR: &str = "bad_cursor";
/// A page of an impossible size.
pub const BAD_LIMIT: &str = "bad_limit";
/// A value in the path that cannot be read.
pub const BAD_PATH: &str = "bad_path";
/// A value after the question mark that cannot be read.
pub const BAD_QUERY: &str = "bad_query";
/// A body that does not come to its end.
pub const BODY_TIMEOUT: &str = "body_timeout";
/// A body over the limit.
pub const BODY_TOO_LONG: &str = "body_too_long";
/// The studio was asked by another name.
pub const FOREIGN_HOST: &str = "foreign_host";
/// A page of another site sent the request.
pub const FOREIGN_ORIGIN: &str = "foreign_origin";
/// A body that is not JSON.
pub const NOT_JSON: &str = "not_json";
/// An address that others can reach.
pub const NOT_LOOPBACK: &str = "not_loopback";
/// The owner cannot be heard any more; what was asked may be done or not.
pub const OWNER_GONE: &str = "owner_gone";
/// The owner ended before it did anything; asking again is safe.
pub const OWNER_LEFT: &str = "owner_left";
/// A request over the limit.
pub const REQUEST_TOO_LONG: &str = "request_too_long";
/// What came in is no request.
pub const REQUEST_UNREADABLE: &str = "request_unreadable";
/// The owner's socket cannot be opened.
pub const SOCKET_UNUSABLE: &str = "socket_unusable";
/// Neither a workflow nor an agent was named, or both.
pub const WORKFLOW_OR_AGENT: &str = "workflow_or_agent";
/// The address has no such method.
pub const WRONG_METHOD: &str = "wrong_method";
