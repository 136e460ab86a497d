"""Reading the head of a request where waitress is too trusting."""

from copy import copy
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError

LARGEST_UPLOAD = 6 * 1_048_576
"""Bytes of a body with a file to import. What is more than half a megabyte waits on disk, not in memory."""
_UPLOADS = frozenset({"/api/v1/imports", "/console/imports"})


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress carries no types
    """Refuses a head that two readers could understand differently, and one that waitress stumbles over.

    Where files come in, a body may be larger than elsewhere.
    """

    adj: Any
    """Waitress's settings, which say how large a body may be."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head.

        Raises:
            ParsingError: it is no HTTP; or where its body ends is said twice, or in a way that its version does not
                have (RFC 9112, sections 6.1 and 6.3): somebody in front of us may see another request in it.
        """
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # a target such as http://[, or a length of thousands of digits
            raise ParsingError("Start line or length is invalid") from error
        is_coded = self.chunked or "TRANSFER_ENCODING" in self.headers  # left there in HTTP/1.0
        if is_coded and ("CONTENT_LENGTH" in self.headers or self.version != "1.1"):
            raise ParsingError("The length of the body is ambiguous")
        if not (self.chunked or self.content_length):
            self.expect_continue = False  # there is nothing to wait for (RFC 9110, section 10.1.1); waitress would wait
        if self.path in _UPLOADS:
            self.adj = copy(self.adj)
            self.adj.max_request_body_size = LARGEST_UPLOAD
