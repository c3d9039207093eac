"""The log format. It removes invitation secrets from each line."""

import logging
import re

# An address that lets its reader into a project.
_SECRET = re.compile(r"(/join/)[^/\s\"'&?#]+")


class RedactingFormatter(logging.Formatter):
    """A line of the log, in which no invitation's secret stands."""

    def format(self, record: logging.LogRecord) -> str:
        return _SECRET.sub(r"\1…", super().format(record))
