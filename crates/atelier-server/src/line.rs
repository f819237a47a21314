//! Lines over a stream, with a limit: no peer can make this process hold more than one line of theirs.

use std::io;

use serde::Serialize;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A whole line, without its end.
    Text(Vec<u8>),
    /// The other side closed, perhaps in the middle of a line.
    Closed,
    /// More than `max` bytes and no end of line.
    TooLong,
}

/// The next line of at most `max` bytes.
pub(crate) async fn read(from: &mut (impl AsyncBufRead + Unpin), max: usize) -> io::Result<Line> {
    let mut bytes = Vec::new();
    let most = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    from.take(most).read_until(b'\n', &mut bytes).await?;
    Ok(match bytes.pop() {
        Some(b'\n') => Line::Text(bytes),
        Some(_) if bytes.len() >= max => Line::TooLong,
        _ => Line::Closed,
    })
}

/// Writes a value as one line of at most `max` bytes; whether it was short enough.
pub(crate) async fn write(
    to: &mut (impl AsyncWrite + Unpin),
    value: &impl Serialize,
    max: usize,
) -> io::Result<bool> {
    let mut bytes = serde_json::to_vec(value).map_err(io::Error::other)?;
    if bytes.len() > max {
        return Ok(false);
    }
    bytes.push(b'\n');
    to.write_all(&bytes).await?;
    to.flush().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_whole_closed_or_too_long() {
        let mut from: &[u8] = b"one\n\ntwo\n12345678\ntail";
        assert_eq!(read(&mut from, 8).await.unwrap(), Line::Text(b"one".to_vec()));
        assert_eq!(read(&mut from, 8).await.unwrap(), Line::Text(Vec::new()));
        assert_eq!(read(&mut from, 8).await.unwrap(), Line::Text(b"two".to_vec()));
        assert_eq!(read(&mut from, 8).await.unwrap(), Line::Text(b"12345678".to_vec()));
        assert_eq!(read(&mut from, 8).await.unwrap(), Line::Closed);
        let mut long: &[u8] = b"123456789\n";
        assert_eq!(read(&mut long, 8).await.unwrap(), Line::TooLong);
    }

    #[tokio::test]
    async fn a_value_that_is_too_long_is_not_written_at_all() {
        let mut to = Vec::new();
        assert!(!write(&mut to, &"123456789", 8).await.unwrap());
        assert!(to.is_empty());
        assert!(write(&mut to, &"1234", 8).await.unwrap());
        assert_eq!(to, b"\"1234\"\n");
    }
}
