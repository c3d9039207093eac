"""What numbers mean: how far coders agree, how sure that is, and where they do not.

Pure: arrays in, frozen dataclasses out, NumPy only; `measuring` is the way in."""
