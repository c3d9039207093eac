"""Annotations, speakers and proposed codes. `queries.py` decides who may read them."""
