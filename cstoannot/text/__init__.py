"""What a text and a passage are: how a text is stored, its paragraphs, sentences and tokens as
spans of code points, and how a passage is found again."""
