"""Data that the page embeds as JSON for its scripts."""

from typing import Any

import orjson
from django.utils.safestring import SafeString, mark_safe

# No data can end the script element or begin a comment; in JSON these characters occur only in
# strings.
_ESCAPED = ((b"<", b"\\u003C"), (b">", b"\\u003E"), (b"&", b"\\u0026"))


def render_json_script(name: str, data: Any) -> SafeString:
    """Render data as JSON in a script element with this id, which is read but not run."""
    text = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    for character, escaped in _ESCAPED:
        text = text.replace(character, escaped)
    return mark_safe(f'<script id="{name}" type="application/json">{text.decode()}</script>')
