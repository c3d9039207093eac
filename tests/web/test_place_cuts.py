from cstoannot.web.agreement.place_presenters import LONGEST, _shorten_stretch


def test_long_stretch_is_cut_between_words():
    words = [f"word{n}" for n in range(40)]
    head, tail = _shorten_stretch(" ".join(words)).split(" … ")
    assert set(head.split()) | set(tail.split()) < set(words)
    assert (head.split()[0], tail.split()[-1]) == (words[0], words[-1])


def test_short_stretch_and_one_without_spaces_keep_their_ends():
    assert _shorten_stretch("a b") == "a b"
    assert _shorten_stretch("x" * (LONGEST + 1)).replace(" … ", "") == "x" * LONGEST
