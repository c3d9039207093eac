"""Text and passages: storage form, paragraphs, sentences and tokens as spans of code points."""
