"""The majority layer by its definition, one character at a time."""

from collections import Counter

STANCES = ("", "supports", "mixed", "opposes")


def compute_slow_majority(text, marks, readers, names):
    """Passages of one source and code: (start, end, stance, voice, marked by, ties).

    `marks`: (annotator, start, end, stance, voice) in the order of the text; `names`: of voices, of
    which the first is the author.
    """
    covered = [len({a for a, s, e, *_ in marks if s <= at < e}) for at in range(len(text))]
    over = [2 * count > readers for count in covered]
    found = []
    at = 0
    while at < len(text):
        end = at
        while end < len(text) and over[end]:
            end += 1
        low, high = at, end
        while low < high and text[low].isspace():
            low += 1
        while low < high and text[high - 1].isspace():
            high -= 1
        if low < high:
            found.append((low, high, *count_votes(marks, low, high, names)))
        at = max(end, at + 1)
    return found


def count_votes(marks, low, high, names):
    chosen = {}
    for annotator, start, end, stance, voice in marks:
        common = min(end, high) - max(start, low)
        rank = (-common, start, end)
        if common > 0 and (annotator not in chosen or rank < chosen[annotator][0]):
            chosen[annotator] = (rank, stance, voice)
    stances = list_most([stance for _, stance, _ in chosen.values()])
    sides = [stance for stance in stances if stance]
    stance = "mixed" if len(sides) > 1 else (sides or [""])[0]
    said = [voice for _, _, voice in chosen.values()]
    voices = list_most(said)
    voice = voices[0]
    if len(voices) > 1:
        voice = 0 if 0 in said else min(voices, key=lambda one: names[one])
    return stance, voice, len(chosen), len(stances) > 1, len(voices) > 1


def list_most(values):
    counts = Counter(values)
    return [value for value, count in counts.items() if count == max(counts.values())]
