"""What the sources say on each claim: where they agree, diverge and stay silent.

Queries load what the reader may see as arrays, `cstoannot.stats` counts, reports name it."""
