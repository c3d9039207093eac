"""Texts and passages: how a text is stored, and its paragraphs, sentences and tokens as spans
of code points."""
