"""Numbers with the word for what they count."""


def count_of(number: int, noun: str) -> str:
    """Return text such as "1 source" and "1,200 sources"; for nouns whose plural ends in s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
