"""Statistics: how far coders agree, how sure that is, where they differ, and how actors
compare. Pure: arrays in, frozen dataclasses out, NumPy only. `agreement.engine` is the entry
point for agreement."""
