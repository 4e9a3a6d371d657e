"""Answers as bytes of HTTP. An answer is given as it stands on the wire: names, lists and times as the service's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

QUERY = ("sts", "iam", "sns", "cloudformation")
REST_XML = ("route53", "s3")
STATUS = {200: "OK", 404: "Not Found", 501: "Not Implemented"}


def reply_of(name: str, answer: Mapping[str, Any]) -> bytes:
    """The HTTP response to ``service.Operation``. Keys of ``answer`` in brackets are headers."""
    service, operation = name.split(".")
    headers = {key[1:-1]: str(value) for key, value in answer.items() if key.startswith("[")}
    said = {key: value for key, value in answer.items() if not key.startswith("[")}
    if service in QUERY:
        metadata = {"RequestId": "00000000-0000-4000-8000-000000000000"}
        said = {f"{operation}Response": {f"{operation}Result": said, "ResponseMetadata": metadata}}
    if service in QUERY + REST_XML:
        return http(200, xml(said).encode() if said else b"", "text/xml", headers)
    return http(200, json.dumps(said).encode(), "application/x-amz-json-1.1", headers)


def xml(value: Any) -> str:
    """Mappings as nested elements, lists as repeated ones."""
    if not isinstance(value, Mapping):
        return escape("true" if value is True else "false" if value is False else str(value))
    pairs = [(name, one) for name, many in value.items() for one in (many if isinstance(many, list) else [many])]
    return "".join(f"<{name}>{xml(one)}</{name}>" for name, one in pairs)


def http(status: int, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole response; the connection stays open."""
    lines = [f"HTTP/1.1 {status} {STATUS[status]}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in {"x-amzn-RequestId": "canned", **(headers or {})}.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
