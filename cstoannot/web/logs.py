"""The log format, which removes invitation secrets."""

import logging
import re

# URL of an invitation.
_SECRET = re.compile(r"(/join/)[^/\s\"'&?#]+")


class RedactingFormatter(logging.Formatter):
    """Removes invitation secrets from each line of the log."""

    def format(self, record: logging.LogRecord) -> str:
        return _SECRET.sub(r"\1…", super().format(record))
