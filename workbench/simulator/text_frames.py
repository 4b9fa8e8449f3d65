"""Text messages as WebSocket frames of a server (RFC 6455, section 5.2): whole, unmasked, uncompressed.

Many messages are written to a socket at once this way; one call for each would cost more than all the rest.
"""

WHOLE_TEXT = 0x81


def text_frames(messages: list[bytes]) -> bytes:
    """The frames of all messages, one after the other; each message is UTF-8."""
    return b"".join([_header(len(message)) + message for message in messages])


def _header(length: int) -> bytes:
    if length < 126:
        return bytes((WHOLE_TEXT, length))
    if length < 65_536:
        return bytes((WHOLE_TEXT, 126)) + length.to_bytes(2, "big")
    return bytes((WHOLE_TEXT, 127)) + length.to_bytes(8, "big")
