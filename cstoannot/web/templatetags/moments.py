"""Dates and times in the reader's time zone, which is named."""

from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.dateformat import format
from django.utils.html import format_html

register = template.Library()


def _render_time_element(at: datetime, pattern: str, zone: str = "") -> str:
    """Render a `<time>` element; its title has the full time with the zone's offset."""
    local = timezone.localtime(at)
    name, offset = timezone.get_current_timezone_name(), local.strftime("%z")
    full = f"{format(local, 'j F Y, H:i')} ({name}, UTC{offset[:3]}:{offset[3:5]})"
    return format_html(
        '<time class="moment" datetime="{}" title="{}">{}{}</time>',
        at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        full,
        format(local, pattern),
        zone,
    )


@register.simple_tag
def moment(at: datetime) -> str:
    """Show date and time with the zone."""
    name = timezone.get_current_timezone_name()
    return _render_time_element(at, "j F Y, H:i", f" {name}" if name == "UTC" else f" ({name})")


@register.simple_tag
def day_of(at: datetime) -> str:
    """Show the date in the reader's zone."""
    return _render_time_element(at, "j F Y")


@register.simple_tag
def clock_of(at: datetime) -> str:
    """Show the time of day."""
    return _render_time_element(at, "H:i")


@register.simple_tag
def zone_note() -> str:
    """Name the zone of a page's dates and times."""
    return f"Times are in {timezone.get_current_timezone_name()}."
