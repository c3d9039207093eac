"""The log format, which removes the secrets of invitations and of links to results."""

import logging
import re

# URLs of invitations and of links to results.
_SECRET = re.compile(r"(/(?:join|results)/)[^/\s\"'&?#]+")


class RedactingFormatter(logging.Formatter):
    """Removes these secrets from each line of the log."""

    def format(self, record: logging.LogRecord) -> str:
        return _SECRET.sub(r"\1…", super().format(record))
