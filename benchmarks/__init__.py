"""Benchmarks: cstoannot beside the tools people use today, on the same work in the same run."""
