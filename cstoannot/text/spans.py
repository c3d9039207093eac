"""Half-open ranges of code points, ``(start, end)`` with ``start < end``."""

from cstoannot.core.errors import Invalid

Span = tuple[int, int]

_NO_OFFSET = 2**63


def check_span(start: object, end: object, length: int) -> Span:
    """Return the span if it is not empty and lies within a text of ``length`` code points.

    Raises Invalid (``span``), ``field`` being ``start`` or ``end``.
    """
    first, last = _whole("start", start), _whole("end", end)
    if not 0 <= first < length:
        raise _refusal("start", f"start is {first}, but must be from 0 to {length - 1}.")
    if not first < last <= length:
        raise _refusal("end", f"end is {last}, but must be from {first + 1} to {length}.")
    return first, last


def _whole(field: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refusal(field, f"{field} must be a whole number.")
    if abs(value) >= _NO_OFFSET:  # thousands of digits could not even be printed
        raise _refusal(field, f"{field} is no offset of any text.")
    return value


def _refusal(field: str, message: str) -> Invalid:
    return Invalid(message, code="span", field=field)
