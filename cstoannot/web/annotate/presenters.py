"""Data that the page embeds as JSON for its scripts."""

from typing import Any

import orjson
from django.utils.safestring import SafeString, mark_safe

# Inside a script element nothing may end it or begin a comment; JSON has these only in strings.
_ESCAPED = ((b"<", b"\\u003C"), (b">", b"\\u003E"), (b"&", b"\\u0026"))


def render_json_script(name: str, data: Any) -> SafeString:
    """The data as JSON in an element of this name, which a script reads and nothing runs."""
    text = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    for character, escaped in _ESCAPED:
        text = text.replace(character, escaped)
    return mark_safe(f'<script id="{name}" type="application/json">{text.decode()}</script>')
