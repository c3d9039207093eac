"""Names explain themselves, and each has one meaning in the whole repository."""

from tests.architecture.figures import one_word_share, reused_class_names, shared_name_share


def test_functions_are_verb_phrases():
    """Percent of module-level functions; a single word needs its module to make a sentence."""
    assert one_word_share() <= 2


def test_functions_have_one_meaning():
    """Percent of module-level functions that share their name with another module's."""
    assert shared_name_share() <= 2


def test_class_names_are_unique():
    assert reused_class_names() == []
