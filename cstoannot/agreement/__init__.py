"""How far the coders agree, how sure that is, and the passages behind each number.

Queries load arrays, `cstoannot.stats` gives numbers, reports name them."""
