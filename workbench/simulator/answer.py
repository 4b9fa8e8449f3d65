"""HTTP answers, whole or spoilt."""

from http import HTTPStatus
from typing import Any

import msgspec
from websockets.datastructures import Headers
from websockets.http11 import Response

encode = msgspec.json.Encoder(decimal_format="number").encode


def json_response(document: Any, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Response:
    """Any document; decimals become numbers."""
    return _response(status, encode(document), "application/json; charset=utf-8", headers)


def data_response(data: Any) -> Response:
    """The exchange's envelope around data."""
    return json_response({"data": data, "success": True, "message": None, "code": 0})


def error_response(status: HTTPStatus, message: str, **headers: str) -> Response:
    """The exchange's envelope around an error; its code is the status."""
    return json_response({"success": False, "message": message, "code": int(status)}, status, **headers)


def too_many() -> Response:
    return error_response(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests", Retry_After="1")


def html_response() -> Response:
    """A page where data was asked for, as a gateway shows it during maintenance."""
    page = b"<!DOCTYPE html><html><body><h1>Please wait</h1></body></html>"
    return _response(HTTPStatus.OK, page, "text/html; charset=utf-8", {})


def half(response: Response) -> Response:
    """The same with the second half of the body missing."""
    response.body = response.body[: len(response.body) // 2]
    return response


def _response(status: HTTPStatus, body: bytes, content_type: str, headers: dict[str, str]) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    fields = {"Content-Type": content_type, "Content-Length": str(len(body)), "Connection": "close", **named}
    return Response(status, status.phrase, Headers(fields), body)
