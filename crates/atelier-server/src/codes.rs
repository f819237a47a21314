//! The codes of what can go wrong between an owner and its clients: one spelling, one place. Each has its page, `docs/errors/<code>.md`.

/// The address cannot be listened on.
pub const ADDRESS_UNUSABLE: &str = "address_unusable";
/// An answer over the limit.
pub const ANSWER_TOO_LONG: &str = "answer_too_long";
/// No address with a port.
pub const BAD_ADDRESS: &str = "bad_address";
/// The owner answered something else than was asked.
pub const BAD_ANSWER: &str = "bad_answer";
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
