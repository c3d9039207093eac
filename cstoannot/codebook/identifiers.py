"""What names a code in addresses and on the keyboard: its slug and its shortcut."""

from django.utils.text import slugify

from cstoannot.core.errors import Invalid

# Keys that the annotate page keeps for commands; no code may take them.
RESERVED_KEYS = frozenset("jkvxz")


def clean_slug(slug: str) -> str:
    """The slug as it is; raises Invalid for what cannot be one."""
    if slug != slugify(slug) or len(slug) > 60:
        raise Invalid("A slug is made of a-z, 0-9 and hyphens.", field="slug")
    return slug


def clean_shortcut(value: str) -> str:
    """The key in lower case, empty for none; raises Invalid for what cannot be one."""
    value = value.strip().lower()
    if not value:
        return ""
    if len(value) != 1 or not value.isalnum():
        raise Invalid("A shortcut is one letter or digit.", field="shortcut")
    if value in RESERVED_KEYS:
        raise Invalid(
            f"The page keeps {', '.join(sorted(RESERVED_KEYS))} for commands: choose another key.",
            field="shortcut",
        )
    return value
