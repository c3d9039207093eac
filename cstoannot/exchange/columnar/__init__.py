"""The fast path of exports: annotations are read, kept and written by column, without a Python
object for each value. Only exports use it."""
