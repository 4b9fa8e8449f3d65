"""Whether to try again: the one place that decides, for the WebSocket connection."""

import ssl

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

REFUSED_FOR_GOOD = frozenset({400, 401, 404, 405, 410})
"""Answers to the opening request that do not change by asking again."""


def is_worth_another_try(error: Exception) -> bool:
    """True for what passes: networks, restarts, overload, a block for too many attempts. False for what does not.

    A certificate that does not verify, an address that is none and a server that knows no such address are told and end
    the feed; everything not named here is a mistake of ours and must not be hidden by trying again.
    """
    if isinstance(error, ssl.SSLCertVerificationError | InvalidURI):
        return False
    if isinstance(error, InvalidStatus):
        return error.response.status_code not in REFUSED_FOR_GOOD
    return isinstance(error, ConnectionClosed | InvalidHandshake | TimeoutError | OSError | EOFError)
